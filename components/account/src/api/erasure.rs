//! What is kept of the caller's account, handed out and erased.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use serde_json::{Map, Value};
use stoa_kit::http::{Answer, Caller, ClientAddress, Json, Problem, RequestContext};
use stoa_kit::{Error, Result, ids, redis};

use super::{confirmation, sessions, validators};
use crate::store::erasure;
use crate::store::logins::Part;

/// What other modules keep of an account, and the routes that hand it out.
const ELSEWHERE: &[&str] = &[
    "/v1/cart",
    "/v1/checkouts",
    "/v1/orders",
    "/v1/sales",
    "/v1/notifications",
    "/v1/wallets",
    "/v1/withdrawals",
    "/v1/bank-accounts",
    "/v1/payment-methods",
    "/v1/refunds",
    "/v1/warehouses",
    "/v1/promotions",
];

/// Everything that this part of the shop keeps of an account.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Export {
    /// As at `GET /v1/me`, and a little more.
    #[schema(value_type = Object)]
    account: Value,
    #[schema(value_type = Vec<Object>)]
    contacts: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    following: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    favorites: Vec<Value>,
    /// With their tokens.
    #[schema(value_type = Vec<Object>)]
    devices: Vec<Value>,
    /// What the account has signed in with.
    #[schema(value_type = Vec<Object>)]
    known_devices: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    identities: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    api_keys: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    sessions: Vec<Value>,
    second_factor_since: Option<chrono::DateTime<chrono::Utc>>,
    /// `category:channel`
    notifications_switched_off: Vec<String>,
    /// The newest thousand entries about the account.
    #[schema(value_type = Vec<Object>)]
    audit: Vec<Value>,
    exported_at: chrono::DateTime<chrono::Utc>,
    /// Routes at which the rest is found.
    elsewhere: Vec<String>,
}

/// Hands out everything that is kept of the caller's account, as one document.
///
/// Secrets and their hashes are not in it. What other parts of the shop keep is found at the routes that
/// `elsewhere` names.
#[utoipa::path(
    post,
    path = "/v1/me/export",
    operation_id = "export_me",
    tag = "account",
    responses(
        (status = 200, description = "The document.", body = Export),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn export(caller: Caller) -> Result<Answer> {
    caller.require_person()?;
    let document = erasure::export(caller.account_id)
        .await?
        .ok_or_else(Error::not_found)?;
    let mut document: Map<String, Value> =
        serde_json::from_str(&document).map_err(|e| Error::internal(format!("export: {e}")))?;
    document.insert("elsewhere".into(), ELSEWHERE.into());
    Ok(Answer::json(&document)?.header(
        "content-disposition",
        "attachment; filename=\"account.json\"",
    ))
}

/// Who the caller is, once more.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// The caller's password. An account that has none has to have signed in within 10 minutes; what is here
    /// does not matter then.
    #[garde(length(chars, min = 1, max = 128))]
    #[schema(example = "an older password", min_length = 1, max_length = 128)]
    password: String,
    /// Where the account has a second factor: six digits of the authenticator, or a recovery code.
    #[garde(inner(custom(validators::second_factor)))]
    #[schema(example = "041583", min_length = 6, max_length = 20)]
    code: Option<String>,
}

/// Erases the caller's account. Nobody can undo it.
///
/// Name, addresses, contacts, favorites, devices, identities, keys and sessions are gone at once, and what is
/// for sale is hidden within seconds. Orders go on, and stay where the law has them stay. What is in the wallet
/// should be withdrawn before: afterwards it takes a moderator.
#[utoipa::path(
    delete,
    path = "/v1/me",
    operation_id = "erase_me",
    tag = "account",
    request_body = Erasure,
    responses(
        (status = 204, description = "It is erased."),
        (status = 401, description = "`unauthenticated`, or `second_factor_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`wrong_password`, `wrong_code`, `sign_in_again`, `person_required`, or `account_suspended`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`staff_stays`, or `second_factor_off`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn erase(
    caller: Caller,
    client: ClientAddress,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<Erasure>,
) -> Result<Answer> {
    let confirmed = confirmation::password(&caller, &client, &body.password).await?;
    let proof = match &body.code {
        Some(code) => Some(confirmation::code(&caller, &confirmed.scopes, code).await?),
        None => None,
    };
    let erased = erasure::erase(
        caller.account_id,
        &confirmed,
        proof.as_ref(),
        ids::new_id(),
        context.traceparent,
    );
    match erased.await {
        Err(refusal) if refusal.refusal() == Some("second_factor_wrong") => {
            return Err(confirmation::wrong(&caller, &confirmed.scopes, Part::Code).await?);
        }
        erased => erased?,
    }
    sessions::announce_revocation().await;
    redis::ring_relay();
    Ok(Answer::no_content())
}
