//! Accounts and their profiles.

use stoa_kit::http::Idempotency;
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::letters::NewLetter;
use super::{Versioned, jsonb, optional, some, text, uuid};
use crate::DB;

/// A new account, everything normalised.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub email: Option<String>,
    pub phone: Option<String>,
    pub username: Option<String>,
    /// PHC string.
    pub password_hash: String,
    pub name: String,
    pub country: String,
    pub locale: String,
}

/// What registering came to.
#[derive(Debug)]
pub struct Registered {
    /// `status`, `body`, `replayed`, as `Answer::from_write` reads them.
    pub row: Row,
    /// The account, of this request or of the one that it repeats.
    pub account_id: Uuid,
    /// The password's hash of that account.
    pub password_hash: String,
    /// Whether an earlier request with the key made the account.
    pub replayed: bool,
}

/// Makes an account under the idempotency key of nobody in particular. `request_hash` is compared
/// where a key is repeated; it must leave the password out. The letter goes to the new account's
/// address.
pub async fn register(
    idempotency: &Idempotency,
    trace: Option<String>,
    new: NewAccount,
    letter: Option<&NewLetter>,
) -> Result<Registered, DbError> {
    let [key, hash, reference] = idempotency.params();
    let row = DB
        .write_one(
            "SELECT * FROM account.register_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, p_letter => $13)",
            vec![
                uuid(Uuid::nil()),
                key,
                hash,
                reference,
                optional(trace),
                optional(new.email),
                optional(new.phone),
                optional(new.username),
                text(new.password_hash),
                text(new.name),
                text(new.country),
                text(new.locale),
                letter.map(jsonb).transpose()?.unwrap_or(ParameterValue::DbNull),
            ],
        )
        .await?;
    let row = some(row)?;
    Ok(Registered {
        replayed: row.get(2)?,
        account_id: row.get(3)?,
        password_hash: row.get(4)?,
        row,
    })
}

/// An account for its owner.
pub async fn me(account: Uuid) -> Result<Option<Versioned>, DbError> {
    DB.read_one("SELECT * FROM account.me_v1($1)", vec![uuid(account)])
        .await?
        .map(|row| Versioned::from_row(&row))
        .transpose()
}

/// Changes to a profile; `None` leaves as it is.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    pub name: Option<String>,
    pub bio: Option<String>,
    pub country: Option<String>,
    pub locale: Option<String>,
}

/// Changes a profile at a version. Not repeated when the outcome is unknown: the second try would
/// find its own change and call it somebody else's.
pub async fn update_me(
    account: Uuid,
    version: i64,
    trace: Option<String>,
    change: ProfileChange,
) -> Result<Versioned, DbError> {
    let rows = DB
        .write_once(
            "SELECT * FROM account.update_me_v1($1, $2, $3, $4, $5, $6, $7)",
            vec![
                uuid(account),
                ParameterValue::Int64(version),
                optional(trace),
                optional(change.name),
                optional(change.bio),
                optional(change.country),
                optional(change.locale),
            ],
        )
        .await?;
    Versioned::from_row(&some(rows.into_iter().next())?)
}

/// What everybody may know of an account, as JSON.
pub async fn profile(account: Uuid) -> Result<Option<String>, DbError> {
    DB.read_one("SELECT * FROM account.profile_v1($1)", vec![uuid(account)])
        .await?
        .map(|row| row.get(0))
        .transpose()
}
