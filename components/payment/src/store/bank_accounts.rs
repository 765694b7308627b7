//! Bank accounts, to which withdrawals go.

use stoa_kit::http::Idempotency;
use stoa_kit::pg::{DbError, Row};
use uuid::Uuid;

use super::keyed::keyed;
use super::params::{some, text, uuid};
use crate::DB;

/// A bank account to be kept.
#[derive(Debug)]
pub struct NewBankAccount<'a> {
    pub bank_code: &'a str,
    pub number: &'a str,
    pub holder: &'a str,
    pub currency: &'a str,
}

/// Somebody's bank accounts, as a JSON array.
pub async fn list(account: Uuid) -> Result<String, DbError> {
    let row = DB
        .read_one("SELECT payment.bank_accounts_v1($1)", vec![uuid(account)])
        .await?;
    some(row)?.get(0)
}

/// Adds one: status, body and whether the key had done it before.
pub async fn add(
    account: Uuid,
    idempotency: &Idempotency,
    new: &NewBankAccount<'_>,
) -> Result<Option<Row>, DbError> {
    keyed(
        "SELECT * FROM payment.add_bank_account_v1($1, $2, $3, $4, $5, $6, $7, $8)",
        account,
        idempotency,
        [
            text(new.bank_code),
            text(new.number),
            text(new.holder),
            text(new.currency),
        ],
    )
    .await
}

/// Makes one the default of its currency; the account as JSON. `None`: it is not the caller's.
pub async fn make_default(account: Uuid, id: Uuid) -> Result<Option<String>, DbError> {
    let row = DB
        .write_one(
            "SELECT payment.default_bank_account_v1($1, $2)",
            vec![uuid(account), uuid(id)],
        )
        .await?;
    some(row)?.get(0)
}

/// Deletes one. Whether it was the caller's.
pub async fn delete(account: Uuid, id: Uuid) -> Result<bool, DbError> {
    let row = DB
        .write_one(
            "SELECT payment.delete_bank_account_v1($1, $2)",
            vec![uuid(account), uuid(id)],
        )
        .await?;
    some(row)?.get(0)
}
