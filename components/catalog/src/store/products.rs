//! Statements about products.

use serde::Serialize;
use stoa_kit::Result;
use stoa_kit::http::Idempotency;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::params::{Actor, Posted, Written, jsonb, maybe_text, maybe_uuid, posted_by, text, uuid};
use crate::DB;
use crate::domain::cached_page::Reader;
use crate::domain::status::{ProductStatus, Transition};

/// A product as Postgres has it now.
#[derive(Debug)]
pub struct PageRow {
    pub version: i64,
    /// Whether anybody may see it.
    pub public: bool,
    /// The page; `None` when this reader may not see it.
    pub body: Option<String>,
    pub seller: Uuid,
    /// Whether the version may have been written within the last moments.
    pub recent: bool,
}

/// A product's page for a reader; `None` when there never was such a product.
pub async fn page(id: Uuid, reader: &Reader) -> Result<Option<PageRow>> {
    let params = vec![
        uuid(id),
        maybe_uuid(reader.account),
        ParameterValue::Boolean(reader.moderator),
    ];
    let row = DB
        .read_one("SELECT * FROM catalog.product_page_v1($1, $2, $3)", params)
        .await?;
    row.map(|row| {
        Ok(PageRow {
            version: row.get(0)?,
            public: row.get(1)?,
            body: row.get(2)?,
            seller: row.get(3)?,
            recent: row.get(4)?,
        })
    })
    .transpose()
}

/// What to list.
#[derive(Debug)]
pub struct Filter {
    pub seller: Option<Uuid>,
    /// With everything below it.
    pub category: Option<Uuid>,
    /// `None` is every state; for lists of one seller only.
    pub status: Option<ProductStatus>,
}

/// Products, newest first, as a JSON array, and where the next page begins.
pub async fn list(
    filter: &Filter,
    after: Option<Uuid>,
    limit: i32,
) -> Result<(String, Option<Uuid>)> {
    let params = vec![
        maybe_uuid(filter.seller),
        maybe_uuid(filter.category),
        maybe_text(filter.status.map(ProductStatus::as_str)),
        maybe_uuid(after),
        ParameterValue::Int32(limit),
    ];
    let row = DB
        .read_one(
            "SELECT * FROM catalog.list_products_v1($1, $2, $3, $4, $5)",
            params,
        )
        .await?;
    let row = row.ok_or_else(|| DbError::Shape("no row".into()))?;
    Ok((row.get(0)?, row.get(1)?))
}

/// Creates a product, described in JSON as `create_product_v1` reads it.
pub async fn create<T: Serialize>(
    actor: &Actor,
    idem: &Idempotency,
    product: &T,
) -> Result<Posted> {
    let mut params = posted_by(actor, idem);
    params.push(jsonb(product)?);
    Posted::read(
        DB.write_one(
            "SELECT * FROM catalog.create_product_v1($1, $2, $3, $4, $5, $6)",
            params,
        )
        .await?,
    )
}

/// Changes the fields that `patch` has.
pub async fn change<T: Serialize>(
    actor: &Actor,
    id: Uuid,
    version: i64,
    patch: &T,
) -> Result<Written> {
    let params = vec![
        uuid(actor.account),
        uuid(id),
        ParameterValue::Int64(version),
        maybe_text(actor.traceparent.clone()),
        jsonb(patch)?,
    ];
    Written::read(
        DB.write_one(
            "SELECT * FROM catalog.change_product_v1($1, $2, $3, $4, $5)",
            params,
        )
        .await?,
    )
}

/// Deletes a product; answers its last version.
pub async fn delete(actor: &Actor, id: Uuid, version: i64) -> Result<i64> {
    let params = vec![
        uuid(actor.account),
        uuid(id),
        ParameterValue::Int64(version),
        maybe_text(actor.traceparent.clone()),
    ];
    let row = DB
        .write_one("SELECT catalog.delete_product_v1($1, $2, $3, $4)", params)
        .await?;
    let row = row.ok_or_else(|| DbError::Shape("no row".into()))?;
    Ok(row.get(0)?)
}

/// Moves a product to another state, at a version if one is given.
pub async fn change_status(
    actor: &Actor,
    idem: &Idempotency,
    id: Uuid,
    version: Option<i64>,
    transition: Transition,
    reason: Option<&str>,
) -> Result<Posted> {
    let mut params = posted_by(actor, idem);
    params.extend([
        uuid(id),
        ParameterValue::Boolean(transition.is_moderators()),
        version.map_or(ParameterValue::DbNull, ParameterValue::Int64),
        ParameterValue::ArrayStr(
            transition
                .from()
                .iter()
                .map(|s| Some(s.as_str().to_owned()))
                .collect(),
        ),
        text(transition.to().as_str()),
        maybe_text(reason),
    ]);
    let row = DB
        .write_one(
            "SELECT * FROM catalog.change_status_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            params,
        )
        .await?;
    Posted::read(row)
}
