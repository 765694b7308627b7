//! Refunds: money on its way back to a buyer.
//!
//! A refund's amount leaves the escrow (or the late leg) for the session's funds when it is asked for,
//! and these by legs: what goes to the wallet is there in the same statement, what goes to a provider
//! waits for the workflow `refund`, which has the refund's id and the input `{"refund_id"}`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::params::{done, found, maybe_text, text, uuid};
use crate::domain::states::LegMethod;

/// Where the money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum Destination {
    /// To the legs it came by, the last first.
    Original,
    /// All of it to the wallet.
    Wallet,
}

impl Destination {
    /// As the tables have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Wallet => "wallet",
        }
    }
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum RefundState {
    Pending,
    Done,
}

/// Where a part of a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum RefundLegState {
    /// A provider has it to do.
    Pending,
    Done,
    /// In the wallet instead of where it came from.
    ToWallet,
    /// The payer has it by their bank, which took it back.
    ChargedBack,
}

/// A refund and its way back.
#[derive(Debug, Clone, Deserialize)]
pub struct Refund {
    pub id: Uuid,
    pub reference: String,
    pub session_id: Uuid,
    pub order_id: Option<Uuid>,
    pub payer_id: Uuid,
    pub amount: i64,
    pub currency: String,
    pub destination: Destination,
    pub reason: String,
    pub state: RefundState,
    /// In the order in which they go.
    pub legs: Vec<RefundLeg>,
}

/// What goes back by one leg.
#[derive(Debug, Clone, Deserialize)]
pub struct RefundLeg {
    /// The provider's idempotency key.
    pub id: Uuid,
    pub amount: i64,
    pub state: RefundLegState,
    /// The provider's name for the refund.
    pub provider_ref: Option<String>,
    pub method: LegMethod,
    /// `None`: the wallet.
    pub provider: Option<String>,
    /// The leg that the money came by.
    pub leg_id: Uuid,
    pub leg_amount: i64,
    /// The provider's name for the payment.
    pub leg_provider_ref: Option<String>,
    pub leg_created_at: DateTime<Utc>,
}

/// A refund with its legs.
pub async fn read(refund: Uuid) -> Result<Option<Refund>, DbError> {
    found(
        "SELECT payment.refund_json_v1(r)::text FROM payment.refund r WHERE r.id = $1",
        vec![uuid(refund)],
    )
    .await
}

/// Whether a provider may be asked for a part of a refund.
#[derive(Debug, Clone, Deserialize)]
pub struct Turn {
    /// An earlier part of the same payment is not settled.
    pub waits: bool,
    /// The provider's names for all other refunds of the payment, so far as they are known.
    pub others: Vec<String>,
}

/// How a part stands beside others of its payment.
pub async fn turn(leg: Uuid) -> Result<Turn, DbError> {
    let turn = found("SELECT payment.refund_turn_v1($1)::text", vec![uuid(leg)]).await?;
    turn.ok_or_else(|| DbError::Shape("no turn of a part of a refund".into()))
}

/// The provider has paid a part back: out of the books with it. The last part ends the refund and
/// publishes `payment.refunded`. May be repeated. `note` is a workflow's, as a `jsonb` parameter.
pub async fn leg_done(
    leg: Uuid,
    provider_ref: Option<String>,
    note: Option<ParameterValue>,
) -> Result<(), DbError> {
    done(
        "SELECT payment.refund_leg_done_v1($1, $2, $3)",
        vec![
            uuid(leg),
            maybe_text(provider_ref),
            note.unwrap_or(ParameterValue::DbNull),
        ],
    )
    .await
}

/// The provider will not: into the payer's wallet with it. `provider_ref`: its name for the refund that
/// came to nothing there. Otherwise as [`leg_done`].
pub async fn leg_to_wallet(
    leg: Uuid,
    reason: &str,
    provider_ref: Option<String>,
    note: Option<ParameterValue>,
) -> Result<(), DbError> {
    done(
        "SELECT payment.refund_leg_to_wallet_v1($1, $2, $3, $4)",
        vec![
            uuid(leg),
            text(reason),
            note.unwrap_or(ParameterValue::DbNull),
            maybe_text(provider_ref),
        ],
    )
    .await
}
