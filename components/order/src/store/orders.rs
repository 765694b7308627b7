//! Orders, from their buyers' and their sellers' side.

use chrono::NaiveDateTime;
use serde::Serialize;
use stoa_kit::http::{Idempotency, Page};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::{jsonb, optional, some, text, uuid};
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

/// Which orders of a list.
#[derive(Debug, Default)]
pub struct Filter {
    pub status: Option<OrderStatus>,
    /// Words, or an order's id.
    pub query: Option<String>,
    /// Placed then or later, in UTC.
    pub from: Option<NaiveDateTime>,
    /// Placed before, in UTC.
    pub to: Option<NaiveDateTime>,
}

/// An account's orders on one side.
pub async fn page(
    side: Side,
    account: Uuid,
    filter: Filter,
    page: &Page,
) -> Result<Items, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM \"order\".orders_page_v1($1, $2, $3, $4, $5::text::timestamp, $6::text::timestamp, $7, $8)",
            vec![
                text(side.as_str()),
                uuid(account),
                optional(filter.status.map(OrderStatus::as_str)),
                optional(filter.query),
                optional(filter.from.map(timestamp)),
                optional(filter.to.map(timestamp)),
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

/// As Postgres reads it, to the microsecond.
fn timestamp(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// How many sales of each state a seller has, as JSON.
pub async fn summary(seller: Uuid) -> Result<String, DbError> {
    let row = DB
        .read_one("SELECT \"order\".sales_summary_v1($1)", vec![uuid(seller)])
        .await?;
    some(row)?.get(0)
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

/// Who carries an order, in the seller's words.
#[derive(Debug, Clone, Serialize)]
pub struct Shipment {
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
}

/// What somebody does with an order.
#[derive(Debug, Clone)]
pub struct Move {
    pub actor: Uuid,
    pub side: Side,
    pub order: Uuid,
    pub action: Action,
    /// Of what ends the order.
    pub reason: Option<String>,
    /// Of what is shipped.
    pub shipment: Option<Shipment>,
}

/// Moves an order: status, body and whether the key had done it before.
pub async fn transition(
    what: &Move,
    idempotency: &Idempotency,
    trace: Option<String>,
) -> Result<Option<Row>, DbError> {
    let [key, hash, reference] = idempotency.params();
    let shipment = match &what.shipment {
        Some(shipment) => jsonb(shipment)?,
        None => ParameterValue::DbNull,
    };
    DB.write_one(
        "SELECT * FROM \"order\".move_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
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
            shipment,
        ],
    )
    .await
}

/// Confirms several of a seller's orders: status, body and whether the key had done it before.
pub async fn confirm_many(
    seller: Uuid,
    orders: &[Uuid],
    idempotency: &Idempotency,
    trace: Option<String>,
) -> Result<Option<Row>, DbError> {
    let [key, hash, reference] = idempotency.params();
    let orders = orders.iter().map(|id| Some(id.to_string())).collect();
    DB.write_one(
        "SELECT * FROM \"order\".confirm_many_v1($1, $2, $3, $4, $5, $6::text[]::uuid[])",
        vec![
            uuid(seller),
            key,
            hash,
            reference,
            optional(trace),
            ParameterValue::ArrayStr(orders),
        ],
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_to_postgres_with_four_digits_of_a_year() {
        let at = |text: &str| timestamp(text.parse().expect("a time"));
        assert_eq!(at("0001-02-03T04:05:06"), "0001-02-03T04:05:06.000000");
        assert_eq!(
            at("2026-12-31T23:59:60.123456789"),
            "2026-12-31T23:59:60.123456"
        );
    }
}
