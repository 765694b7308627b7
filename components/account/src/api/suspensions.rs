//! Accounts that may not sign in.

use axum::Extension;
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Json, Path, Problem, RequestContext, Role};
use stoa_kit::{Error, Result, redis, time};
use uuid::Uuid;

use super::sessions::announce_revocation;
use super::validators;
use crate::store::staff;

/// Why an account is suspended, and for how long.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSuspension {
    /// The account reads it when it wants to sign in.
    #[garde(custom(validators::reason))]
    #[schema(example = "Sold counterfeits.", min_length = 1, max_length = 1000)]
    reason: String,
    /// When it ends by itself, by the real clock; without it, for good.
    #[garde(inner(custom(validators::moment)))]
    #[schema(example = "2999-01-01T00:00:00Z")]
    until: Option<DateTime<Utc>>,
}

/// An account that may not sign in.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Suspension {
    account_id: Uuid,
    reason: String,
    until: Option<DateTime<Utc>>,
    suspended_at: DateTime<Utc>,
    suspended_by: Uuid,
}

/// Suspends an account. For moderators.
///
/// Its sessions end, what it has listed is hidden, and signing in is refused with the reason. Done again, it changes reason and end. Only
/// an administrator suspends staff, and nobody themselves.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/suspension",
    operation_id = "suspend_account",
    tag = "account",
    params(("id" = Uuid, Path, description = "The account.")),
    request_body = NewSuspension,
    responses(
        (status = 200, description = "It is suspended.", body = Suspension),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `own_account`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn suspend(
    caller: Caller,
    Path(id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<NewSuspension>,
) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    let now = i64::try_from(time::unix_now()).unwrap_or(i64::MAX);
    if body.until.is_some_and(|until| until.timestamp() <= now) {
        return Err(Error::invalid(
            "/until",
            "out_of_range",
            "A suspension ends in the future.",
        ));
    }
    let until = body.until.map(|until| {
        until
            .naive_utc()
            .format("%Y-%m-%dT%H:%M:%S%.3f")
            .to_string()
    });
    let suspension = staff::suspend(
        caller.account_id,
        id,
        body.reason,
        until,
        context.traceparent,
    )
    .await?;
    announce_revocation().await;
    redis::ring_relay();
    Ok(Answer::json_text(suspension))
}

/// Ends a suspension. For moderators.
///
/// What was hidden with it is listed again. An account that is not suspended stays as it is.
#[utoipa::path(
    delete,
    path = "/v1/accounts/{id}/suspension",
    operation_id = "reinstate_account",
    tag = "account",
    params(("id" = Uuid, Path, description = "The account.")),
    responses(
        (status = 204, description = "It may sign in."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`own_account`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn reinstate(
    caller: Caller,
    Path(id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    staff::reinstate(caller.account_id, id, context.traceparent).await?;
    redis::ring_relay();
    Ok(Answer::no_content())
}
