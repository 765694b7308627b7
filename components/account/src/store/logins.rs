//! The two statements of a login, and the one that counts a failed one.

use serde_json::Value;
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::{optional, some, text, uuid};
use crate::DB;
use crate::domain::identifier::Identifier;
use stoa_kit::secret::Secret;

/// What failed logins are counted by.
#[derive(Debug, Clone)]
pub struct Scopes {
    identifier: Option<String>,
    address: Option<String>,
}

impl Scopes {
    /// Of an identifier and a client's address. Text that can be no identifier is not kept:
    /// it may well be a password in the wrong field.
    #[must_use]
    pub fn new(identifier: Option<&Identifier>, address: &str) -> Self {
        Self {
            identifier: identifier.map(|i| format!("id:{i}")),
            address: (!address.is_empty()).then(|| format!("ip:{address}")),
        }
    }

    fn params(&self) -> [ParameterValue; 2] {
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
pub async fn lookup(identifier: Option<&Identifier>, scopes: &Scopes) -> Result<Lookup, DbError> {
    let [by_identifier, by_address] = scopes.params();
    let rows = DB
        .read(
            "SELECT * FROM account.login_lookup_v1($1, $2, $3, $4)",
            vec![
                optional(identifier.map(Identifier::kind)),
                optional(identifier.map(ToString::to_string)),
                by_identifier,
                by_address,
            ],
        )
        .await?;
    let mut candidates = Vec::with_capacity(rows.len());
    for row in &rows {
        let retry_after: i32 = row.get(0)?;
        if retry_after > 0 {
            return Ok(Lookup::Locked(retry_after));
        }
        candidates.push(Candidate {
            account_id: row.get(1)?,
            password_hash: row.get(2)?,
        });
    }
    Ok(Lookup::Candidates(candidates))
}

/// Counts a failure. `Some`: locked already, for so many seconds.
pub async fn failed(scopes: &Scopes) -> Result<Option<i32>, DbError> {
    let rows = DB
        .write_once(
            "SELECT account.login_failed_v1($1, $2)",
            scopes.params().to_vec(),
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
}

/// What the tokens of a session are made of.
#[derive(Debug)]
pub struct Grant {
    /// The account as its owner sees it.
    pub account: Value,
    /// The key that signs.
    pub kid: String,
    /// Its Ed25519 seed.
    pub secret: Vec<u8>,
}

impl Grant {
    pub(super) fn from_row(row: &Row, first: usize) -> Result<Self, DbError> {
        Ok(Self {
            account: row.get(first)?,
            kid: row.get(first.saturating_add(1))?,
            secret: row.get(first.saturating_add(2))?,
        })
    }
}

/// Opens a session.
pub async fn open_session(new: NewSession<'_>, scopes: &Scopes) -> Result<Grant, DbError> {
    let [by_identifier, by_address] = scopes.params();
    let row = DB
        .write_one(
            "SELECT * FROM account.open_session_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
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
            ],
        )
        .await?;
    Grant::from_row(&some(row)?, 0)
}
