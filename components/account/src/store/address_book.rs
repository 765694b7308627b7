//! An account's contacts, for itself.

use serde::Serialize;
use stoa_kit::http::Idempotency;
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::{Versioned, jsonb, some, uuid};
use crate::DB;

/// All of them, newest first: a JSON array.
pub async fn list(account: Uuid) -> Result<String, DbError> {
    let row = DB
        .read_one("SELECT * FROM account.contacts_v1($1)", vec![uuid(account)])
        .await?;
    some(row)?.get(0)
}

/// What adding one came to.
#[derive(Debug)]
pub struct Added {
    /// `status`, `body`, `replayed`, as `Answer::from_write` reads them.
    pub row: Row,
    /// The contact, of this request or of the one that it repeats.
    pub id: Uuid,
    /// The version that the answer shows.
    pub version: i64,
}

/// Adds one, described in JSON as `add_contact_v1` reads it.
///
/// # Errors
/// Refused with `too_many_contacts`.
pub async fn add<T: Serialize>(
    account: Uuid,
    idempotency: &Idempotency,
    contact: &T,
) -> Result<Added, DbError> {
    let [key, hash, reference] = idempotency.params();
    let row = DB
        .write_one(
            "SELECT * FROM account.add_contact_v1($1, $2, $3, $4, $5)",
            vec![uuid(account), key, hash, reference, jsonb(contact)?],
        )
        .await?;
    let row = some(row)?;
    Ok(Added {
        id: row.get(3)?,
        version: row.get(4)?,
        row,
    })
}

/// One of them.
pub async fn read(account: Uuid, id: Uuid) -> Result<Option<Versioned>, DbError> {
    DB.read_one(
        "SELECT * FROM account.contact_v1($1, $2)",
        vec![uuid(account), uuid(id)],
    )
    .await?
    .map(|row| Versioned::from_row(&row))
    .transpose()
}

/// Changes the fields that `patch` has, at a version. Not repeated when the outcome is unknown: the
/// second try would find its own change and call it somebody else's.
///
/// # Errors
/// Refused with `not_found`, `stale_version` or `default_contact`.
pub async fn change<T: Serialize>(
    account: Uuid,
    id: Uuid,
    version: i64,
    patch: &T,
) -> Result<Versioned, DbError> {
    let rows = DB
        .write_once(
            "SELECT * FROM account.change_contact_v1($1, $2, $3, $4)",
            vec![
                uuid(account),
                uuid(id),
                ParameterValue::Int64(version),
                jsonb(patch)?,
            ],
        )
        .await?;
    Versioned::from_row(&some(rows.into_iter().next())?)
}

/// Deletes one at a version. Not repeated either: the second try would find nothing.
///
/// # Errors
/// Refused with `not_found` or `stale_version`.
pub async fn delete(account: Uuid, id: Uuid, version: i64) -> Result<(), DbError> {
    DB.write_once(
        "SELECT account.delete_contact_v1($1, $2, $3)",
        vec![uuid(account), uuid(id), ParameterValue::Int64(version)],
    )
    .await
    .map(|_| ())
}
