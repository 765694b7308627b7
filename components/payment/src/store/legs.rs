//! Legs: attempts at providers, and what becomes of them.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::params::{answered, found, jsonb, maybe_text, maybe_uuid, text, uuid};
use super::sessions::Session;
use crate::domain::states::{LegMethod, LegState};

/// What a provider says of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It is paid.
    Settled,
    /// It will not be, as far as the provider knows.
    Failed,
    /// The provider took money back that it had paid out.
    ChargedBack,
    /// It gave back what it had taken so.
    Reinstated,
    /// A refund of it that the provider had made has failed after all: see [`Report::refund_leg`].
    RefundFailed,
    /// Anything else: noted, and nothing more.
    Other,
}

impl Told {
    fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Failed => "failed",
            Self::ChargedBack => "charged_back",
            Self::Reinstated => "reinstated",
            Self::RefundFailed => "refund_failed",
            Self::Other => "other",
        }
    }
}

/// What a provider told, whoever asked: a webhook, its status, or its answer to the attempt itself.
#[derive(Debug, Clone)]
pub struct Report {
    pub provider: String,
    /// What makes it count once; 1 to 200 characters. Of answers that are no event of the provider's,
    /// something of ours: `created:<leg>`, `status:<leg>:settled`.
    pub event_id: String,
    pub kind: Told,
    pub leg: Uuid,
    /// The provider's name for the payment, which a refund gives it.
    pub provider_ref: Option<String>,
    /// Minor units and currency as the provider says. Compared with the leg's.
    pub amount: i64,
    pub currency: String,
    /// Why it failed, for the buyer.
    pub reason: Option<String>,
    /// Of [`Told::RefundFailed`]: which part of which refund, as the provider had it for its key.
    pub refund_leg: Option<Uuid>,
}

/// What came of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reported {
    /// The leg is settled by it.
    Settled,
    /// Its money came too late, and is on its way back.
    Late,
    /// Known before: this event, or what it says.
    Duplicate,
    /// Another amount or currency than the leg's: nothing was moved.
    AmountMismatch,
    /// There is no such leg at this provider.
    UnknownLeg,
    /// The leg has failed by it.
    Failed,
    /// Money that the provider took back is in the books.
    ChargedBack,
    /// And so is what it gave back again.
    Reinstated,
    /// What a refund could not give back at the provider is in the payer's wallet.
    RefundFailed,
    /// The provider gave back what settles nothing, and nobody has to decide about it any more.
    UnmatchedReturned,
    /// Nothing is known of what it follows: nothing was moved, and it counts when it is told again.
    TooEarly,
    /// Noted, and nothing more; of a refund that is on its way it counts later.
    Ignored,
}

/// A leg as it is stored.
#[derive(Debug, Clone, Deserialize)]
pub struct Leg {
    pub id: Uuid,
    pub session_id: Uuid,
    pub position: i16,
    pub method: LegMethod,
    /// `None`: the wallet.
    pub provider: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub refunded: i64,
    pub state: LegState,
    pub provider_ref: Option<String>,
    pub pay_url: Option<String>,
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Of attempts.
    pub expires_at: Option<DateTime<Utc>>,
    pub settled_at: Option<DateTime<Utc>>,
}

/// An attempt and all that a provider has to know of it.
#[derive(Debug, Clone, Deserialize)]
pub struct Attempt {
    #[serde(flatten)]
    pub leg: Leg,
    pub return_url: Option<String>,
    /// The provider's token for the payer's saved method.
    pub method_token: Option<String>,
}

/// The provider has it and waits for the payer. An attempt that has got further stays where it is.
/// How the session stands then.
pub async fn opened(
    leg: Uuid,
    provider_ref: Option<String>,
    pay_url: Option<String>,
    client_data: Option<&Value>,
) -> Result<Session, DbError> {
    answered(
        "SELECT payment.leg_opened_v1($1, $2, $3, $4)::text",
        vec![
            uuid(leg),
            maybe_text(provider_ref),
            maybe_text(pay_url),
            client_data.map_or(Ok(ParameterValue::DbNull), jsonb)?,
        ],
    )
    .await
}

/// Takes what a provider told: the only way in which a leg settles. May be repeated.
pub async fn report(report: &Report) -> Result<Reported, DbError> {
    answered(
        "SELECT to_json(payment.report_v1($1, $2, $3, $4, $5, $6, $7, $8, $9))::text",
        vec![
            text(report.provider.as_str()),
            text(report.event_id.as_str()),
            text(report.kind.as_str()),
            uuid(report.leg),
            maybe_text(report.provider_ref.clone()),
            ParameterValue::Int64(report.amount),
            text(report.currency.as_str()),
            maybe_text(report.reason.clone()),
            maybe_uuid(report.refund_leg),
        ],
    )
    .await
}

/// The provider said no to an attempt that is under way; `payment.failed` says so. Whether it was
/// under way.
pub async fn failed(leg: Uuid, reason: &str) -> Result<bool, DbError> {
    answered(
        "SELECT to_json(payment.leg_failed_v1($1, $2))::text",
        vec![uuid(leg), text(reason)],
    )
    .await
}

/// Gives up an attempt that is under way, such as one whose time is over. Whether it was.
pub async fn cancelled(leg: Uuid, reason: &str) -> Result<bool, DbError> {
    answered(
        "SELECT to_json(payment.leg_cancelled_v1($1, $2))::text",
        vec![uuid(leg), text(reason)],
    )
    .await
}

/// A leg.
pub async fn read(leg: Uuid) -> Result<Option<Leg>, DbError> {
    found(
        "SELECT payment.leg_json_v1(l)::text FROM payment.leg l WHERE l.id = $1",
        vec![uuid(leg)],
    )
    .await
}
