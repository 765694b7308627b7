//! Another password, by whoever has forgotten the old one.

use axum::Extension;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use stoa_kit::http::{Answer, Json, Problem, RequestContext};
use stoa_kit::secret::Secret;
use stoa_kit::{Error, Result, ids, redis};

use super::letters::{self, Purpose};
use super::sessions::announce_revocation;
use super::{random, validators};
use crate::domain::address::Channel;
use crate::domain::identifier::Identifier;
use crate::domain::password;
use crate::store::passwords;

/// Whose password was forgotten.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetRequest {
    /// E-mail address, phone number (E.164) or username.
    #[garde(length(chars, min = 1, max = 254))]
    #[schema(example = "lan@example.com", min_length = 1, max_length = 254)]
    identifier: String,
}

/// Sends a link to set another password.
///
/// The answer is always the same, and so is the work that it takes, whether or not there is such an
/// account. The link goes to a verified address only: to the one given, or to that of the username. At
/// most one a minute and five an hour; it is good for an hour.
#[utoipa::path(
    post,
    path = "/v1/password-resets",
    operation_id = "request_password_reset",
    tag = "account",
    request_body = ResetRequest,
    responses(
        (status = 202, description = "If there is such an account, a message is on its way."),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn request(
    Extension(context): Extension<RequestContext>,
    Json(body): Json<ResetRequest>,
) -> Result<Answer> {
    let answer = Answer::no_content().status(StatusCode::ACCEPTED);
    // What can be no identifier is not kept: it may well be a password in the wrong field.
    let Some(identifier) = Identifier::read(&body.identifier) else {
        return Ok(answer);
    };
    let target = passwords::target(identifier.kind(), identifier.to_string()).await?;
    let (account, channel, address) = match target {
        Some(target) => {
            let channel = Channel::of_name(&target.channel).unwrap_or(Channel::Email);
            (Some(target.account_id), channel, target.address)
        }
        None => (None, channel(&identifier), identifier.to_string()),
    };
    let letter = letters::write(Purpose::Reset, channel, address).await?;
    passwords::request_reset(account, &letter, context.traceparent).await?;
    redis::ring_relay();
    Ok(answer)
}

fn channel(identifier: &Identifier) -> Channel {
    match identifier {
        Identifier::Phone(_) => Channel::Phone,
        Identifier::Email(_) | Identifier::Username(_) => Channel::Email,
    }
}

/// Another password, and what was sent for it.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    /// Of the link.
    #[garde(length(min = 1, max = 256))]
    #[schema(
        example = "8wNBDJg2XqaVxoVyOBa1XLFh0VlBJp0XkVIY3TIxEd8",
        min_length = 1,
        max_length = 256
    )]
    token: String,
    /// 8 to 128 characters.
    #[garde(custom(validators::password))]
    #[schema(example = "staple gun sandwich", min_length = 8, max_length = 128)]
    new_password: String,
}

/// Sets another password with the token of a link.
///
/// All sessions of the account end, and what was locked by failed logins is open. Sign in afterwards at
/// `POST /v1/sessions`.
#[utoipa::path(
    post,
    path = "/v1/password-resets/confirm",
    operation_id = "reset_password",
    tag = "account",
    request_body = Reset,
    responses(
        (status = 204, description = "It is the new one."),
        (status = 410, description = "`secret_expired`: unknown, used or expired.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn confirm(
    Extension(context): Extension<RequestContext>,
    Json(body): Json<Reset>,
) -> Result<Answer> {
    let expired = || Error::problem("secret_expired");
    let token = Secret::decode(&body.token).ok_or_else(expired)?;
    // Hashing costs much, and anybody may ask.
    let address = passwords::reset_is_open(&token)
        .await?
        .ok_or_else(expired)?;
    let told = letters::notice(address).await?;
    let hash = password::hash(&body.new_password, random()?)?;
    let used_by = ids::new_id();
    if !passwords::reset(&token, hash, used_by, told.as_ref(), context.traceparent).await? {
        return Err(expired());
    }
    announce_revocation().await;
    redis::ring_relay();
    Ok(Answer::no_content())
}
