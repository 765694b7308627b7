//! Addresses: claimed, proven, changed.

use stoa_kit::pg::{DbError, ParameterValue};
use stoa_kit::secret::Secret;
use uuid::Uuid;

use super::letters::NewLetter;
use super::passwords::{Address, Confirmed, Told, maybe_jsonb};
use super::{Versioned, jsonb, optional, some, text, uuid};
use crate::DB;

/// The address of a kind that an account may verify.
pub async fn address(account: Uuid, channel: &'static str) -> Result<Option<String>, DbError> {
    DB.read_one(
        "SELECT * FROM account.address_to_verify_v1($1, $2)",
        vec![uuid(account), text(channel)],
    )
    .await?
    .map(|row| row.get(0))
    .transpose()
}

/// Sends a letter to the address that an account wants to verify.
///
/// # Errors
/// Refused with `nothing_to_verify` or `too_many_messages`.
pub async fn request(
    account: Uuid,
    letter: &NewLetter,
    trace: Option<String>,
) -> Result<(), DbError> {
    DB.write(
        "SELECT account.request_verification_v1($1, $2, $3)",
        vec![uuid(account), jsonb(letter)?, optional(trace)],
    )
    .await
    .map(|_| ())
}

/// What was sent to an address.
#[derive(Debug)]
pub enum Proof<'a> {
    /// In a link; it says by itself whose it is.
    Token(&'a Secret),
    /// To be typed by whoever is signed in.
    Code {
        account: Uuid,
        channel: &'static str,
        code: &'a str,
    },
}

impl Proof<'_> {
    /// The hash of a token; or the account, the channel and the code.
    fn params(&self) -> [ParameterValue; 4] {
        let null = || ParameterValue::DbNull;
        match self {
            Proof::Token(token) => [ParameterValue::Binary(token.hash()), null(), null(), null()],
            Proof::Code {
                account,
                channel,
                code,
            } => [null(), uuid(*account), text(*channel), text(*code)],
        }
    }
}

/// The verified address whose place another one takes by a proof. `None`: it takes no place.
pub async fn replaced(proof: &Proof<'_>) -> Result<Option<Address>, DbError> {
    let [token, account, channel, _] = proof.params();
    DB.read_one(
        "SELECT * FROM account.replaced_address_v1($1, $2, $3)",
        vec![token, account, channel],
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

/// Takes a proof: whether it was good. `used_by` names the request; at `told` the owner hears that another
/// address has lost its place.
pub async fn verify(
    proof: &Proof<'_>,
    used_by: Uuid,
    told: Option<&Told>,
    trace: Option<String>,
) -> Result<bool, DbError> {
    let [token, account, channel, code] = proof.params();
    let row = DB
        .write_one(
            "SELECT account.verify_v1($1, $2, $3, $4, $5, $6, $7)",
            vec![
                token,
                account,
                channel,
                code,
                uuid(used_by),
                maybe_jsonb(told)?,
                optional(trace),
            ],
        )
        .await?;
    some(row)?.get(0)
}

/// Gives an account another address, to which the letter goes.
///
/// # Errors
/// Refused with `too_many_logins` or `too_many_messages`.
pub async fn change(
    account: Uuid,
    confirmed: &Confirmed,
    letter: &NewLetter,
    trace: Option<String>,
) -> Result<Versioned, DbError> {
    let [by_identifier, by_address] = confirmed.scopes.params();
    let row = DB
        .write_one(
            "SELECT * FROM account.change_address_v1($1, $2, $3, $4, $5, $6)",
            vec![
                uuid(account),
                text(&confirmed.hash),
                by_identifier,
                by_address,
                jsonb(letter)?,
                optional(trace),
            ],
        )
        .await?;
    Versioned::from_row(&some(row)?)
}
