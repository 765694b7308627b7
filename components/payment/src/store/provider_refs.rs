//! Attempts as their providers ask for them.

use stoa_kit::pg::DbError;
use uuid::Uuid;

use super::legs::Attempt;
use super::params::{found, text, uuid};

/// The leg that a provider calls so.
pub async fn leg_of(provider: &str, reference: &str) -> Result<Option<Uuid>, DbError> {
    found(
        "SELECT to_json(l.id)::text FROM payment.leg l WHERE l.provider = $1 AND l.provider_ref = $2",
        vec![text(provider), text(reference)],
    )
    .await
}

/// An attempt at a provider, without the token of a saved method.
pub async fn attempt_at(provider: &str, leg: Uuid) -> Result<Option<Attempt>, DbError> {
    found(
        "SELECT (payment.leg_json_v1(l) || jsonb_build_object('return_url', l.return_url))::text \
         FROM payment.leg l WHERE l.id = $1 AND l.provider = $2",
        vec![uuid(leg), text(provider)],
    )
    .await
}
