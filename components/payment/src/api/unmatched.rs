//! Money that settles nothing, because it is not what was asked for: staff decide about it.

use garde::Validate;
use serde::Deserialize;
use serde_json::json;
use stoa_kit::http::{
    Answer, Caller, Idempotency, Json, Page, PageQuery, Path, Problem, Query, Role,
};
use stoa_kit::money::{self, Money};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::fields;
use crate::domain::states::{LegState, UnmatchedState};
use crate::store::unmatched::{self, Decision};

/// Money that a provider has taken and that settles nothing.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct UnmatchedPayment {
    id: Uuid,
    #[schema(example = "sepay")]
    provider: String,
    /// The provider's name for the payment.
    provider_ref: Option<String>,
    /// The provider's name for the message that said so first.
    event_id: String,
    session_id: Uuid,
    leg_id: Uuid,
    /// Where the attempt stands that it was paid for.
    #[schema(inline)]
    leg_state: LegState,
    payer_id: Uuid,
    /// What came in, in minor units.
    amount: i64,
    /// As the provider says.
    #[schema(example = "VND")]
    currency: String,
    /// What the attempt was to bring.
    asked: Money,
    #[schema(inline)]
    state: UnmatchedState,
    /// Why it was decided so.
    reason: Option<String>,
    /// Null where nobody had to decide.
    decided_by: Option<Uuid>,
    found_at: chrono::DateTime<chrono::Utc>,
    decided_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// A page of such money.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct UnmatchedPaymentPage {
    items: Vec<UnmatchedPayment>,
    next_cursor: Option<String>,
}

/// Which to list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnmatchedFilter {
    /// Only those in this state.
    #[garde(skip)]
    #[param(inline)]
    state: Option<UnmatchedState>,
}

/// Lists money that settles nothing, what waits longest first. For moderators.
///
/// Somebody has paid another amount or currency than was asked for, or has paid again. Nothing has moved.
#[utoipa::path(
    get,
    path = "/v1/unmatched-payments",
    tag = "payment",
    operation_id = "list_unmatched_payments",
    params(PageQuery, UnmatchedFilter),
    responses(
        (status = 200, description = "A page of such money.", body = UnmatchedPaymentPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(
    caller: Caller,
    page: Page,
    Query(filter): Query<UnmatchedFilter>,
) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    let items = unmatched::page(filter.state, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Why it is decided so.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The buyer transferred a part of the price."}))]
pub struct UnmatchedDecision {
    /// For the books. Of what is credited the payer reads it in the wallet's statement.
    #[garde(length(chars, min = 1, max = 500), custom(fields::note))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Gives such money to the wallet of who paid it. For moderators, and not for their own.
///
/// All of it, in the currency in which it came: nothing is converted. A wallet holds any currency of ISO 4217;
/// what came in anything else can only be returned. The payment session stays as it is: who paid in parts buys
/// with the wallet. While the sandbox may give it back by itself it is refused.
#[utoipa::path(
    post,
    path = "/v1/unmatched-payments/{id}/credit",
    tag = "payment",
    operation_id = "credit_unmatched_payment",
    request_body = UnmatchedDecision,
    params(
        ("id" = Uuid, Path, description = "The money that settles nothing."),
        ("Idempotency-Key" = String, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "It is in the wallet.", body = UnmatchedPayment),
        (status = 400, description = "`idempotency_key_required`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, `own_affair`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state` with `unmatched_status`, `not_for_wallets` with `currency`, `balance_limit`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn credit(
    caller: Caller,
    idempotency: Idempotency,
    Path(id): Path<Uuid>,
    Json(body): Json<UnmatchedDecision>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Moderator)?;
    idempotency.required()?;
    let currency = unmatched::currency(id)
        .await?
        .ok_or_else(Error::not_found)?;
    if !money::is_currency(&currency) {
        return Err(Error::problem_with(
            "not_for_wallets",
            json!({"currency": currency}),
        ));
    }
    decide(&caller, &idempotency, id, Decision::Credited, &body).await
}

/// Notes that such money goes back at the provider, or has gone. For moderators, and not for their own.
///
/// The provider is told by hand, in its own pages or by its support: nothing is sent, and nothing is posted.
#[utoipa::path(
    post,
    path = "/v1/unmatched-payments/{id}/return",
    tag = "payment",
    operation_id = "return_unmatched_payment",
    request_body = UnmatchedDecision,
    params(
        ("id" = Uuid, Path, description = "The money that settles nothing."),
        ("Idempotency-Key" = String, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "Nobody waits for it any more.", body = UnmatchedPayment),
        (status = 400, description = "`idempotency_key_required`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, `own_affair`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state` with `unmatched_status`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn give_back(
    caller: Caller,
    idempotency: Idempotency,
    Path(id): Path<Uuid>,
    Json(body): Json<UnmatchedDecision>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Moderator)?;
    idempotency.required()?;
    decide(&caller, &idempotency, id, Decision::Returned, &body).await
}

async fn decide(
    caller: &Caller,
    idempotency: &Idempotency,
    id: Uuid,
    decision: Decision,
    body: &UnmatchedDecision,
) -> Result<Answer> {
    let row = unmatched::decide(caller.account_id, idempotency, id, decision, &body.reason).await?;
    Answer::from_write(row)
}
