//! Proving that an address is one's own.

use axum::Extension;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Json, MaybeCaller, Problem, RequestContext};
use stoa_kit::secret::Secret;
use stoa_kit::{Error, Result, ids, redis};

use super::letters::{self, Purpose};
use super::validators;
use crate::domain::address::Channel;
use crate::store::verifications::{self, Proof};

/// Which address to verify.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerificationRequest {
    /// `email`: a link by e-mail. `phone`: a code by SMS.
    #[garde(skip)]
    channel: Channel,
}

/// Sends a message to the caller's address, by which it is verified.
///
/// It goes to the address that is not verified yet, or to the one that is to take the place of a
/// verified one. At most one a minute and five an hour. A link is good for 24 hours, a code for 15
/// minutes and five tries; of codes only the newest.
#[utoipa::path(
    post,
    path = "/v1/me/verifications",
    operation_id = "request_verification",
    tag = "account",
    request_body = VerificationRequest,
    responses(
        (status = 202, description = "On its way."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`nothing_to_verify`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_messages`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn request(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<VerificationRequest>,
) -> Result<Answer> {
    caller.require_person()?;
    let address = verifications::address(caller.account_id, body.channel.name())
        .await?
        .ok_or_else(|| Error::problem("nothing_to_verify"))?;
    let letter = letters::write(Purpose::Verify, body.channel, address).await?;
    verifications::request(caller.account_id, &letter, context.traceparent).await?;
    redis::ring_relay();
    Ok(Answer::no_content().status(StatusCode::ACCEPTED))
}

/// What came to the address: `token`, or `channel` and `code`.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "8wNBDJg2XqaVxoVyOBa1XLFh0VlBJp0XkVIY3TIxEd8"}))]
pub struct Verification {
    /// Of the link. Whoever has it need not be signed in.
    #[garde(inner(length(min = 1, max = 256)))]
    #[schema(min_length = 1, max_length = 256)]
    token: Option<String>,
    /// Where the code came to.
    #[garde(skip)]
    channel: Option<Channel>,
    /// Six digits. Only for whoever asked for it: signed in.
    #[garde(inner(custom(validators::code)))]
    #[schema(example = "041583", min_length = 6, max_length = 6)]
    code: Option<String>,
}

/// Verifies an address with what was sent to it.
///
/// Access tokens say whether an address is verified: refresh yours afterwards. An address belongs to
/// the account that verifies it first. A verified one whose place it takes is told of it.
#[utoipa::path(
    post,
    path = "/v1/verifications",
    operation_id = "verify_address",
    tag = "account",
    request_body = Verification,
    responses(
        (status = 204, description = "The address is verified."),
        (status = 401, description = "`unauthenticated`: a code without an access token.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`: a code with the token of an API key.", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "`secret_expired`: unknown, wrong, used, expired or too late.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn verify(
    MaybeCaller(caller): MaybeCaller,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<Verification>,
) -> Result<Answer> {
    let expired = || Error::problem("secret_expired");
    let token;
    let proof = match (&body.token, body.channel, &body.code) {
        (Some(text), None, None) => {
            token = Secret::decode(text).ok_or_else(expired)?;
            Proof::Token(&token)
        }
        (None, Some(channel), Some(code)) => {
            let caller = caller.ok_or_else(|| Error::problem("unauthenticated"))?;
            caller.require_person()?;
            Proof::Code {
                account: caller.account_id,
                channel: channel.name(),
                code,
            }
        }
        _ => {
            return Err(Error::invalid(
                "",
                "missing_proof",
                "Send `token`, or else `channel` and `code`.",
            ));
        }
    };
    let told = letters::notice(verifications::replaced(&proof).await?).await?;
    let verified = verifications::verify(&proof, ids::new_id(), told.as_ref(), context.traceparent);
    if !verified.await? {
        return Err(expired());
    }
    redis::ring_relay();
    Ok(Answer::no_content())
}
