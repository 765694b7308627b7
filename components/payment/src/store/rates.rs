//! Exchange rates.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
#[cfg(feature = "http")]
use stoa_kit::http::Idempotency;
#[cfg(feature = "http")]
use stoa_kit::pg::Row;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

#[cfg(feature = "http")]
use super::keyed::keyed;
use super::params::{done, json, jsonb, some, text, uuid};
use crate::DB;

/// What is known of a base.
#[derive(Debug)]
pub struct Known {
    /// As the API shows it.
    pub json: String,
    /// It is time to ask the source.
    pub stale: bool,
    /// Any rate serves now.
    pub any: bool,
}

/// The rates of a base that serve now.
pub async fn known(base: &str) -> Result<Known, DbError> {
    let row = DB
        .read_one("SELECT * FROM payment.rates_v1($1)", vec![text(base)])
        .await?;
    let row = some(row)?;
    Ok(Known {
        json: row.get(0)?,
        stale: row.get(1)?,
        any: row.get(2)?,
    })
}

/// Whether it is the caller who shall ask the source for a base; others are told to come again.
pub async fn claim(base: &str) -> Result<bool, DbError> {
    let row = DB
        .write_one("SELECT payment.claim_rates_v1($1)", vec![text(base)])
        .await?;
    some(row)?.get(0)
}

/// Keeps what the source published. `None`: it did not answer.
pub async fn store(base: &str, rates: Option<&BTreeMap<String, Decimal>>) -> Result<(), DbError> {
    let rates: Option<BTreeMap<&str, String>> = rates.map(|rates| {
        rates
            .iter()
            .map(|(quote, rate)| (quote.as_str(), rate.to_string()))
            .collect()
    });
    done(
        "SELECT payment.store_rates_v1($1, $2)",
        vec![
            text(base),
            rates.map_or(Ok(ParameterValue::DbNull), |rates| jsonb(&rates))?,
        ],
    )
    .await
}

/// Sets a rate by hand; the rate as JSON.
#[cfg(feature = "http")]
pub async fn set(base: &str, quote: &str, rate: Decimal) -> Result<String, DbError> {
    let row = DB
        .write_one(
            "SELECT payment.set_rate_v1($1, $2, $3)",
            vec![text(base), text(quote), text(rate.to_string())],
        )
        .await?;
    some(row)?.get(0)
}

/// Removes a rate that was set by hand. Whether there was one.
#[cfg(feature = "http")]
pub async fn delete(base: &str, quote: &str) -> Result<bool, DbError> {
    let row = DB
        .write_one(
            "SELECT payment.delete_rate_v1($1, $2)",
            vec![text(base), text(quote)],
        )
        .await?;
    some(row)?.get(0)
}

/// Units of one currency for one of each of others, as decimal texts.
pub type Rates = BTreeMap<String, String>;

/// What one unit of each of these currencies is worth in `quote`, of those for which a rate serves now.
pub async fn into(quote: &str, bases: &[String]) -> Result<Rates, DbError> {
    let row = DB
        .read_one(
            "SELECT payment.rates_into_v1($1, $2)::text",
            vec![text(quote), texts(bases)],
        )
        .await?;
    json(&some(row)?.get::<String>(0)?)
}

/// The same for all of them, frozen under a checkout's id. Refused with `rate_unavailable` and `missing`.
pub async fn freeze_for_checkout(
    account: Uuid,
    checkout: Uuid,
    quote: &str,
    bases: &[String],
) -> Result<Rates, DbError> {
    let row = DB
        .write_one(
            "SELECT payment.freeze_for_checkout_v1($1, $2, $3, $4)::text",
            vec![uuid(account), uuid(checkout), text(quote), texts(bases)],
        )
        .await?;
    json(&some(row)?.get::<String>(0)?)
}

fn texts(all: &[String]) -> ParameterValue {
    ParameterValue::ArrayStr(all.iter().cloned().map(Some).collect())
}

/// Freezes rates: status, body and whether the key had done it before.
#[cfg(feature = "http")]
pub async fn freeze(
    account: Uuid,
    idempotency: &Idempotency,
    base: &str,
    quotes: &[String],
) -> Result<Option<Row>, DbError> {
    keyed(
        "SELECT * FROM payment.freeze_rates_v1($1, $2, $3, $4, $5, $6)",
        account,
        idempotency,
        [text(base), texts(quotes)],
    )
    .await
}

/// A snapshot of rates.
#[cfg(feature = "http")]
#[derive(Debug, serde::Deserialize)]
pub struct Snapshot {
    /// What one unit of this is worth in each, or else
    pub base: Option<String>,
    /// what one unit of each is worth in this.
    pub quote: Option<String>,
    pub rates: Rates,
}

/// A snapshot of the caller's, as JSON.
#[cfg(feature = "http")]
pub async fn snapshot(account: Uuid, id: Uuid) -> Result<Option<String>, DbError> {
    let row = DB
        .read_one(
            "SELECT payment.rate_snapshot_json_v1(s)::text FROM payment.rate_snapshot s WHERE s.id = $1 AND s.account_id = $2",
            vec![uuid(id), uuid(account)],
        )
        .await?;
    row.map_or(Ok(None), |row| row.get(0))
}
