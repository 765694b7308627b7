//! Payment sessions.

use serde::Deserialize;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::legs::{Attempt, Leg};
use super::params::{answered, done, found, jsonb, maybe_text, maybe_uuid, text, uuid};
use crate::DB;
use crate::domain::parts::Part;
use crate::domain::states::SessionState;

/// A session to be opened.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub id: Uuid,
    pub payer: Uuid,
    pub currency: String,
    /// Most that is taken from the wallet, minor units.
    pub wallet_limit: i64,
    /// Who is paid for the rest.
    pub provider: Option<String>,
    /// A saved method of the payer there.
    pub method: Option<Uuid>,
    pub parts: Vec<Part>,
    pub ttl_s: u32,
    pub return_url: Option<String>,
}

/// How a session stands.
#[derive(Debug, Clone, Deserialize)]
pub struct Session {
    pub id: Uuid,
    pub state: SessionState,
    /// `None` of a tombstone.
    pub payer_id: Option<Uuid>,
    pub currency: Option<String>,
    pub total: i64,
    pub outstanding: i64,
    pub from_wallet: i64,
    /// Where the payer pays, while an attempt waits for them.
    pub pay_url: Option<String>,
    /// The newest attempt.
    pub attempt: Option<Attempt>,
}

/// What came of closing a session.
#[derive(Debug, Clone, Deserialize)]
pub struct Closed {
    /// False: it is paid, and stays.
    pub closed: bool,
    /// Attempts that are given up; their providers should know.
    pub attempts: Vec<Leg>,
}

/// A JSON document that has a version.
#[derive(Debug)]
pub struct Versioned {
    pub version: i64,
    pub json: String,
}

/// Opens a session, or answers how the one of that id stands. `leg` becomes the id of the attempt that
/// it needs, if it needs one. Refuses with `insufficient_funds` (`available`) and `provider_unusable`
/// (`reason`).
pub async fn open(new: &NewSession, leg: Uuid) -> Result<Session, DbError> {
    answered(
        "SELECT payment.open_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)::text",
        vec![
            uuid(new.id),
            uuid(new.payer),
            text(new.currency.as_str()),
            ParameterValue::Int64(new.wallet_limit),
            maybe_text(new.provider.clone()),
            maybe_uuid(new.method),
            jsonb(&new.parts)?,
            ParameterValue::Int32(i32::try_from(new.ttl_s).unwrap_or(i32::MAX)),
            maybe_text(new.return_url.clone()),
            uuid(leg),
        ],
    )
    .await
}

/// How a session stands.
pub async fn get(session: Uuid) -> Result<Option<Session>, DbError> {
    found(
        "SELECT payment.session_state_v1(s)::text FROM payment.session s WHERE s.id = $1",
        vec![uuid(session)],
    )
    .await
}

/// A session for its payer. `None`: there is none, or it is somebody else's.
pub async fn read(payer: Uuid, session: Uuid) -> Result<Option<Versioned>, DbError> {
    let row = DB
        .read_one(
            "SELECT version, body FROM payment.session_v1($1, $2)",
            vec![uuid(payer), uuid(session)],
        )
        .await?;
    row.map(|row| {
        Ok(Versioned {
            version: row.get(0)?,
            json: row.get(1)?,
        })
    })
    .transpose()
}

/// Closes an unpaid session. May be repeated; an unknown one leaves a tombstone.
pub async fn cancel(session: Uuid, expired: bool, reason: &str) -> Result<Closed, DbError> {
    answered(
        "SELECT payment.cancel_session_v1($1, $2, $3)::text",
        vec![
            uuid(session),
            ParameterValue::Boolean(expired),
            text(reason),
        ],
    )
    .await
}

/// Undoes a settled session before any of its orders exists. May be repeated. An open one is cancelled.
/// What was refunded of it before stays so. Refuses with `wrong_state` when one of its orders was paid out.
pub async fn refund_all(session: Uuid, reason: &str) -> Result<(), DbError> {
    done(
        "SELECT payment.refund_all_v1($1, $2)",
        vec![uuid(session), text(reason)],
    )
    .await
}
