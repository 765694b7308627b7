//! Wallets: what somebody has, how it came to that, and administrators' corrections.

use serde::{Deserialize, Serialize};
use stoa_kit::http::{Idempotency, Page};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::items::{Items, items};
use super::keyed::keyed;
use super::params::{some, text, uuid};
use crate::DB;

/// A position in a statement.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryPosition {
    /// The entry that the page before ended with.
    pub entry: i64,
}

/// What somebody has in every currency, as a JSON array.
pub async fn list(account: Uuid) -> Result<String, DbError> {
    let row = DB
        .read_one("SELECT payment.wallets_v1($1)", vec![uuid(account)])
        .await?;
    some(row)?.get(0)
}

/// The statement of a wallet, newest first.
pub async fn entries(
    account: Uuid,
    currency: &str,
    page: &Page<EntryPosition>,
) -> Result<Items<EntryPosition>, DbError> {
    let items = items(
        "SELECT * FROM payment.wallet_entries_v1($1, $2, $3, $4)",
        vec![
            uuid(account),
            text(currency),
            page.after
                .map_or(ParameterValue::DbNull, |at| ParameterValue::Int64(at.entry)),
            ParameterValue::Int32(page.limit),
        ],
    )
    .await?;
    Ok(Items {
        json: items.json,
        next: items.next.map(|entry| EntryPosition { entry }),
    })
}

/// What an administrator gives to a wallet, or takes from it.
#[derive(Debug)]
pub struct Adjustment<'a> {
    pub account: Uuid,
    /// Minor units; negative takes.
    pub amount: i64,
    pub currency: &'a str,
    /// The kind of the platform's account on the other side.
    pub against: &'a str,
    pub reason: &'a str,
}

/// Gives or takes: status, body and whether the key had done it before.
pub async fn adjust(
    admin: Uuid,
    idempotency: &Idempotency,
    adjustment: &Adjustment<'_>,
) -> Result<Option<Row>, DbError> {
    keyed(
        "SELECT * FROM payment.adjust_wallet_v1($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        admin,
        idempotency,
        [
            uuid(adjustment.account),
            ParameterValue::Int64(adjustment.amount),
            text(adjustment.currency),
            text(adjustment.against),
            text(adjustment.reason),
        ],
    )
    .await
}
