//! Orders, from their buyers' and their sellers' side.

use stoa_kit::http::{Idempotency, Page};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::{optional, some, text, uuid};
use crate::DB;
use crate::domain::order_state::{Action, OrderStatus, Side};

/// A page of a list: a JSON array, and the id after which the next page begins.
#[derive(Debug)]
pub struct Items {
    /// A JSON array, as Postgres wrote it.
    pub json: String,
    /// `None` on the last page.
    pub next: Option<Uuid>,
}

/// A JSON document that has a version.
#[derive(Debug)]
pub struct Versioned {
    /// The document, as Postgres wrote it.
    pub json: String,
    /// Its version, the ETag.
    pub version: i64,
}

/// An account's orders on one side.
pub async fn page(
    side: Side,
    account: Uuid,
    status: Option<OrderStatus>,
    page: &Page,
) -> Result<Items, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM \"order\".orders_page_v1($1, $2, $3, $4, $5)",
            vec![
                text(side.as_str()),
                uuid(account),
                optional(status.map(OrderStatus::as_str)),
                page.after.map_or(ParameterValue::DbNull, uuid),
                ParameterValue::Int32(page.limit),
            ],
        )
        .await?;
    let row = some(row)?;
    Ok(Items {
        json: row.get(0)?,
        next: row.get(1)?,
    })
}

/// One of an account's orders on one side.
pub async fn read(side: Side, account: Uuid, order: Uuid) -> Result<Option<Versioned>, DbError> {
    DB.read_one(
        "SELECT * FROM \"order\".order_v1($1, $2, $3)",
        vec![text(side.as_str()), uuid(account), uuid(order)],
    )
    .await?
    .map(|row| {
        Ok(Versioned {
            json: row.get(0)?,
            version: row.get(1)?,
        })
    })
    .transpose()
}

/// What somebody does with an order.
#[derive(Debug, Clone)]
pub struct Move {
    pub actor: Uuid,
    pub side: Side,
    pub order: Uuid,
    pub action: Action,
    pub reason: Option<String>,
}

/// Moves an order: status, body and whether the key had done it before.
pub async fn transition(
    what: &Move,
    idempotency: &Idempotency,
    trace: Option<String>,
) -> Result<Option<Row>, DbError> {
    let [key, hash, reference] = idempotency.params();
    DB.write_one(
        "SELECT * FROM \"order\".move_v1($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vec![
            uuid(what.actor),
            key,
            hash,
            reference,
            optional(trace),
            text(what.side.as_str()),
            uuid(what.order),
            text(what.action.as_str()),
            optional(what.reason.as_deref()),
        ],
    )
    .await
}
