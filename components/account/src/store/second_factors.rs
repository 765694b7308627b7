//! Second factors: set up, put in force, taken away.

use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::logins::{Enrolment, Proof, Scopes};
use super::passwords::{Confirmed, Told, maybe_jsonb};
use super::{jsonb, optional, some, text, uuid};
use crate::DB;

/// An account's second factor.
#[derive(Debug)]
pub struct Standing {
    /// `None`: nothing was set up.
    pub enrolment: Option<Enrolment>,
    /// RFC 3339. `None`: not in force.
    pub confirmed_at: Option<String>,
    /// Recovery codes that were not used.
    pub codes_left: i64,
}

/// How an account's second factor stands. `None`: no such account.
pub async fn of(account: Uuid) -> Result<Option<Standing>, DbError> {
    DB.read_one("SELECT * FROM account.totp_v1($1)", vec![uuid(account)])
        .await?
        .map(|row| {
            Ok(Standing {
                enrolment: Enrolment::from_row(&row, 0)?,
                confirmed_at: row.get(2)?,
                codes_left: row.get(3)?,
            })
        })
        .transpose()
}

/// Keeps a secret that is to be confirmed. Answers what the account is called in an authenticator.
///
/// # Errors
/// Refused with `second_factor_on` or `too_many_logins`.
pub async fn enrol(
    account: Uuid,
    confirmed: &Confirmed,
    enrolment: Enrolment,
) -> Result<String, DbError> {
    let [by_identifier, by_address] = confirmed.scopes.params();
    let row = DB
        .write_one(
            "SELECT account.enrol_totp_v1($1, $2, $3, $4, $5, $6)",
            vec![
                uuid(account),
                text(&confirmed.hash),
                by_identifier,
                by_address,
                uuid(enrolment.id),
                ParameterValue::Binary(enrolment.sealed),
            ],
        )
        .await?;
    some(row)?.get(0)
}

/// Puts an enrolment in force, a code of the step beside it having been right, and tells the owner. `used_by` names
/// the request.
///
/// # Errors
/// Refused with `second_factor_on`, `wrong_code` or `too_many_logins`.
pub async fn confirm(
    account: Uuid,
    scopes: &Scopes,
    (enrolment, step): (Uuid, i64),
    used_by: Uuid,
    recovery_hashes: Vec<String>,
    told: Option<&Told>,
    trace: Option<String>,
) -> Result<(), DbError> {
    let [by_identifier, by_address] = scopes.params();
    DB.write(
        "SELECT account.confirm_totp_v1($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vec![
            uuid(account),
            by_identifier,
            by_address,
            uuid(enrolment),
            ParameterValue::Int64(step),
            uuid(used_by),
            hashes(recovery_hashes),
            maybe_jsonb(told)?,
            optional(trace),
        ],
    )
    .await
    .map(|_| ())
}

/// Takes a second factor away, and tells the owner. Not repeated when the outcome is unknown: the second try would find none.
///
/// # Errors
/// Refused with `second_factor_off`, `wrong_code` or `too_many_logins`.
pub async fn remove(
    account: Uuid,
    confirmed: &Confirmed,
    proof: &Proof,
    used_by: Uuid,
    told: Option<&Told>,
    trace: Option<String>,
) -> Result<(), DbError> {
    let [by_identifier, by_address] = confirmed.scopes.params();
    DB.write_once(
        "SELECT account.remove_totp_v1($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            uuid(account),
            text(&confirmed.hash),
            by_identifier,
            by_address,
            jsonb(proof)?,
            uuid(used_by),
            maybe_jsonb(told)?,
            optional(trace),
        ],
    )
    .await
    .map(|_| ())
}

/// Puts new recovery codes in place of the old ones. Not repeated either: a recovery code that proves it
/// is gone afterwards.
///
/// # Errors
/// As [`remove`].
pub async fn renew_recovery_codes(
    account: Uuid,
    confirmed: &Confirmed,
    proof: &Proof,
    used_by: Uuid,
    recovery_hashes: Vec<String>,
) -> Result<(), DbError> {
    let [by_identifier, by_address] = confirmed.scopes.params();
    DB.write_once(
        "SELECT account.renew_recovery_codes_v1($1, $2, $3, $4, $5, $6, $7)",
        vec![
            uuid(account),
            text(&confirmed.hash),
            by_identifier,
            by_address,
            jsonb(proof)?,
            uuid(used_by),
            hashes(recovery_hashes),
        ],
    )
    .await
    .map(|_| ())
}

fn hashes(hexadecimal: Vec<String>) -> ParameterValue {
    ParameterValue::ArrayStr(hexadecimal.into_iter().map(Some).collect())
}
