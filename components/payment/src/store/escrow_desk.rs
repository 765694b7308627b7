//! Escrows and refunds as people and staff see them, and what staff decide about them.

use serde::Serialize;
use stoa_kit::http::{Idempotency, Page};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::items::{Items, items};
use super::keyed::keyed;
use super::params::{jsonb, maybe_text, maybe_uuid, some, text, uuid};
use crate::DB;

/// An order's escrow as JSON, for its buyer, its seller or staff.
pub async fn escrow(caller: Uuid, staff: bool, order: Uuid) -> Result<Option<String>, DbError> {
    let row = DB
        .read_one(
            "SELECT payment.escrow_v1($1, $2, $3)",
            vec![uuid(caller), ParameterValue::Boolean(staff), uuid(order)],
        )
        .await?;
    some(row)?.get(0)
}

/// A refund as JSON, for who gets it or for staff.
pub async fn refund(caller: Uuid, staff: bool, id: Uuid) -> Result<Option<String>, DbError> {
    let row = DB
        .read_one(
            "SELECT payment.refund_for_v1($1, $2, $3)",
            vec![uuid(caller), ParameterValue::Boolean(staff), uuid(id)],
        )
        .await?;
    some(row)?.get(0)
}

/// What somebody got back, newest first.
pub async fn refunds(payer: Uuid, page: &Page) -> Result<Items<Uuid>, DbError> {
    items(
        "SELECT * FROM payment.refunds_page_v1($1, $2, $3)",
        vec![
            uuid(payer),
            maybe_uuid(page.after),
            ParameterValue::Int32(page.limit),
        ],
    )
    .await
}

/// A part of an order to be refunded.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Line {
    /// Its position in the order, from 1.
    pub line: i32,
    /// Minor units.
    pub amount: i64,
}

/// What staff give back of an order.
#[derive(Debug)]
pub struct Asked<'a> {
    pub order: Uuid,
    /// Instead of lines.
    pub amount: Option<i64>,
    pub lines: &'a [Line],
    pub destination: &'a str,
    pub reason: &'a str,
}

/// Refunds it: status, body and whether the key had done it before.
pub async fn give_back(
    actor: Uuid,
    idempotency: &Idempotency,
    trace: Option<String>,
    asked: &Asked<'_>,
) -> Result<Option<Row>, DbError> {
    keyed(
        "SELECT * FROM payment.staff_refund_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        actor,
        idempotency,
        [
            maybe_text(trace),
            uuid(asked.order),
            asked
                .amount
                .map_or(ParameterValue::DbNull, ParameterValue::Int64),
            jsonb(&asked.lines)?,
            text(asked.destination),
            text(asked.reason),
        ],
    )
    .await
}

/// Pays a seller all the same although the money was taken back, now or when the order is complete:
/// status, body and whether the key had done it before.
pub async fn thaw(
    actor: Uuid,
    idempotency: &Idempotency,
    trace: Option<String>,
    order: Uuid,
    reason: &str,
) -> Result<Option<Row>, DbError> {
    keyed(
        "SELECT * FROM payment.thaw_escrow_v1($1, $2, $3, $4, $5, $6, $7)",
        actor,
        idempotency,
        [maybe_text(trace), uuid(order), text(reason)],
    )
    .await
}
