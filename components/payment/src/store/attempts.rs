//! New attempts at open sessions, under the Idempotency-Keys of their requests.

use serde::Deserialize;
use stoa_kit::http::Idempotency;
use stoa_kit::pg::{DbError, Row};
use uuid::Uuid;

use super::legs::Leg;
use super::params::{answered, done, maybe_text, maybe_uuid, text, uuid};
use super::sessions::Session;
use crate::DB;

/// What a payer wants to try.
#[derive(Debug)]
pub struct NewAttempt<'a> {
    pub payer: Uuid,
    pub idempotency: &'a Idempotency,
    pub session: Uuid,
    pub provider: &'a str,
    /// A saved method of the payer at that provider.
    pub method: Option<Uuid>,
    pub return_url: Option<String>,
}

/// What came of claiming the key.
#[derive(Debug)]
pub enum Begun {
    /// Go on with it: the session, whose newest attempt it is, and the attempts that it takes the place
    /// of, whose providers should know.
    Ours(Box<Session>, Vec<Leg>),
    /// Answered before: status and body.
    Stored(u16, String),
}

#[derive(Deserialize)]
struct Answer {
    status: Option<u16>,
    answer: Option<String>,
    session: Option<Box<Session>>,
    #[serde(default)]
    given_up: Vec<Leg>,
}

/// Begins an attempt. May be repeated. What it refuses with stands beside the SQL function.
pub async fn begin(new: &NewAttempt<'_>) -> Result<Begun, DbError> {
    let [key, hash, reference] = new.idempotency.params();
    let answer: Answer = answered(
        "SELECT payment.next_attempt_v1($1, $2, $3, $4, $5, $6, $7, $8)::text",
        vec![
            uuid(new.payer),
            key,
            hash,
            reference,
            uuid(new.session),
            text(new.provider),
            maybe_uuid(new.method),
            maybe_text(new.return_url.clone()),
        ],
    )
    .await?;
    match answer {
        Answer {
            session: Some(session),
            given_up,
            ..
        } => Ok(Begun::Ours(session, given_up)),
        Answer {
            status: Some(status),
            answer: Some(body),
            ..
        } => Ok(Begun::Stored(status, body)),
        _ => Err(DbError::Shape("neither a session nor an answer".into())),
    }
}

/// The session as it is now, which becomes the answer under the key: status, body and whether it was
/// answered before.
pub async fn answer(payer: Uuid, key: &str, session: Uuid) -> Result<Option<Row>, DbError> {
    DB.patient()
        .write_one(
            "SELECT * FROM payment.attempt_answer_v1($1, $2, $3)",
            vec![uuid(payer), text(key), uuid(session)],
        )
        .await
}

/// Gives the key of a declined attempt up, so that the same request tries again.
pub async fn abandon(payer: Uuid, key: &str, leg: Uuid) -> Result<(), DbError> {
    done(
        "SELECT payment.idempotency_abandon($1, $2, $3)",
        vec![uuid(payer), text(key), uuid(leg)],
    )
    .await
}

/// Nobody knows what the provider did: the same request may be repeated at once, and finds its leg.
pub async fn lapse(payer: Uuid, key: &str, leg: Uuid) -> Result<(), DbError> {
    done(
        "SELECT payment.attempt_lapse_v1($1, $2, $3)",
        vec![uuid(payer), text(key), uuid(leg)],
    )
    .await
}
