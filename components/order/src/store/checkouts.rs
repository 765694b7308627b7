//! Checkouts, as requests begin, read and cancel them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use stoa_kit::http::{Idempotency, Page};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::orders::Items;
use super::{json, jsonb, optional, some, text, uuid};
use crate::DB;
use crate::domain::checkout::Wanted;

/// How a request to check out begins.
#[derive(Debug)]
pub enum Begun {
    /// With a new workflow, which the request holds.
    New(New),
    /// With one that was left half-way: the run as the engine reads it.
    Left { checkout: Uuid, run: String },
    /// There is nothing to run: how the checkout stands.
    Known(Standing),
}

/// A new workflow.
#[derive(Debug)]
pub struct New {
    pub checkout: Uuid,
    /// Business time.
    pub begun_at: DateTime<Utc>,
    /// What is selected in the cart, of a checkout of the cart.
    pub lines: Option<Vec<Wanted>>,
}

/// How a checkout stands.
#[derive(Debug)]
pub struct Standing {
    pub checkout: Uuid,
    /// 201 placed, 202 while something is still to happen, 200 when it came to nothing.
    pub status: u16,
    /// As JSON.
    pub body: String,
}

/// Claims the key of a checkout and starts its workflow. May be repeated: it knows its own reference
/// again.
pub async fn begin<I: Serialize>(
    buyer: Uuid,
    idempotency: &Idempotency,
    trace: Option<&str>,
    input: &I,
) -> Result<Begun, DbError> {
    let [key, hash, reference] = idempotency.params();
    let row = DB
        .write_one(
            "SELECT status, body, checkout_id, begun_at, lines, run FROM \"order\".begin_checkout_v1($1, $2, $3, $4, $5, $6)",
            vec![uuid(buyer), key, hash, reference, optional(trace), jsonb(input)?],
        )
        .await?;
    let row = some(row)?;
    let checkout: Uuid = row.get(2)?;
    if let Some(status) = row.get(0)? {
        return standing(checkout, status, row.get(1)?).map(Begun::Known);
    }
    if let Some(run) = row.get(5)? {
        return Ok(Begun::Left { checkout, run });
    }
    let begun_at: String = row.get(3)?;
    let lines: Option<String> = row.get(4)?;
    Ok(Begun::New(New {
        checkout,
        begun_at: begun_at
            .parse()
            .map_err(|e| DbError::Shape(format!("{begun_at}: {e}")))?,
        lines: lines.as_deref().map(json).transpose()?,
    }))
}

/// Forgets a checkout that was refused before anything was noted, with its key. False when somebody
/// else has it.
pub async fn abandon(buyer: Uuid, key: &str, checkout: Uuid) -> Result<bool, DbError> {
    let row = DB
        .patient()
        .write_one(
            "SELECT \"order\".abandon_checkout_v1($1, $2, $3, 1)",
            vec![uuid(buyer), text(key), uuid(checkout)],
        )
        .await?;
    some(row)?.get(0)
}

/// How a checkout of this buyer stands.
pub async fn read(buyer: Uuid, checkout: Uuid) -> Result<Option<Standing>, DbError> {
    let row = DB
        .read_one(
            "SELECT status, body FROM \"order\".checkout_answer_v1($1, $2)",
            vec![uuid(buyer), uuid(checkout)],
        )
        .await?;
    row.map(|row| standing(checkout, row.get(0)?, row.get(1)?))
        .transpose()
}

/// A page of a buyer's checkouts.
pub async fn page(buyer: Uuid, status: Option<&str>, page: &Page) -> Result<Items, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM \"order\".checkouts_page_v1($1, $2, $3, $4)",
            vec![
                uuid(buyer),
                optional(status),
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

/// Tells a checkout's workflow that its buyer does not want it any more: a run to go on with, if
/// nobody else has it.
pub async fn cancel(
    buyer: Uuid,
    idempotency: &Idempotency,
    checkout: Uuid,
    reason: Option<&str>,
) -> Result<Option<String>, DbError> {
    let [key, hash, reference] = idempotency.params();
    let row: Option<Row> = DB
        .write_one(
            "SELECT run FROM \"order\".cancel_checkout_v1($1, $2, $3, $4, $5, $6)",
            vec![
                uuid(buyer),
                key,
                hash,
                reference,
                uuid(checkout),
                optional(reason),
            ],
        )
        .await?;
    some(row)?.get(0)
}

fn standing(checkout: Uuid, status: i32, body: String) -> Result<Standing, DbError> {
    Ok(Standing {
        checkout,
        status: u16::try_from(status).map_err(|e| DbError::Shape(e.to_string()))?,
        body,
    })
}
