//! Passwords: asked for again, changed, reset.

use serde::Serialize;
use stoa_kit::pg::{DbError, ParameterValue};
use stoa_kit::secret::Secret;
use uuid::Uuid;

use super::letters::NewLetter;
use super::logins::Scopes;
use super::{jsonb, optional, some, text, uuid};
use crate::DB;

/// What it takes to ask an account for its password.
#[derive(Debug)]
pub enum Asked {
    /// Locked for so many seconds.
    Locked(i32),
    /// The PHC string.
    Hash(String),
    /// It has none. Its owner has signed in a moment ago, or has not.
    None {
        /// Of nobody's password: what a change guards with.
        hash: String,
        is_new: bool,
    },
}

/// The hash of an account's password, unless asking for it is locked. `None`: no such account.
pub async fn of(account: Uuid, session: Uuid, scopes: &Scopes) -> Result<Option<Asked>, DbError> {
    let [by_identifier, by_address] = scopes.params();
    DB.read_one(
        "SELECT * FROM account.password_of_v1($1, $2, $3, $4)",
        vec![uuid(account), uuid(session), by_identifier, by_address],
    )
    .await?
    .map(|row| {
        let retry_after: i32 = row.get(0)?;
        Ok(if retry_after > 0 {
            Asked::Locked(retry_after)
        } else if row.get(2)? {
            Asked::Hash(row.get(1)?)
        } else {
            Asked::None {
                hash: row.get(1)?,
                is_new: row.get(3)?,
            }
        })
    })
    .transpose()
}

/// A password that its owner has just given: what the statement of the change guards with.
#[derive(Debug)]
pub struct Confirmed {
    /// The PHC string that it was verified against.
    pub hash: String,
    /// What failures are counted by.
    pub scopes: Scopes,
}

/// Where the owner of an account hears of what concerns its security.
#[derive(Debug, Clone)]
pub struct Address {
    /// `email` or `phone`.
    pub channel: String,
    pub address: String,
}

/// The same, as an event may carry it.
#[derive(Debug, Serialize)]
pub struct Told {
    /// `email` or `phone`.
    pub channel: String,
    /// The address, for `notification` alone.
    pub sealed: String,
}

/// Where an account's owner is told. `None`: no address of theirs is verified.
pub async fn address_to_tell(account: Uuid) -> Result<Option<Address>, DbError> {
    DB.read_one(
        "SELECT * FROM account.address_to_tell_v1($1)",
        vec![uuid(account)],
    )
    .await?
    .map(|row| {
        Ok(Address {
            channel: row.get(0)?,
            address: row.get(1)?,
        })
    })
    .transpose()
}

/// Changes a password; all sessions but one end. May be repeated with the same hash.
///
/// # Errors
/// Refused with `too_many_logins`.
pub async fn change(
    account: Uuid,
    session: Uuid,
    confirmed: &Confirmed,
    new_hash: String,
    told: Option<&Told>,
    trace: Option<String>,
) -> Result<(), DbError> {
    let [by_identifier, by_address] = confirmed.scopes.params();
    DB.write(
        "SELECT account.change_password_v1($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            uuid(account),
            uuid(session),
            text(&confirmed.hash),
            text(new_hash),
            by_identifier,
            by_address,
            maybe_jsonb(told)?,
            optional(trace),
        ],
    )
    .await
    .map(|_| ())
}

/// Where an owner is told, as a statement takes it.
pub(super) fn maybe_jsonb(told: Option<&Told>) -> Result<ParameterValue, DbError> {
    told.map_or(Ok(ParameterValue::DbNull), jsonb)
}

/// Where a password is reset.
#[derive(Debug)]
pub struct Target {
    pub account_id: Uuid,
    /// `email` or `phone`.
    pub channel: String,
    pub address: String,
}

/// Whose password an identifier means, and the proven address that a letter may go to.
pub async fn target(kind: &'static str, identifier: String) -> Result<Option<Target>, DbError> {
    DB.read_one(
        "SELECT * FROM account.reset_target_v1($1, $2)",
        vec![text(kind), text(identifier)],
    )
    .await?
    .map(|row| {
        Ok(Target {
            account_id: row.get(0)?,
            channel: row.get(1)?,
            address: row.get(2)?,
        })
    })
    .transpose()
}

/// Sends a letter by which a password can be reset; without an account only as much is written.
pub async fn request_reset(
    account: Option<Uuid>,
    letter: &NewLetter,
    trace: Option<String>,
) -> Result<(), DbError> {
    DB.write(
        "SELECT account.request_reset_v1($1, $2, $3)",
        vec![
            super::optional_uuid(account),
            jsonb(letter)?,
            optional(trace),
        ],
    )
    .await
    .map(|_| ())
}

/// Whether a password can be reset with a token, and where the owner is told of it: `None` when it cannot.
pub async fn reset_is_open(token: &Secret) -> Result<Option<Option<Address>>, DbError> {
    DB.read_one(
        "SELECT * FROM account.open_reset_v1($1)",
        vec![ParameterValue::Binary(token.hash())],
    )
    .await?
    .map(|row| {
        let (channel, address): (Option<String>, Option<String>) = (row.get(0)?, row.get(1)?);
        Ok(channel
            .zip(address)
            .map(|(channel, address)| Address { channel, address }))
    })
    .transpose()
}

/// Spends the token of a reset: whether it was good. `used_by` names the request.
pub async fn reset(
    token: &Secret,
    new_hash: String,
    used_by: Uuid,
    told: Option<&Told>,
    trace: Option<String>,
) -> Result<bool, DbError> {
    let row = DB
        .write_one(
            "SELECT account.reset_password_v1($1, $2, $3, $4, $5)",
            vec![
                ParameterValue::Binary(token.hash()),
                text(new_hash),
                uuid(used_by),
                maybe_jsonb(told)?,
                optional(trace),
            ],
        )
        .await?;
    some(row)?.get(0)
}
