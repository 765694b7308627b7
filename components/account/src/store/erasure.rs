//! What is kept of an account, handed out and erased.

use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::logins::Proof;
use super::passwords::Confirmed;
use super::{jsonb, optional, text, uuid};
use crate::DB;
use crate::domain::password::NOBODYS;

/// Everything, as JSON. `None`: there is no such account.
pub async fn export(account: Uuid) -> Result<Option<String>, DbError> {
    DB.write_one("SELECT * FROM account.export_v1($1)", vec![uuid(account)])
        .await?
        .map(|row| row.get(0))
        .transpose()
}

/// Erases an account. May be repeated. `used_by` names the request.
///
/// # Errors
/// Refused with `staff_stays`, `too_many_logins`, `second_factor_required`, `second_factor_wrong`.
pub async fn erase(
    account: Uuid,
    confirmed: &Confirmed,
    proof: Option<&Proof>,
    used_by: Uuid,
    trace: Option<String>,
) -> Result<(), DbError> {
    let [by_identifier, by_address] = confirmed.scopes.params();
    DB.write(
        "SELECT account.erase_v1($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            uuid(account),
            text(&confirmed.hash),
            text(NOBODYS),
            by_identifier,
            by_address,
            proof
                .map(jsonb)
                .transpose()?
                .unwrap_or(ParameterValue::DbNull),
            uuid(used_by),
            optional(trace),
        ],
    )
    .await
    .map(|_| ())
}
