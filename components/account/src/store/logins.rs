//! The two statements of a login, and the one that counts a failed one.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Value, json};
use stoa_kit::http::address_group;
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::passwords::{Address, Told};
use super::{jsonb, optional, some, text, uuid};
use crate::DB;
use crate::domain::access_token::Key;
use crate::domain::identifier::Identifier;
use stoa_kit::secret::Secret;

/// What failed logins are counted by.
#[derive(Debug, Clone)]
pub struct Scopes {
    identifier: Option<String>,
    /// All of a customer's addresses count for one, as they do where requests are limited.
    address: Option<String>,
    /// The client's address, for the audit log.
    client: Option<String>,
}

impl Scopes {
    /// Of an identifier and a client's address. Text that can be no identifier is not kept:
    /// it may well be a password in the wrong field.
    #[must_use]
    pub fn new(identifier: Option<&Identifier>, address: &str) -> Self {
        Self {
            identifier: identifier.map(|i| format!("id:{i}")),
            address: (!address.is_empty()).then(|| {
                let parsed = address.parse::<IpAddr>();
                let group = parsed.map_or_else(|_| address.to_owned(), address_group);
                format!("ip:{group}")
            }),
            client: (!address.is_empty()).then(|| address.to_owned()),
        }
    }

    /// Of an account whose password is asked for again: an id is no identifier to sign in with.
    #[must_use]
    pub fn of_account(account: Uuid, address: &str) -> Self {
        Self {
            identifier: Some(format!("id:{account}")),
            ..Self::new(None, address)
        }
    }

    pub(super) fn params(&self) -> [ParameterValue; 2] {
        [
            optional(self.identifier.as_deref()),
            optional(self.address.as_deref()),
        ]
    }
}

/// An account that the identifier may mean.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub account_id: Uuid,
    /// PHC string.
    pub password_hash: String,
    /// Its second factor, if one is in force.
    pub totp: Option<Enrolment>,
    /// Whether it has signed in before, but never with this device.
    pub is_new_device: bool,
    /// Where its owner is told things.
    pub reached_at: Option<Address>,
}

/// A second factor as it is kept.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// New with each enrolment.
    pub id: Uuid,
    /// The secret, sealed.
    pub sealed: Vec<u8>,
}

impl Enrolment {
    /// From the columns at `first` and behind it.
    pub(super) fn from_row(row: &Row, first: usize) -> Result<Option<Self>, DbError> {
        let id: Option<Uuid> = row.get(first)?;
        let sealed: Option<Vec<u8>> = row.get(first.saturating_add(1))?;
        Ok(id.zip(sealed).map(|(id, sealed)| Self { id, sealed }))
    }
}

/// What somebody signs in with, in short; see `domain::device`.
#[derive(Debug, Clone)]
pub struct Device {
    pub name: String,
    pub network: &'static str,
}

impl Device {
    /// As `see_device_v1` reads it.
    pub(super) fn described(&self, told: Option<&Told>) -> Value {
        json!({
            "name": self.name,
            "network": self.network,
            "channel": told.map(|told| &told.channel),
            "sealed": told.map(|told| &told.sealed),
        })
    }
}

/// What is known before a password is tried.
#[derive(Debug)]
pub enum Lookup {
    /// Locked for so many seconds.
    Locked(i32),
    /// Whose passwords to try, in this order; nobody's, when empty.
    Candidates(Vec<Candidate>),
}

/// Looks up whom an identifier means, unless it or the address is locked.
pub async fn lookup(
    identifier: Option<&Identifier>,
    scopes: &Scopes,
    device: &Device,
) -> Result<Lookup, DbError> {
    let [by_identifier, by_address] = scopes.params();
    let rows = DB
        .read(
            "SELECT * FROM account.login_lookup_v1($1, $2, $3, $4, $5, $6)",
            vec![
                optional(identifier.map(Identifier::kind)),
                optional(identifier.map(ToString::to_string)),
                by_identifier,
                by_address,
                text(&device.name),
                text(device.network),
            ],
        )
        .await?;
    let mut candidates = Vec::with_capacity(rows.len());
    for row in &rows {
        let retry_after: i32 = row.get(0)?;
        if retry_after > 0 {
            return Ok(Lookup::Locked(retry_after));
        }
        let channel: Option<String> = row.get(6)?;
        candidates.push(Candidate {
            account_id: row.get(1)?,
            password_hash: row.get(2)?,
            totp: Enrolment::from_row(row, 3)?,
            is_new_device: row.get(5)?,
            reached_at: channel
                .zip(row.get(7)?)
                .map(|(channel, address)| Address { channel, address }),
        });
    }
    Ok(Lookup::Candidates(candidates))
}

/// What was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Password,
    /// The second factor's.
    Code,
}

/// Whose password or code it was that was wrong.
#[derive(Debug, Clone)]
pub struct Failure {
    part: Part,
    /// Somebody is signed in, and was asked again.
    signed_in: bool,
    accounts: Vec<Uuid>,
}

impl Failure {
    /// Of a login: of the accounts that the identifier may mean.
    #[must_use]
    pub fn to_sign_in(part: Part, accounts: Vec<Uuid>) -> Self {
        Self {
            part,
            signed_in: false,
            accounts,
        }
    }

    /// Of an account that is signed in.
    #[must_use]
    pub fn to_confirm(part: Part, account: Uuid) -> Self {
        Self {
            part,
            signed_in: true,
            accounts: vec![account],
        }
    }

    /// Codes are counted by account too: however it is called at login, it has one.
    fn code_scope(&self) -> Option<String> {
        let account = self.accounts.first()?;
        (self.part == Part::Code).then(|| format!("code:{account}"))
    }
}

/// Counts a failure. `Some`: locked already, for so many seconds.
pub async fn failed(scopes: &Scopes, failure: &Failure) -> Result<Option<i32>, DbError> {
    let [by_identifier, by_address] = scopes.params();
    let logged = json!({
        "action": if failure.signed_in { "confirmation_failed" } else { "login_failed" },
        "part": failure.part,
        "accounts": failure.accounts,
        "address": scopes.client,
    });
    let rows = DB
        .write_once(
            "SELECT account.login_failed_v1($1, $2, $3, $4)",
            vec![
                by_identifier,
                optional(failure.code_scope()),
                by_address,
                jsonb(&logged)?,
            ],
        )
        .await?;
    let retry_after: i32 = some(rows.into_iter().next())?.get(0)?;
    Ok((retry_after > 0).then_some(retry_after))
}

/// A session to be opened.
#[derive(Debug)]
pub struct NewSession<'a> {
    pub id: Uuid,
    /// Whose password was found right.
    pub candidate: &'a Candidate,
    /// A hash to put in place of an outdated one.
    pub new_hash: Option<String>,
    pub refresh_token: &'a Secret,
    /// What successors of the refresh token are derived with.
    pub chain_key: [u8; 32],
    pub user_agent: String,
    pub address: String,
    /// Whether to clear the failures of the identifier: when it means one account only.
    pub forget_failures: bool,
    /// Of the second factor, if one was sent.
    pub proof: Option<Proof>,
    pub device: Device,
    /// Where the owner learns of a new device.
    pub told: Option<Told>,
}

/// That somebody has the second factor, as `second_factor_v1` reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Proof {
    /// The code of a step of 30 seconds.
    Step {
        /// The enrolment.
        totp: Uuid,
        step: i64,
    },
    /// A recovery code.
    Recovery {
        /// Its hash, hexadecimal.
        recovery: String,
    },
}

/// What the tokens of a session are made of.
#[derive(Debug)]
pub struct Grant {
    /// The account as its owner sees it.
    pub account: Value,
    /// What signs.
    pub key: Key,
}

impl Grant {
    pub(super) fn from_row(row: &Row, first: usize) -> Result<Self, DbError> {
        Ok(Self {
            account: row.get(first)?,
            key: Key {
                id: row.get(first.saturating_add(1))?,
                algorithm: row.get(first.saturating_add(2))?,
                secret: row.get(first.saturating_add(3))?,
            },
        })
    }
}

/// Opens a session.
///
/// # Errors
/// Refused with `too_many_logins`, `second_factor_required`, `second_factor_wrong` (spent before, as far
/// as the caller could tell) or `account_suspended`.
pub async fn open_session(
    new: NewSession<'_>,
    scopes: &Scopes,
    trace: Option<String>,
) -> Result<Grant, DbError> {
    let [by_identifier, by_address] = scopes.params();
    let device = new.device.described(new.told.as_ref());
    let row = DB
        .write_one(
            "SELECT * FROM account.open_session_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            vec![
                uuid(new.id),
                uuid(new.candidate.account_id),
                text(&new.candidate.password_hash),
                optional(new.new_hash),
                ParameterValue::Binary(new.refresh_token.hash()),
                ParameterValue::Binary(new.chain_key.to_vec()),
                text(new.user_agent),
                text(new.address),
                by_identifier,
                by_address,
                ParameterValue::Boolean(new.forget_failures),
                new.proof.as_ref().map(jsonb).transpose()?.unwrap_or(ParameterValue::DbNull),
                jsonb(&device)?,
                optional(trace),
            ],
        )
        .await?;
    Grant::from_row(&some(row)?, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_one_customer_are_locked_together_and_logged_apart() {
        let scopes = |address| Scopes::new(None, address);
        let (one, other) = (scopes("2001:db8:1:2::1"), scopes("2001:db8:1:2:ffff::9"));
        assert_eq!(one.address, other.address);
        assert_ne!(one.client, other.client);
        assert_ne!(one.address, scopes("2001:db8:1:3::1").address);
        assert_eq!(scopes("192.0.2.1").address.as_deref(), Some("ip:192.0.2.1"));
        assert_eq!(scopes("").address, None);
    }
}
