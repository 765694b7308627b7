//! Money that settles nothing, and what staff decide about it.

use stoa_kit::http::{Idempotency, Page};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::items::{Items, items};
use super::keyed::keyed;
use super::params::{found, maybe_text, maybe_uuid, text, uuid};
use crate::domain::states::UnmatchedState;

/// What is in a state, or all of it, the longest waiting first.
pub async fn page(state: Option<UnmatchedState>, page: &Page) -> Result<Items<Uuid>, DbError> {
    items(
        "SELECT * FROM payment.unmatched_page_v1($1, $2, $3)",
        vec![
            maybe_text(state.map(UnmatchedState::as_str)),
            maybe_uuid(page.after),
            ParameterValue::Int32(page.limit),
        ],
    )
    .await
}

/// The currency of one, as the provider said. It never changes.
pub async fn currency(id: Uuid) -> Result<Option<String>, DbError> {
    found(
        "SELECT to_json(u.currency)::text FROM payment.unmatched_payment u WHERE u.id = $1",
        vec![uuid(id)],
    )
    .await
}

/// What staff decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Into the payer's wallet with it.
    Credited,
    /// It goes back at the provider, by hand.
    Returned,
}

impl Decision {
    fn as_str(self) -> &'static str {
        match self {
            Self::Credited => "credited",
            Self::Returned => "returned",
        }
    }
}

/// Decides about one that is open: status, body and whether the key had done it before.
pub async fn decide(
    actor: Uuid,
    idempotency: &Idempotency,
    id: Uuid,
    decision: Decision,
    reason: &str,
) -> Result<Option<Row>, DbError> {
    keyed(
        "SELECT * FROM payment.decide_unmatched_v1($1, $2, $3, $4, $5, $6, $7)",
        actor,
        idempotency,
        [uuid(id), text(decision.as_str()), text(reason)],
    )
    .await
}
