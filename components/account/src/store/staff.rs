//! What the staff does to accounts.

use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::passwords::{Told, maybe_jsonb};
use super::{optional, some, text, uuid};
use crate::DB;

/// An account's roles, as JSON.
pub async fn roles(account: Uuid) -> Result<Option<String>, DbError> {
    DB.read_one("SELECT * FROM account.roles_v1($1)", vec![uuid(account)])
        .await?
        .map(|row| row.get(0))
        .transpose()
}

/// Gives an account exactly these roles; answers them as JSON.
///
/// # Errors
/// Refused with `forbidden`, `not_found` or `own_account`, as everything here.
pub async fn set_roles(
    actor: Uuid,
    account: Uuid,
    roles: Vec<String>,
    trace: Option<String>,
) -> Result<String, DbError> {
    let row = DB
        .write_one(
            "SELECT * FROM account.set_roles_v1($1, $2, $3, $4)",
            vec![
                uuid(actor),
                uuid(account),
                ParameterValue::ArrayStr(roles.into_iter().map(Some).collect()),
                optional(trace),
            ],
        )
        .await?;
    some(row)?.get(0)
}

/// Suspends an account, until a time (a timestamp in UTC) or for good. The suspension as JSON.
pub async fn suspend(
    actor: Uuid,
    account: Uuid,
    reason: String,
    until: Option<String>,
    trace: Option<String>,
) -> Result<String, DbError> {
    let row = DB
        .write_one(
            "SELECT * FROM account.suspend_v1($1, $2, $3, $4, $5)",
            vec![
                uuid(actor),
                uuid(account),
                text(reason),
                optional(until),
                optional(trace),
            ],
        )
        .await?;
    some(row)?.get(0)
}

/// Ends a suspension.
pub async fn reinstate(actor: Uuid, account: Uuid, trace: Option<String>) -> Result<(), DbError> {
    DB.write(
        "SELECT account.reinstate_v1($1, $2, $3)",
        vec![uuid(actor), uuid(account), optional(trace)],
    )
    .await
    .map(|_| ())
}

/// Takes a second factor that was lost away, and tells the owner. Not repeated when the outcome is unknown: the second
/// try would find none.
///
/// # Errors
/// Refused with `second_factor_off` besides.
pub async fn take_away_second_factor(
    actor: Uuid,
    account: Uuid,
    reason: String,
    told: Option<&Told>,
    trace: Option<String>,
) -> Result<(), DbError> {
    DB.write_once(
        "SELECT account.take_away_totp_v1($1, $2, $3, $4, $5)",
        vec![
            uuid(actor),
            uuid(account),
            text(reason),
            maybe_jsonb(told)?,
            optional(trace),
        ],
    )
    .await
    .map(|_| ())
}
