//! Sellers' stock: counted, corrected, read.

use serde::{Deserialize, Serialize};
use stoa_kit::http::{Idempotency, Page};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use crate::DB;

/// A page of a list: a JSON array, and where the next page begins.
#[derive(Debug)]
pub struct Items<K> {
    /// A JSON array, as Postgres wrote it.
    pub json: String,
    /// `None` on the last page.
    pub next: Option<K>,
}

/// A position in the ledger.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerPosition {
    /// The movement that the page before ended with.
    pub movement: i64,
}

/// Puts units on the shelf; `lines` is a JSON array of `variant_id` and `quantity`.
pub async fn import(
    seller: Uuid,
    idempotency: &Idempotency,
    trace: Option<String>,
    lines: Vec<u8>,
    reason: Option<String>,
) -> Result<Option<Row>, DbError> {
    let [key, hash, reference] = idempotency.params();
    DB.write_one(
        "SELECT * FROM inventory.import_v1($1, $2, $3, $4, $5, $6, $7)",
        vec![
            uuid(seller),
            key,
            hash,
            reference,
            optional(trace),
            ParameterValue::Jsonb(lines),
            optional(reason),
        ],
    )
    .await
}

/// Corrects a count by `delta`.
pub async fn adjust(
    seller: Uuid,
    idempotency: &Idempotency,
    trace: Option<String>,
    variant: Uuid,
    delta: i32,
    reason: String,
) -> Result<Option<Row>, DbError> {
    let [key, hash, reference] = idempotency.params();
    DB.write_one(
        "SELECT * FROM inventory.adjust_v1($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            uuid(seller),
            key,
            hash,
            reference,
            optional(trace),
            uuid(variant),
            ParameterValue::Int32(delta),
            ParameterValue::Str(reason),
        ],
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
                page.after.map_or(ParameterValue::DbNull, uuid),
                ParameterValue::Int32(page.limit),
            ],
        )
        .await?
        .ok_or_else(|| DbError::Shape("the statement returned no row".into()))?;
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
    .ok_or_else(|| DbError::Shape("the statement returned no row".into()))?
    .get(0)
}

fn uuid(value: Uuid) -> ParameterValue {
    ParameterValue::Uuid(value.to_string())
}

fn optional(value: Option<String>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, ParameterValue::Str)
}
