//! Signing in by way of an issuer, and who an account is there.

use serde::Serialize;
use stoa_kit::pg::{DbError, ParameterValue};
use stoa_kit::secret::Secret;
use uuid::Uuid;

use super::logins::{Candidate, Device, Enrolment, Grant, Proof, Scopes};
use super::passwords::{Address, Confirmed, Told, maybe_jsonb};
use super::{jsonb, optional, optional_uuid, some, text, uuid};
use crate::DB;
use crate::domain::password::NOBODYS;

/// A sign-in by way of an issuer that begins.
#[derive(Debug)]
pub struct NewAttempt<'a> {
    pub state: &'a Secret,
    pub binding: &'a Secret,
    pub provider: &'a str,
    /// For an account that is made.
    pub country: Option<String>,
    pub locale: Option<String>,
    /// Whom to link it to: an account whose owner was just asked.
    pub link_to: Option<(Uuid, Confirmed)>,
}

/// Begins one.
///
/// # Errors
/// Refused with `too_many_logins`.
pub async fn begin(attempt: NewAttempt<'_>) -> Result<(), DbError> {
    let (account, confirmed) = attempt.link_to.unzip();
    let [by_identifier, by_address] = confirmed
        .as_ref()
        .map_or([ParameterValue::DbNull, ParameterValue::DbNull], |c| {
            c.scopes.params()
        });
    DB.write(
        "SELECT account.begin_oidc_v1($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vec![
            ParameterValue::Binary(attempt.state.hash()),
            ParameterValue::Binary(attempt.binding.hash()),
            text(attempt.provider),
            optional(attempt.country),
            optional(attempt.locale),
            optional_uuid(account),
            optional(confirmed.map(|c| c.hash)),
            by_identifier,
            by_address,
        ],
    )
    .await
    .map(|_| ())
}

/// A sign-in that has begun.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// Whom to link it to; `None`: it is to sign in.
    pub link_to: Option<Uuid>,
    /// The issuer was asked before.
    pub proven: bool,
}

/// Takes one, to ask the issuer; `used_by` names the request. `None`: it is none of this client's, was used
/// or is over.
pub async fn take(
    state: &Secret,
    binding: &Secret,
    provider: &str,
    used_by: Uuid,
) -> Result<Option<Attempt>, DbError> {
    DB.write_one(
        "SELECT * FROM account.take_oidc_v1($1, $2, $3, $4)",
        vec![
            ParameterValue::Binary(state.hash()),
            ParameterValue::Binary(binding.hash()),
            text(provider),
            uuid(used_by),
        ],
    )
    .await?
    .map(|row| {
        Ok(Attempt {
            link_to: row.get(0)?,
            proven: row.get(1)?,
        })
    })
    .transpose()
}

/// What an issuer says of somebody, made fit to be kept.
#[derive(Debug, Clone, Serialize)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub name: String,
    pub country: String,
    pub locale: String,
}

/// Keeps it (`None`: it is kept already). Answers whose it is, as a login finds out; the password is nobody's.
pub async fn prove(
    state: &Secret,
    identity: Option<&Identity>,
    device: &Device,
) -> Result<Option<Candidate>, DbError> {
    DB.write_one(
        "SELECT * FROM account.prove_oidc_v1($1, $2, $3, $4)",
        vec![
            ParameterValue::Binary(state.hash()),
            identity
                .map(jsonb)
                .transpose()?
                .unwrap_or(ParameterValue::DbNull),
            text(&device.name),
            text(device.network),
        ],
    )
    .await?
    .map(|row| {
        let channel: Option<String> = row.get(4)?;
        Ok(Candidate {
            account_id: row.get(0)?,
            password_hash: NOBODYS.to_owned(),
            totp: Enrolment::from_row(&row, 1)?,
            is_new_device: row.get(3)?,
            reached_at: channel
                .zip(row.get(5)?)
                .map(|(channel, address)| Address { channel, address }),
        })
    })
    .transpose()
}

/// A session to be opened for whom an issuer has confirmed.
#[derive(Debug)]
pub struct NewSession<'a> {
    pub id: Uuid,
    pub state: &'a Secret,
    pub refresh_token: &'a Secret,
    /// What successors of the refresh token are derived with.
    pub chain_key: [u8; 32],
    pub user_agent: String,
    pub address: String,
    /// What failures are counted by: the client's address is looked at.
    pub scopes: Scopes,
    pub proof: Option<Proof>,
    pub device: Device,
    /// Where the owner learns of a new device.
    pub told: Option<Told>,
    /// Ids for an account and an identity that may have to be made.
    pub new_account: Uuid,
    pub new_identity: Uuid,
}

/// Opens one.
///
/// # Errors
/// Refused with `oidc_over`, `identity_not_linked`, and as `logins::open_session` is.
pub async fn sign_in(new: NewSession<'_>, trace: Option<String>) -> Result<Grant, DbError> {
    let [_, by_address] = new.scopes.params();
    let row = DB
        .write_one(
            "SELECT * FROM account.oidc_sign_in_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            vec![
                ParameterValue::Binary(new.state.hash()),
                uuid(new.id),
                ParameterValue::Binary(new.refresh_token.hash()),
                ParameterValue::Binary(new.chain_key.to_vec()),
                text(new.user_agent),
                text(new.address),
                by_address,
                new.proof
                    .as_ref()
                    .map(jsonb)
                    .transpose()?
                    .unwrap_or(ParameterValue::DbNull),
                jsonb(&new.device.described(new.told.as_ref()))?,
                uuid(new.new_account),
                uuid(new.new_identity),
                text(NOBODYS),
                optional(trace),
            ],
        )
        .await?;
    Grant::from_row(&some(row)?, 0)
}

/// Links whom an issuer has confirmed to an account, and tells its owner; the identity, as JSON.
///
/// # Errors
/// Refused with `oidc_over`, `identity_taken` or `too_many_identities`.
pub async fn link(
    state: &Secret,
    account: Uuid,
    id: Uuid,
    told: Option<&Told>,
    trace: Option<String>,
) -> Result<String, DbError> {
    let row = DB
        .write_one(
            "SELECT * FROM account.link_identity_v1($1, $2, $3, $4, $5)",
            vec![
                ParameterValue::Binary(state.hash()),
                uuid(account),
                uuid(id),
                maybe_jsonb(told)?,
                optional(trace),
            ],
        )
        .await?;
    some(row)?.get(0)
}

/// Who an account is elsewhere: a JSON array.
pub async fn list(account: Uuid) -> Result<String, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM account.identities_v1($1)",
            vec![uuid(account)],
        )
        .await?;
    some(row)?.get(0)
}

/// Unlinks one. Not repeated when the outcome is unknown: the second try would find nothing.
///
/// # Errors
/// Refused with `not_found` or `last_way_in`.
pub async fn unlink(account: Uuid, id: Uuid) -> Result<(), DbError> {
    DB.write_once(
        "SELECT account.unlink_identity_v1($1, $2)",
        vec![uuid(account), uuid(id)],
    )
    .await
    .map(|_| ())
}
