//! Another password, by whoever knows the old one.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, ClientAddress, Json, Problem, RequestContext};
use stoa_kit::{Result, redis};

use super::sessions::announce_revocation;
use super::{confirmation, letters, random, validators};
use crate::domain::password;
use crate::store::passwords;

/// An old and a new password.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    #[garde(length(chars, min = 1, max = 128))]
    #[schema(example = "an older password", min_length = 1, max_length = 128)]
    current_password: String,
    /// 8 to 128 characters.
    #[garde(custom(validators::password))]
    #[schema(example = "staple gun sandwich", min_length = 8, max_length = 128)]
    new_password: String,
}

/// Changes the caller's password.
///
/// This session goes on. All others end, and links to reset the password are void. The owner is told at a
/// verified address, if there is one.
#[utoipa::path(
    post,
    path = "/v1/me/password",
    operation_id = "change_password",
    tag = "account",
    request_body = PasswordChange,
    responses(
        (status = 204, description = "It is the new one."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`wrong_password`, `sign_in_again` or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`missing_identifier`: there is nothing to sign in with besides.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn change(
    caller: Caller,
    client: ClientAddress,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<PasswordChange>,
) -> Result<Answer> {
    let confirmed = confirmation::password(&caller, &client, &body.current_password).await?;
    let told = letters::to_owner(caller.account_id).await?;
    let hash = password::hash(&body.new_password, random()?)?;
    passwords::change(
        caller.account_id,
        caller.session_id,
        &confirmed,
        hash,
        told.as_ref(),
        context.traceparent,
    )
    .await?;
    announce_revocation().await;
    redis::ring_relay();
    Ok(Answer::no_content())
}
