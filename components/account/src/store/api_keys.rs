//! Keys for programs.

use stoa_kit::pg::{DbError, ParameterValue};
use stoa_kit::secret::Secret;
use uuid::Uuid;

use super::logins::{Grant, Proof};
use super::passwords::{Confirmed, Told, maybe_jsonb};
use super::{jsonb, optional, some, text, uuid};
use crate::DB;

/// A key to be made.
#[derive(Debug)]
pub struct NewKey<'a> {
    pub id: Uuid,
    /// What its tokens will have for a session.
    pub session_id: Uuid,
    pub name: String,
    pub secret: &'a Secret,
    /// How it begins.
    pub prefix: String,
    /// `read`, `write`
    pub scopes: Vec<String>,
    /// A timestamp in UTC.
    pub expires_at: Option<String>,
    /// Of the second factor, if a code was sent.
    pub proof: Option<Proof>,
}

/// Makes one, and tells the owner; as its owner sees it, in JSON.
///
/// # Errors
/// Refused with `too_many_logins`, `second_factor_required`, `second_factor_wrong` or `too_many_api_keys`.
pub async fn add(
    account: Uuid,
    confirmed: &Confirmed,
    new: NewKey<'_>,
    told: Option<&Told>,
    trace: Option<String>,
) -> Result<String, DbError> {
    let [by_identifier, by_address] = confirmed.scopes.params();
    let row = DB
        .write_one(
            "SELECT * FROM account.add_api_key_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            vec![
                uuid(account),
                text(&confirmed.hash),
                by_identifier,
                by_address,
                new.proof
                    .as_ref()
                    .map(jsonb)
                    .transpose()?
                    .unwrap_or(ParameterValue::DbNull),
                uuid(new.id),
                uuid(new.session_id),
                text(new.name),
                ParameterValue::Binary(new.secret.hash()),
                text(new.prefix),
                ParameterValue::ArrayStr(new.scopes.into_iter().map(Some).collect()),
                optional(new.expires_at),
                maybe_jsonb(told)?,
                optional(trace),
            ],
        )
        .await?;
    some(row)?.get(0)
}

/// Those of an account: a JSON array.
pub async fn list(account: Uuid) -> Result<String, DbError> {
    let row = DB
        .read_one("SELECT * FROM account.api_keys_v1($1)", vec![uuid(account)])
        .await?;
    some(row)?.get(0)
}

/// Revokes one.
///
/// # Errors
/// Refused with `not_found`.
pub async fn revoke(account: Uuid, id: Uuid) -> Result<(), DbError> {
    DB.write(
        "SELECT account.delete_api_key_v1($1, $2)",
        vec![uuid(account), uuid(id)],
    )
    .await
    .map(|_| ())
}

/// What the tokens of a key are made of.
#[derive(Debug)]
pub struct KeyGrant {
    pub session_id: Uuid,
    /// With spaces between.
    pub scopes: String,
    pub grant: Grant,
    /// For how many seconds the key is good yet. `None`: until it is revoked.
    pub good_for: Option<i32>,
}

/// What a key is good for.
///
/// # Errors
/// Refused with `invalid_api_key` or `account_suspended`.
pub async fn exchange(secret: &Secret) -> Result<KeyGrant, DbError> {
    let row = DB
        .write_one(
            "SELECT * FROM account.use_api_key_v1($1)",
            vec![ParameterValue::Binary(secret.hash())],
        )
        .await?;
    let row = some(row)?;
    Ok(KeyGrant {
        session_id: row.get(0)?,
        scopes: row.get(1)?,
        grant: Grant::from_row(&row, 2)?,
        good_for: row.get(6)?,
    })
}
