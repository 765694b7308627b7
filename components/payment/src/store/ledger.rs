//! The ledger.
//!
//! `payment.post_v1(key, kind, reference, entries, actor, note)` is the one function that writes to it;
//! SQL functions call it, and nothing in Rust does: what moves money also changes the row that says why,
//! in one statement. Entries are `[{"kind", "owner", "provider", "currency", "amount"}]`.

use stoa_kit::pg::DbError;
use uuid::Uuid;

use super::params::{json, some, text, uuid};
use crate::DB;

/// Kinds of accounts whose balance is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Wallet,
    PendingWithdrawal,
    SellerDebt,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Wallet => "wallet",
            Self::PendingWithdrawal => "pending_withdrawal",
            Self::SellerDebt => "seller_debt",
        }
    }
}

/// What somebody has in an account, minor units: 0 where there is none.
pub async fn balance(kind: Kind, owner: Uuid, currency: &str) -> Result<i64, DbError> {
    let row = DB
        .read_one(
            "SELECT to_json(payment.balance_v1($1, $2, $3))::text",
            vec![text(kind.as_str()), uuid(owner), text(currency)],
        )
        .await?;
    json(&some(row)?.get::<String>(0)?)
}
