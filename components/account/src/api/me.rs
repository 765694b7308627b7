//! The caller's own account.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, IfMatch, IfNoneMatch, Json, Problem, RequestContext};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use super::validators;
use crate::domain::profile;
use crate::store::accounts::{self, ProfileChange};

/// An account as its owner sees it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Account {
    id: Uuid,
    /// Lower case.
    email: Option<String>,
    email_verified: bool,
    /// To take the place of `email` once it is verified.
    pending_email: Option<String>,
    /// E.164.
    phone: Option<String>,
    phone_verified: bool,
    /// To take the place of `phone` once it is verified.
    pending_phone: Option<String>,
    /// Lower case.
    username: Option<String>,
    name: String,
    bio: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "VN")]
    country: String,
    /// Language tag (BCP 47).
    #[schema(example = "vi-VN")]
    locale: String,
    /// `member`, and perhaps `moderator` and `admin`.
    #[schema(example = json!(["member"]))]
    roles: Vec<String>,
    /// The ETag, for `If-Match`.
    version: i64,
    created_at: chrono::DateTime<chrono::Utc>,
}

/// Reads the caller's account.
#[utoipa::path(
    get,
    path = "/v1/me",
    operation_id = "read_me",
    tag = "account",
    params(("If-None-Match" = Option<String>, Header, description = "ETag of the version at hand.")),
    responses(
        (status = 200, description = "The account; its version is the ETag.", body = Account),
        (status = 304, description = "Still the version at hand."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(caller: Caller, IfNoneMatch(at_hand): IfNoneMatch) -> Result<Answer> {
    let me = accounts::me(caller.account_id)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Answer::json_text(me.json)
        .unless_at_hand(at_hand == Some(me.version))
        .version(me.version))
}

/// Changes to the caller's profile. What is left out, or null, stays as it is.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileUpdate {
    /// Display name.
    #[garde(inner(custom(validators::name)))]
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// About the account; empty to clear it.
    #[garde(inner(custom(validators::bio)))]
    #[schema(max_length = 1000)]
    bio: Option<String>,
    /// ISO 3166-1 alpha-2, upper case.
    #[garde(inner(custom(validators::country)))]
    #[schema(example = "VN")]
    country: Option<String>,
    /// Language tag (BCP 47).
    #[garde(inner(custom(validators::locale)))]
    #[schema(example = "vi-VN")]
    locale: Option<String>,
}

/// Changes the caller's profile.
#[utoipa::path(
    patch,
    path = "/v1/me",
    operation_id = "update_me",
    tag = "account",
    request_body = ProfileUpdate,
    params(("If-Match" = String, Header, description = "ETag of the version to change.")),
    responses(
        (status = 200, description = "The account as it is now.", body = Account),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`stale_version`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "`precondition_required`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn update(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    IfMatch(version): IfMatch,
    Json(body): Json<ProfileUpdate>,
) -> Result<Answer> {
    let change = ProfileChange {
        name: body.name.as_deref().and_then(profile::name),
        bio: body.bio.as_deref().and_then(profile::bio),
        country: body.country,
        locale: body.locale.as_deref().and_then(profile::locale),
    };
    let me = accounts::update_me(caller.account_id, version, context.traceparent, change).await?;
    redis::ring_relay();
    Ok(Answer::json_text(me.json).version(me.version))
}
