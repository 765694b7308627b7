//! Promotions as their owners keep them.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::Value;
use stoa_kit::http::{Idempotency, Page};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::params::{no_row, text, uuid};
use crate::DB;

/// Who asks. The platform's promotions belong to its staff.
#[derive(Debug)]
pub struct Owner {
    pub account: Uuid,
    pub staff: bool,
    pub traceparent: Option<String>,
}

/// A JSON text as Postgres wrote it, and the business time at which it did.
#[derive(Debug)]
pub struct Seen {
    pub json: String,
    pub now: DateTime<Utc>,
}

/// A promotion at a version.
#[derive(Debug)]
pub struct Versioned {
    pub version: i64,
    pub seen: Seen,
}

/// What came of a request to make one.
#[derive(Debug)]
pub struct Created {
    pub status: i32,
    pub seen: Seen,
    /// The answer of the first request with the same key.
    pub replayed: bool,
}

/// A page of promotions.
#[derive(Debug)]
pub struct Items {
    pub seen: Seen,
    /// `None` on the last page.
    pub next: Option<Uuid>,
}

/// Makes a promotion; without an owner it is the platform's.
pub async fn create(
    by: &Owner,
    idempotency: &Idempotency,
    owner: Option<Uuid>,
    new: &Value,
) -> Result<Created, DbError> {
    let [key, hash, reference] = idempotency.params();
    let row = DB
        .write_one(
            "SELECT * FROM promotion.create_v1($1, $2, $3, $4, $5, $6, $7)",
            vec![
                uuid(by.account),
                key,
                hash,
                reference,
                maybe_text(by.traceparent.as_deref()),
                maybe_uuid(owner),
                jsonb(new),
            ],
        )
        .await?
        .ok_or_else(no_row)?;
    Ok(Created {
        status: row.get(0)?,
        seen: seen(&row, 1, 3)?,
        replayed: row.get(2)?,
    })
}

/// A promotion, for those who may change it.
pub async fn read(by: &Owner, id: Uuid) -> Result<Option<Versioned>, DbError> {
    DB.read_one(
        "SELECT * FROM promotion.promotion_v1($1, $2, $3)",
        vec![
            uuid(by.account),
            ParameterValue::Boolean(by.staff),
            uuid(id),
        ],
    )
    .await?
    .map(|row| versioned(&row))
    .transpose()
}

/// Makes of a promotion that is at this version what `new` says in whole.
pub async fn change(by: &Owner, id: Uuid, version: i64, new: &Value) -> Result<Versioned, DbError> {
    let row = DB
        .write_one(
            "SELECT * FROM promotion.change_v1($1, $2, $3, $4, $5, $6)",
            vec![
                uuid(by.account),
                ParameterValue::Boolean(by.staff),
                uuid(id),
                ParameterValue::Int64(version),
                maybe_text(by.traceparent.as_deref()),
                jsonb(new),
            ],
        )
        .await?
        .ok_or_else(no_row)?;
    versioned(&row)
}

/// Deletes a promotion that is at this version.
pub async fn delete(by: &Owner, id: Uuid, version: i64) -> Result<(), DbError> {
    DB.write_one(
        "SELECT promotion.delete_v1($1, $2, $3, $4, $5)",
        vec![
            uuid(by.account),
            ParameterValue::Boolean(by.staff),
            uuid(id),
            ParameterValue::Int64(version),
            maybe_text(by.traceparent.as_deref()),
        ],
    )
    .await?;
    Ok(())
}

/// Promotions of an owner, or of the platform without one, newest first; or the one with a code.
pub async fn page(owner: Option<Uuid>, code: Option<&str>, page: &Page) -> Result<Items, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM promotion.promotions_page_v1($1, $2, $3, $4)",
            vec![
                maybe_uuid(owner),
                maybe_text(code),
                maybe_uuid(page.after),
                ParameterValue::Int32(page.limit),
            ],
        )
        .await?
        .ok_or_else(no_row)?;
    Ok(Items {
        seen: seen(&row, 0, 2)?,
        next: row.get(1)?,
    })
}

/// Automatic promotions that have begun and are not over: the platform's, and a seller's.
pub async fn active(seller: Option<Uuid>, currency: Option<&str>) -> Result<Seen, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM promotion.active_v1($1, $2)",
            vec![maybe_uuid(seller), maybe_text(currency)],
        )
        .await?
        .ok_or_else(no_row)?;
    seen(&row, 0, 1)
}

/// How much of a promotion is held, spent and left, for those who may change it.
pub async fn usage(by: &Owner, id: Uuid) -> Result<Option<String>, DbError> {
    DB.read_one(
        "SELECT promotion.usage_v1($1, $2, $3)",
        vec![
            uuid(by.account),
            ParameterValue::Boolean(by.staff),
            uuid(id),
        ],
    )
    .await?
    .ok_or_else(no_row)?
    .get(0)
}

fn versioned(row: &Row) -> Result<Versioned, DbError> {
    Ok(Versioned {
        version: row.get(0)?,
        seen: seen(row, 1, 2)?,
    })
}

fn seen(row: &Row, json: usize, now: usize) -> Result<Seen, DbError> {
    let now: NaiveDateTime = row.get(now)?;
    Ok(Seen {
        json: row.get(json)?,
        now: now.and_utc(),
    })
}

fn jsonb(value: &Value) -> ParameterValue {
    ParameterValue::Jsonb(value.to_string().into_bytes())
}

fn maybe_uuid(value: Option<Uuid>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, uuid)
}

fn maybe_text(value: Option<&str>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, text)
}
