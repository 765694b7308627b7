//! Reservations. Every call may be repeated: the functions are idempotent by checkout and order.

use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use crate::DB;
use crate::domain::reservation::{Group, Outcome};

/// Reserves all groups or none, for `ttl_s` seconds.
pub async fn reserve(checkout: Uuid, groups: &[Group], ttl_s: u32) -> Result<Outcome, DbError> {
    let groups = serde_json::to_vec(groups).map_err(|e| DbError::Shape(e.to_string()))?;
    let ttl_s = i32::try_from(ttl_s).unwrap_or(i32::MAX);
    outcome(
        "SELECT inventory.reserve_v1($1, $2, $3)",
        vec![
            ParameterValue::Uuid(checkout.to_string()),
            ParameterValue::Jsonb(groups),
            ParameterValue::Int32(ttl_s),
        ],
    )
    .await
}

/// Sells what was reserved.
pub async fn sell(orders: &[Uuid]) -> Result<Outcome, DbError> {
    outcome(
        "SELECT inventory.commit_v1($1::text[]::uuid[])",
        vec![ids(orders)],
    )
    .await
}

/// Gives back what was reserved.
pub async fn release(orders: &[Uuid], reason: String) -> Result<Outcome, DbError> {
    outcome(
        "SELECT inventory.release_v1($1::text[]::uuid[], $2)",
        vec![ids(orders), ParameterValue::Str(reason)],
    )
    .await
}

/// Gives back what was reserved or sold.
pub async fn restock(orders: &[Uuid], reason: String) -> Result<Outcome, DbError> {
    outcome(
        "SELECT inventory.restock_v1($1::text[]::uuid[], $2)",
        vec![ids(orders), ParameterValue::Str(reason)],
    )
    .await
}

async fn outcome(sql: &'static str, params: Vec<ParameterValue>) -> Result<Outcome, DbError> {
    let text: String = DB
        .write_one(sql, params)
        .await?
        .ok_or_else(|| DbError::Shape("the statement returned no row".into()))?
        .get(0)?;
    serde_json::from_str(&text).map_err(|e| DbError::Shape(e.to_string()))
}

fn ids(orders: &[Uuid]) -> ParameterValue {
    ParameterValue::ArrayStr(orders.iter().map(|id| Some(id.to_string())).collect())
}
