//! New tokens for old.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, ClientAddress, Json, Problem, RequestContext};
use stoa_kit::{Error, Result, redis};

use super::sessions::announce_revocation;
use super::tokens::{self, Tokens};
use crate::store::sessions::{self, Refreshed};
use stoa_kit::secret::Secret;

/// A refresh token to be spent.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The newest refresh token of the session.
    #[garde(length(min = 1, max = 256))]
    #[schema(min_length = 1, max_length = 256)]
    refresh_token: String,
}

/// Spends a refresh token for a new pair of tokens.
///
/// Each refresh token works once. Within 10 seconds it may be sent again and yields the same
/// successor, so that an answer may be lost; after that, or once the successor was spent too, its
/// use counts as theft and ends the session.
#[utoipa::path(
    post,
    path = "/v1/sessions/refresh",
    tag = "account",
    request_body = Refresh,
    responses(
        (status = 200, description = "The session's new tokens.", body = Tokens),
        (status = 401, description = "`invalid_refresh_token`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn refresh(
    ClientAddress(address): ClientAddress,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<Refresh>,
) -> Result<Answer> {
    let invalid = || Error::problem("invalid_refresh_token");
    let token = Secret::decode(&body.refresh_token).ok_or_else(invalid)?;
    match sessions::refresh(&token, address, context.traceparent).await? {
        Refreshed::Done {
            session_id,
            successor,
            grant,
        } => tokens::answer(session_id, &successor, grant).await,
        Refreshed::Invalid => Err(invalid()),
        Refreshed::Reused => {
            announce_revocation().await;
            redis::ring_relay();
            Err(invalid())
        }
    }
}
