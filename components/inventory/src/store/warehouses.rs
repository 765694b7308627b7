//! Sellers' warehouses.

use stoa_kit::http::Idempotency;
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::params::{Versioned, maybe_int, maybe_text, no_row, text, uuid};
use crate::DB;

/// What to change of a warehouse.
#[derive(Debug)]
pub struct Change {
    pub name: Option<String>,
    pub priority: Option<i32>,
    pub active: Option<bool>,
}

/// A seller's warehouses, as a JSON array.
pub async fn list(seller: Uuid) -> Result<String, DbError> {
    DB.read_one("SELECT inventory.warehouses_v1($1)", vec![uuid(seller)])
        .await?
        .ok_or_else(no_row)?
        .get(0)
}

/// Makes a warehouse.
pub async fn create(
    seller: Uuid,
    idempotency: &Idempotency,
    name: &str,
    priority: i32,
) -> Result<Option<Row>, DbError> {
    let [key, hash, reference] = idempotency.params();
    DB.write_one(
        "SELECT * FROM inventory.create_warehouse_v1($1, $2, $3, $4, $5, $6)",
        vec![
            uuid(seller),
            key,
            hash,
            reference,
            text(name),
            ParameterValue::Int32(priority),
        ],
    )
    .await
}

/// Changes a warehouse that is at this version.
pub async fn change(
    seller: Uuid,
    id: Uuid,
    version: i64,
    trace: Option<String>,
    change: Change,
) -> Result<Versioned, DbError> {
    Versioned::read(
        DB.write_one(
            "SELECT * FROM inventory.change_warehouse_v1($1, $2, $3, $4, $5, $6, $7)",
            vec![
                uuid(seller),
                uuid(id),
                ParameterValue::Int64(version),
                maybe_text(trace),
                maybe_text(change.name),
                maybe_int(change.priority),
                change
                    .active
                    .map_or(ParameterValue::DbNull, ParameterValue::Boolean),
            ],
        )
        .await?,
    )
}
