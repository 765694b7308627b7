//! The audit log.

use serde::{Deserialize, Serialize};
use stoa_kit::http::Page;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::{optional, optional_uuid, some, uuid};
use crate::DB;

/// A position in the log.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The entry's number.
    pub entry: i64,
}

/// A page of the log: a JSON array, and where the next one begins.
#[derive(Debug)]
pub struct Entries {
    pub json: String,
    /// `None` on the last page.
    pub next: Option<Position>,
}

/// Reads the log, which notes that `reader` did.
pub async fn page(
    reader: Uuid,
    account: Option<Uuid>,
    action: Option<String>,
    page: &Page<Position>,
) -> Result<Entries, DbError> {
    let row = DB
        .write_one(
            "SELECT * FROM account.audit_page_v1($1, $2, $3, $4, $5)",
            vec![
                uuid(reader),
                optional_uuid(account),
                optional(action),
                page.after.map_or(ParameterValue::DbNull, |position| {
                    ParameterValue::Int64(position.entry)
                }),
                ParameterValue::Int32(page.limit),
            ],
        )
        .await?;
    let row = some(row)?;
    Ok(Entries {
        json: row.get(0)?,
        next: row.get::<Option<i64>>(1)?.map(|entry| Position { entry }),
    })
}
