//! Sellers' stock: counted, corrected, moved, read.

use serde::{Deserialize, Serialize};
use stoa_kit::http::Page;
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::params::{Items, Posted, maybe_text, maybe_uuid, no_row, text, uuid};
use crate::DB;

/// A position in the ledger.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerPosition {
    /// The movement that the page before ended with.
    pub movement: i64,
}

/// Puts units on the shelf of a warehouse, or else of `main`; `lines` is JSON, see `import_v1`.
pub async fn import(
    posted: &Posted<'_>,
    warehouse: Option<Uuid>,
    lines: Vec<u8>,
    reason: Option<String>,
) -> Result<Option<Row>, DbError> {
    DB.write_one(
        "SELECT * FROM inventory.import_v1($1, $2, $3, $4, $5, $6, $7, $8)",
        posted.with([
            maybe_uuid(warehouse),
            ParameterValue::Jsonb(lines),
            maybe_text(reason),
        ]),
    )
    .await
}

/// Corrects a count by `delta`.
pub async fn adjust(
    posted: &Posted<'_>,
    warehouse: Option<Uuid>,
    variant: Uuid,
    delta: i32,
    reason: &str,
) -> Result<Option<Row>, DbError> {
    DB.write_one(
        "SELECT * FROM inventory.adjust_v1($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        posted.with([
            maybe_uuid(warehouse),
            uuid(variant),
            ParameterValue::Int32(delta),
            text(reason),
        ]),
    )
    .await
}

/// Moves units between warehouses; `lines` is JSON, see `transfer_v1`.
pub async fn transfer(
    posted: &Posted<'_>,
    from: Uuid,
    to: Uuid,
    lines: Vec<u8>,
    reason: Option<String>,
) -> Result<Option<Row>, DbError> {
    DB.write_one(
        "SELECT * FROM inventory.transfer_v1($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        posted.with([
            uuid(from),
            uuid(to),
            ParameterValue::Jsonb(lines),
            maybe_text(reason),
        ]),
    )
    .await
}

/// A seller's balances.
pub async fn balances(seller: Uuid, page: &Page) -> Result<Items<Uuid>, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM inventory.balances_page_v1($1, $2, $3)",
            vec![
                uuid(seller),
                maybe_uuid(page.after),
                ParameterValue::Int32(page.limit),
            ],
        )
        .await?
        .ok_or_else(no_row)?;
    Ok(Items {
        json: row.get(0)?,
        next: row.get(1)?,
    })
}

/// What a seller has of a variant, as JSON. `None`: never any.
pub async fn balance(seller: Uuid, variant: Uuid) -> Result<Option<String>, DbError> {
    let row = DB
        .read_one(
            "SELECT inventory.balance_v1($1, $2)::text",
            vec![uuid(seller), uuid(variant)],
        )
        .await?;
    row.map_or(Ok(None), |row| row.get(0))
}

/// The ledger of a seller's variant. `None`: the seller never had any of it.
pub async fn movements(
    seller: Uuid,
    variant: Uuid,
    page: &Page<LedgerPosition>,
) -> Result<Option<Items<LedgerPosition>>, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM inventory.movements_page_v1($1, $2, $3, $4)",
            vec![
                uuid(seller),
                uuid(variant),
                page.after.map_or(ParameterValue::DbNull, |at| {
                    ParameterValue::Int64(at.movement)
                }),
                ParameterValue::Int32(page.limit),
            ],
        )
        .await?;
    row.map(|row| {
        let next: Option<i64> = row.get(1)?;
        Ok(Items {
            json: row.get(0)?,
            next: next.map(|movement| LedgerPosition { movement }),
        })
    })
    .transpose()
}

/// What can be sold of each variant, as JSON.
pub async fn availability(variants: &[Uuid]) -> Result<String, DbError> {
    let ids = variants.iter().map(|id| Some(id.to_string())).collect();
    DB.read_one(
        "SELECT inventory.availability_v1($1::text[]::uuid[])",
        vec![ParameterValue::ArrayStr(ids)],
    )
    .await?
    .ok_or_else(no_row)?
    .get(0)
}
