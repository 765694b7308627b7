//! Saved methods: cards and accounts that a provider keeps for somebody.

use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stoa_kit::http::{Answer, Caller, Idempotency, Json, Path, Problem};
use stoa_kit::{Error, Result, local};
use uuid::Uuid;

use super::fields;
use crate::providers;
use crate::providers::methods::NotKept;
use crate::store::methods;

/// A provider that keeps methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Keeper {
    Stripe,
    Sandbox,
    SandboxInstant,
}

impl Keeper {
    fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Sandbox => "sandbox",
            Self::SandboxInstant => "sandbox_instant",
        }
    }
}

/// A card or account that a provider keeps. Its token is never shown.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PaymentMethod {
    id: Uuid,
    #[schema(inline)]
    provider: Keeper,
    #[schema(example = "Visa ending in 4242")]
    label: String,
    is_default: bool,
    created_at: chrono::DateTime<chrono::Utc>,
}

/// All methods of somebody.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PaymentMethodList {
    /// Newest first; at most 20.
    items: Vec<PaymentMethod>,
    /// Always null: there is one page.
    next_cursor: Option<String>,
}

/// Lists the caller's saved methods, newest first.
#[utoipa::path(
    get,
    path = "/v1/payment-methods",
    tag = "payment",
    operation_id = "list_payment_methods",
    responses(
        (status = 200, description = "The methods.", body = PaymentMethodList),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn list(caller: Caller) -> Result<Answer> {
    let items = methods::list(caller.account_id).await?;
    Ok(Answer::list::<Uuid>(&items, None))
}

/// A method to be saved.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "stripe", "token": "pm_1NExample", "label": "Visa ending in 4242"}))]
pub struct NewPaymentMethod {
    #[garde(skip)]
    #[schema(inline)]
    provider: Keeper,
    /// What the provider calls it: of Stripe `pm_…`, as its library has it after the card was entered in
    /// the shop's page. Never a card's number.
    #[garde(
        length(chars, min = 1, max = 200),
        custom(fields::token),
        custom(no_number)
    )]
    #[schema(min_length = 1, max_length = 200)]
    token: String,
    /// What the caller knows it by.
    #[garde(length(chars, min = 1, max = 100), custom(fields::line))]
    #[schema(min_length = 1, max_length = 100)]
    label: String,
}

/// Cards' numbers do not belong here, and are not kept by mistake.
fn no_number(value: &str, (): &()) -> garde::Result {
    let digits = value
        .bytes()
        .filter(|b| *b != b'-')
        .all(|b| b.is_ascii_digit());
    if digits && value.len() >= 12 {
        Err(garde::Error::new(
            "the provider's token, and not the number of a card",
        ))
    } else {
        Ok(())
    }
}

/// Saves a method of the caller's: the provider keeps it for this account alone. The first is the default.
#[utoipa::path(
    post,
    path = "/v1/payment-methods",
    tag = "payment",
    operation_id = "add_payment_method",
    request_body = NewPaymentMethod,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 201, description = "The method.", body = PaymentMethod),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`method_refused` with its `reason`, such as that it is somebody else's; `already_saved` with its `id`; `saved_limit`; or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`; `provider_unusable` with its `reason`; or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: the provider does not answer. Repeat it.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn add(
    caller: Caller,
    idempotency: Idempotency,
    Json(body): Json<NewPaymentMethod>,
) -> Result<Answer> {
    caller.require_person()?;
    let name = body.provider.as_str();
    let token = kept(caller.account_id, name, &body.token).await?;
    let row = methods::add(caller.account_id, &idempotency, name, &token, &body.label).await?;
    Answer::from_write(row)
}

/// Has the provider keep it for the account; by what it is charged then. Nothing is saved that is not.
async fn kept(account: Uuid, name: &str, token: &str) -> Result<String> {
    let unusable =
        |reason: String| Error::problem_with("provider_unusable", json!({"reason": reason}));
    let provider = providers::keeper(name)
        .await
        .map_err(|e| unusable(e.to_string()))?;
    let known = methods::known(account, name).await?;
    local(provider.keep(account, known.as_deref(), token))
        .await
        .map_err(|error| match error {
            NotKept::Nowhere => unusable(format!("{name} keeps nothing for later")),
            NotKept::NoToken(detail) => Error::invalid("/token", "invalid", detail),
            NotKept::Refused(reason) => {
                Error::problem_with("method_refused", json!({"reason": reason}))
            }
            NotKept::Unknown(text) => Error::Unavailable(format!("{name}: {text}")),
        })
}

/// Makes a saved method of the caller's the default.
#[utoipa::path(
    put,
    path = "/v1/payment-methods/{id}/default",
    tag = "payment",
    operation_id = "default_payment_method",
    params(("id" = Uuid, Path, description = "The method.")),
    responses(
        (status = 200, description = "The method.", body = PaymentMethod),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn make_default(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    caller.require_person()?;
    let method = methods::make_default(caller.account_id, id).await?;
    method.map(Answer::json_text).ok_or_else(Error::not_found)
}

/// Deletes a saved method of the caller's. The newest that remains becomes the default where it was.
#[utoipa::path(
    delete,
    path = "/v1/payment-methods/{id}",
    tag = "payment",
    operation_id = "delete_payment_method",
    params(("id" = Uuid, Path, description = "The method.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn delete(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    caller.require_person()?;
    if methods::delete(caller.account_id, id).await? {
        Ok(Answer::no_content())
    } else {
        Err(Error::not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cards_number_is_no_token() {
        assert!(no_number("4242424242424242", &()).is_err());
        assert!(no_number("4242-4242-4242-4242", &()).is_err());
        assert!(no_number("pm_4242424242424242", &()).is_ok());
        assert!(no_number("12345", &()).is_ok());
    }
}
