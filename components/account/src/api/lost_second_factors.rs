//! Second factors that were lost together with their recovery codes.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Json, Path, Problem, RequestContext, Role};
use stoa_kit::{Result, redis};
use uuid::Uuid;

use super::sessions::announce_revocation;
use super::{letters, validators};
use crate::store::staff;

/// Why a second factor is taken away.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LostSecondFactor {
    /// How it was made sure whose account it is. For the audit log: the account is not told.
    #[garde(custom(validators::reason))]
    #[schema(
        example = "Showed the passport that the payouts are checked with.",
        min_length = 1,
        max_length = 1000
    )]
    reason: String,
}

/// Takes an account's second factor away. For administrators, signed in themselves.
///
/// For an owner who has lost the authenticator and the recovery codes. Signing in needs the password alone again; all
/// sessions end, keys for programs stay, and the owner is told at a verified address. Nobody does it to themselves:
/// that is `DELETE /v1/me/totp`.
#[utoipa::path(
    delete,
    path = "/v1/accounts/{id}/totp",
    operation_id = "take_away_second_factor",
    tag = "account",
    params(("id" = Uuid, Path, description = "The account.")),
    request_body = LostSecondFactor,
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`second_factor_off`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `own_account`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn take_away(
    caller: Caller,
    Path(id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<LostSecondFactor>,
) -> Result<Answer> {
    caller.require(Role::Admin)?;
    caller.require_person()?;
    let told = letters::to_owner(id).await?;
    staff::take_away_second_factor(
        caller.account_id,
        id,
        body.reason,
        told.as_ref(),
        context.traceparent,
    )
    .await?;
    announce_revocation().await;
    redis::ring_relay();
    Ok(Answer::no_content())
}
