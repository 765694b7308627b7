//! Statements about categories.

use stoa_kit::Result;
use stoa_kit::http::{Answer, Idempotency};
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::params::{Actor, Written, maybe_text, maybe_uuid, posted_by, text, uuid};
use crate::DB;

/// The whole tree as a JSON array.
pub async fn list() -> Result<String> {
    let row = DB
        .read_one("SELECT catalog.categories_v1()", Vec::new())
        .await?;
    let row = row.ok_or_else(|| DbError::Shape("no row".into()))?;
    Ok(row.get(0)?)
}

/// Makes a category.
pub async fn create(
    actor: &Actor,
    idem: &Idempotency,
    parent: Option<Uuid>,
    slug: &str,
    name: &str,
    position: i32,
) -> Result<Answer> {
    let mut params = posted_by(actor, idem);
    params.extend([
        maybe_uuid(parent),
        text(slug),
        text(name),
        ParameterValue::Int32(position),
    ]);
    let row = DB
        .write_one(
            "SELECT * FROM catalog.create_category_v1($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            params,
        )
        .await?;
    Answer::from_write(row)
}

/// Changes a category's name or position.
pub async fn change(
    id: Uuid,
    version: i64,
    name: Option<&str>,
    position: Option<i32>,
) -> Result<Written> {
    let params = vec![
        uuid(id),
        ParameterValue::Int64(version),
        maybe_text(name),
        position.map_or(ParameterValue::DbNull, ParameterValue::Int32),
    ];
    Written::read(
        DB.write_one(
            "SELECT * FROM catalog.change_category_v1($1, $2, $3, $4)",
            params,
        )
        .await?,
    )
}
