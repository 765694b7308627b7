//! Another address for an account.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, ClientAddress, Json, Problem, RequestContext};
use stoa_kit::{Result, redis};

use super::letters::{self, Purpose};
use super::me::Account;
use super::{confirmation, validators};
use crate::domain::address::Channel;
use crate::domain::identifier;
use crate::store::verifications;

/// An e-mail address to have instead.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailChange {
    /// Its case does not matter.
    #[garde(custom(validators::email))]
    #[schema(example = "lan@example.com", max_length = 254)]
    email: String,
    /// The caller's password.
    #[garde(length(chars, min = 1, max = 128))]
    #[schema(example = "an older password", min_length = 1, max_length = 128)]
    password: String,
}

/// Changes the caller's e-mail address.
///
/// A link goes to the new one. Until it is verified, a verified old one stays in force, and the new one
/// is `pending_email`; setting the old one again calls it off.
#[utoipa::path(
    put,
    path = "/v1/me/email",
    operation_id = "change_email",
    tag = "account",
    request_body = EmailChange,
    responses(
        (status = 200, description = "The account as it is now.", body = Account),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`wrong_password`, `sign_in_again` or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`, or `too_many_messages`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn change_email(
    caller: Caller,
    client: ClientAddress,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<EmailChange>,
) -> Result<Answer> {
    let address = identifier::email(&body.email).unwrap_or_default();
    let to = (Channel::Email, address);
    change(&caller, &client, context, to, &body.password).await
}

/// A phone number to have instead.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneChange {
    /// In E.164; spaces and marks between digits are left out.
    #[garde(custom(validators::phone))]
    #[schema(example = "+84912345678")]
    phone: String,
    /// The caller's password.
    #[garde(length(chars, min = 1, max = 128))]
    #[schema(example = "an older password", min_length = 1, max_length = 128)]
    password: String,
}

/// Changes the caller's phone number.
///
/// A code goes to the new one. Until it is verified, a verified old one stays in force, and the new one
/// is `pending_phone`; setting the old one again calls it off.
#[utoipa::path(
    put,
    path = "/v1/me/phone",
    operation_id = "change_phone",
    tag = "account",
    request_body = PhoneChange,
    responses(
        (status = 200, description = "The account as it is now.", body = Account),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`wrong_password`, `sign_in_again` or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`, or `too_many_messages`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn change_phone(
    caller: Caller,
    client: ClientAddress,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<PhoneChange>,
) -> Result<Answer> {
    let address = identifier::phone(&body.phone).unwrap_or_default();
    let to = (Channel::Phone, address);
    change(&caller, &client, context, to, &body.password).await
}

async fn change(
    caller: &Caller,
    client: &ClientAddress,
    context: RequestContext,
    (channel, address): (Channel, String),
    password: &str,
) -> Result<Answer> {
    let confirmed = confirmation::password(caller, client, password).await?;
    let letter = letters::write(Purpose::Verify, channel, address).await?;
    let me =
        verifications::change(caller.account_id, &confirmed, &letter, context.traceparent).await?;
    redis::ring_relay();
    Ok(Answer::json_text(me.json).version(me.version))
}
