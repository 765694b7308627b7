//! The sandbox's side of the counter.

use serde::Deserialize;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::params::{answered, done, found, maybe_text, text, uuid};

/// What the sandbox is asked to collect.
#[derive(Debug)]
pub struct NewPayment<'a> {
    /// Its own name for it.
    pub id: Uuid,
    pub leg: Uuid,
    pub session: Uuid,
    pub amount: i64,
    pub currency: &'a str,
    pub description: &'a str,
    pub return_url: Option<&'a str>,
    /// `None`: somebody on its page decides.
    pub choice: Option<&'static str>,
}

/// Where a payment stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open,
    Paid,
    Declined,
    Cancelled,
}

/// A payment of the sandbox.
#[derive(Debug, Clone, Deserialize)]
pub struct Payment {
    pub id: Uuid,
    pub leg: Uuid,
    /// `None`: it was cancelled before it was made.
    pub session: Option<Uuid>,
    pub amount: i64,
    pub currency: String,
    pub description: String,
    pub return_url: Option<String>,
    pub state: State,
    /// What was collected.
    pub taken: i64,
    pub refunded: i64,
    /// What its page's request has to send now.
    #[serde(default)]
    pub webhooks: Vec<Webhook>,
}

/// Something to tell.
#[derive(Debug, Clone, Deserialize)]
pub struct Webhook {
    pub id: Uuid,
    pub body: String,
}

/// Makes a payment, or finds the leg's.
pub async fn create(new: &NewPayment<'_>) -> Result<Payment, DbError> {
    answered(
        "SELECT payment.sandbox_create_v1($1, $2, $3, $4, $5, $6, $7, $8)::text",
        vec![
            uuid(new.id),
            uuid(new.leg),
            uuid(new.session),
            ParameterValue::Int64(new.amount),
            text(new.currency),
            text(new.description),
            maybe_text(new.return_url),
            maybe_text(new.choice),
        ],
    )
    .await
}

/// By its own name.
pub async fn read(id: Uuid) -> Result<Option<Payment>, DbError> {
    found(
        "SELECT payment.sandbox_json_v1(p)::text FROM payment.sandbox_payment p WHERE p.id = $1",
        vec![uuid(id)],
    )
    .await
}

/// By the leg.
pub async fn of_leg(leg: Uuid) -> Result<Option<Payment>, DbError> {
    found(
        "SELECT payment.sandbox_json_v1(p)::text FROM payment.sandbox_payment p WHERE p.leg_id = $1",
        vec![uuid(leg)],
    )
    .await
}

/// What somebody chose on its page; see the SQL function. `None`: there is no such payment.
pub async fn choose(id: Uuid, choice: Option<&str>) -> Result<Option<Payment>, DbError> {
    answered(
        "SELECT coalesce(payment.sandbox_choose_v1($1, $2)::text, 'null')",
        vec![uuid(id), maybe_text(choice)],
    )
    .await
}

/// Webhooks whose time has come.
pub async fn due(limit: i32, lease_ms: i32) -> Result<Vec<Webhook>, DbError> {
    answered(
        "SELECT payment.sandbox_due_v1($1, $2)::text",
        vec![
            ParameterValue::Int32(limit),
            ParameterValue::Int32(lease_ms),
        ],
    )
    .await
}

/// Webhooks that were heard.
pub async fn sent(ids: &[Uuid]) -> Result<(), DbError> {
    let ids = ids.iter().map(|id| Some(id.to_string())).collect();
    done(
        "SELECT payment.sandbox_sent_v1($1)",
        vec![ParameterValue::ArrayStr(ids)],
    )
    .await
}

/// What came of asking for a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    Done,
    Unknown,
    NotPaid,
    TooMuch,
}

/// Gives back a part or all of a leg's payment, once for each key.
pub async fn refund(key: Uuid, leg: Uuid, amount: i64) -> Result<Given, DbError> {
    answered(
        "SELECT to_json(payment.sandbox_refund_v1($1, $2, $3))::text",
        vec![uuid(key), uuid(leg), ParameterValue::Int64(amount)],
    )
    .await
}

/// Whether a refund with that key was made.
pub async fn was_refunded(key: Uuid) -> Result<bool, DbError> {
    answered(
        "SELECT to_json(EXISTS (SELECT 1 FROM payment.sandbox_refund r WHERE r.key = $1))::text",
        vec![uuid(key)],
    )
    .await
}

/// Lets a leg's payment go; `id` names it if it was never made. How it stands then.
pub async fn cancel(id: Uuid, leg: Uuid, amount: i64, currency: &str) -> Result<State, DbError> {
    answered(
        "SELECT to_json(payment.sandbox_cancel_v1($1, $2, $3, $4))::text",
        vec![
            uuid(id),
            uuid(leg),
            ParameterValue::Int64(amount),
            text(currency),
        ],
    )
    .await
}
