//! What the workflow of a checkout writes. Those that take a note write the journal in the same
//! statement.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use stoa_durable::{Note, note_param};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::{jsonb, optional, some, text, uuid};
use crate::DB;
use crate::domain::plan::Plan;

/// A checkout as far as its steps need it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub id: Uuid,
    pub buyer: Uuid,
    pub trace: Option<&'a str>,
}

/// What a checkout's row is made of.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    pub subject: Subject<'a>,
    pub provider: &'a str,
    /// Minor units that came from the wallet.
    pub from_wallet: i64,
    pub begun_at: DateTime<Utc>,
    pub delivery: &'a Value,
    pub plan: &'a Plan,
}

/// Places it, and ends the workflow: the checkout as JSON. `from_cart`: what was bought leaves the cart.
pub async fn place(mut note: Note, terms: Terms<'_>, from_cart: bool) -> Result<String, DbError> {
    // Nobody runs it again. That something was done is kept, and what is in the orders is not kept twice.
    for entry in &mut note.entries {
        entry.outcome = json!({"ok": null});
    }
    let row = DB
        .patient()
        .write_one(
            "SELECT \"order\".place_v1($1, $2, $3, $4, $5, $6, $7, $8::text::timestamp, $9, $10)",
            vec![
                note_param(&note)?,
                uuid(terms.subject.buyer),
                uuid(terms.subject.id),
                optional(terms.subject.trace),
                text(terms.provider),
                ParameterValue::Int64(terms.from_wallet),
                ParameterValue::Boolean(from_cart),
                moment(terms.begun_at),
                jsonb(terms.delivery)?,
                jsonb(terms.plan)?,
            ],
        )
        .await?;
    some(row)?.get(0)
}

/// Lets it wait for its payment.
pub async fn await_payment(
    note: Note,
    terms: Terms<'_>,
    pay_url: Option<&str>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = DB
        .patient()
        .write_one(
            "SELECT \"order\".await_payment_v1($1, $2, $3, $4, $5, $6, $7::text::timestamp, $8::text::timestamp, $9, $10)",
            vec![
                note_param(&note)?,
                uuid(terms.subject.buyer),
                uuid(terms.subject.id),
                text(terms.provider),
                ParameterValue::Int64(terms.from_wallet),
                optional(pay_url),
                moment(terms.begun_at),
                moment(expires_at),
                jsonb(terms.delivery)?,
                jsonb(terms.plan)?,
            ],
        )
        .await?;
    written(row)
}

/// Reminds its buyer.
pub async fn remind(note: Note, subject: Subject<'_>, reminder: i32) -> Result<(), DbError> {
    let row = DB
        .patient()
        .write_one(
            "SELECT \"order\".remind_v1($1, $2, $3, $4)",
            vec![
                note_param(&note)?,
                uuid(subject.id),
                ParameterValue::Int32(reminder),
                optional(subject.trace),
            ],
        )
        .await?;
    written(row)
}

/// How a checkout ends that does not become orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// For a reason that its buyer may read.
    Cancelled(String),
    /// It was not paid in time.
    Expired(String),
}

/// Ends it without orders. May be repeated.
pub async fn end(subject: Subject<'_>, key: &str, ending: &Ending) -> Result<(), DbError> {
    let (status, reason) = match ending {
        Ending::Cancelled(reason) => ("cancelled", reason),
        Ending::Expired(reason) => ("expired", reason),
    };
    DB.patient()
        .write(
            "SELECT \"order\".end_checkout_v1($1, $2, $3, $4, $5, $6)::text",
            vec![
                uuid(subject.buyer),
                text(key),
                uuid(subject.id),
                text(status),
                text(reason.as_str()),
                optional(subject.trace),
            ],
        )
        .await
        .map(|_| ())
}

fn written(row: Option<Row>) -> Result<(), DbError> {
    some(row).map(|_| ())
}

/// Business time as Postgres reads it.
fn moment(at: DateTime<Utc>) -> ParameterValue {
    text(at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string())
}
