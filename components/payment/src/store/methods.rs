//! Saved methods: providers' tokens for somebody's cards and accounts.

use stoa_kit::http::Idempotency;
use stoa_kit::pg::{DbError, Row};
use uuid::Uuid;

use super::keyed::keyed;
use super::params::{found, some, text, uuid};
use crate::DB;

/// Somebody's methods, as a JSON array.
pub async fn list(account: Uuid) -> Result<String, DbError> {
    let row = DB
        .read_one("SELECT payment.saved_methods_v1($1)", vec![uuid(account)])
        .await?;
    some(row)?.get(0)
}

/// A token that a provider gave for something of the account's, whether it is still saved or not. What is
/// whose at a provider does not change by what is deleted here.
pub async fn known(account: Uuid, provider: &str) -> Result<Option<String>, DbError> {
    found(
        "SELECT to_json(m.token)::text FROM payment.saved_method m \
         WHERE m.account_id = $1 AND m.provider = $2 ORDER BY m.id DESC LIMIT 1",
        vec![uuid(account), text(provider)],
    )
    .await
}

/// Saves one: status, body and whether the key had done it before.
pub async fn add(
    account: Uuid,
    idempotency: &Idempotency,
    provider: &str,
    token: &str,
    label: &str,
) -> Result<Option<Row>, DbError> {
    keyed(
        "SELECT * FROM payment.add_method_v1($1, $2, $3, $4, $5, $6, $7)",
        account,
        idempotency,
        [text(provider), text(token), text(label)],
    )
    .await
}

/// Makes one the default; the method as JSON. `None`: it is not the caller's.
pub async fn make_default(account: Uuid, id: Uuid) -> Result<Option<String>, DbError> {
    let row = DB
        .write_one(
            "SELECT payment.default_method_v1($1, $2)",
            vec![uuid(account), uuid(id)],
        )
        .await?;
    some(row)?.get(0)
}

/// Deletes one. Whether it was the caller's.
pub async fn delete(account: Uuid, id: Uuid) -> Result<bool, DbError> {
    let row = DB
        .write_one(
            "SELECT payment.delete_method_v1($1, $2)",
            vec![uuid(account), uuid(id)],
        )
        .await?;
    some(row)?.get(0)
}
