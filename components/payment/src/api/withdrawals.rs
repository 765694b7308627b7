//! Withdrawals.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{
    Answer, Caller, Idempotency, Json, Page, PageQuery, Path, Problem, Query, RequestContext, Role,
};
use stoa_kit::money::Money;
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use super::fields;
use crate::domain::withdrawal::{Decision, WithdrawalState};
use crate::flows;
use crate::store::withdrawals::{self, NewWithdrawal as Stored};

/// Money on its way from a wallet to a bank account.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Withdrawal {
    id: Uuid,
    account_id: Uuid,
    amount: Money,
    bank_account: WithdrawalTarget,
    /// The identity that counted when it was asked for; null of old ones.
    identity_id: Option<Uuid>,
    /// Whether the bank account's holder is the identity's legal name, but for case, accents, blanks and
    /// punctuation. False: look twice.
    holder_matches: Option<bool>,
    /// The day of the schedule that asked for it; null: somebody did.
    scheduled_on: Option<chrono::NaiveDate>,
    #[schema(inline)]
    state: WithdrawalState,
    /// Why it was rejected.
    reason: Option<String>,
    /// The bank's name for the transfer.
    bank_reference: Option<String>,
    requested_at: chrono::DateTime<chrono::Utc>,
    decided_at: Option<chrono::DateTime<chrono::Utc>>,
    paid_at: Option<chrono::DateTime<chrono::Utc>>,
    version: i64,
}

/// Where it goes.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WithdrawalTarget {
    id: Uuid,
    bank_code: String,
    /// Its last digits; to staff all of it.
    number: String,
    holder: String,
    currency: String,
}

/// A page of withdrawals.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WithdrawalPage {
    items: Vec<Withdrawal>,
    next_cursor: Option<String>,
}

/// Which withdrawals to list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WithdrawalFilter {
    /// Only those in this state.
    #[garde(skip)]
    #[param(inline)]
    state: Option<WithdrawalState>,
    /// Everybody's, those that wait longest first, for moderators.
    #[garde(skip)]
    #[serde(default)]
    #[param(default = false)]
    all: bool,
}

/// Lists the caller's withdrawals, newest first; for moderators everybody's, the oldest first.
#[utoipa::path(
    get,
    path = "/v1/withdrawals",
    tag = "payment",
    operation_id = "list_withdrawals",
    params(PageQuery, WithdrawalFilter),
    responses(
        (status = 200, description = "A page of withdrawals.", body = WithdrawalPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`: `all` is for moderators.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(
    caller: Caller,
    page: Page,
    Query(filter): Query<WithdrawalFilter>,
) -> Result<Answer> {
    if filter.all {
        caller.require(Role::Moderator)?;
    }
    let whose = (!filter.all).then_some(caller.account_id);
    let items = withdrawals::page(whose, filter.state, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Reads a withdrawal of the caller's; moderators read all.
#[utoipa::path(
    get,
    path = "/v1/withdrawals/{id}",
    tag = "payment",
    operation_id = "read_withdrawal",
    params(("id" = Uuid, Path, description = "The withdrawal.")),
    responses(
        (status = 200, description = "The withdrawal.", body = Withdrawal),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    let staff = caller.has(Role::Moderator);
    let withdrawal = withdrawals::read(caller.account_id, staff, id).await?;
    withdrawal
        .map(Answer::json_text)
        .ok_or_else(Error::not_found)
}

/// What to withdraw.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 500_000, "currency": "VND"}))]
pub struct NewWithdrawal {
    /// Minor units.
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    amount: i64,
    #[garde(length(chars, max = 3), custom(fields::currency))]
    #[schema(min_length = 3, max_length = 3)]
    currency: String,
    /// A bank account of the caller's in that currency; left out, the default.
    #[garde(skip)]
    bank_account_id: Option<Uuid>,
}

/// Asks for money of the caller's wallet to be transferred to their bank account.
///
/// It leaves the wallet at once, and comes back when staff refuse or the caller cancels. One at a time for
/// each currency, and only for people whose identity staff have approved.
#[utoipa::path(
    post,
    path = "/v1/withdrawals",
    tag = "payment",
    operation_id = "request_withdrawal",
    request_body = NewWithdrawal,
    params(("Idempotency-Key" = String, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 201, description = "It waits for staff.", body = Withdrawal),
        (status = 400, description = "`idempotency_key_required`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`address_unverified`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`insufficient_funds` with `available`, `withdrawal_minimum` with `minimum`, `withdrawal_open`, `bank_account_missing`, `identity_unchecked` with `identity_status`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn request(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Json(body): Json<NewWithdrawal>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require_verified()?;
    idempotency.required()?;
    let new = Stored {
        bank_account: body.bank_account_id,
        amount: body.amount,
        currency: &body.currency,
    };
    let row =
        withdrawals::request(caller.account_id, &idempotency, context.traceparent, &new).await?;
    redis::ring_relay();
    Answer::from_write(row)
}

/// Cancels a withdrawal of the caller's that nobody has decided yet. The money is back at once.
#[utoipa::path(
    post,
    path = "/v1/withdrawals/{id}/cancel",
    tag = "payment",
    operation_id = "cancel_withdrawal",
    params(
        ("id" = Uuid, Path, description = "The withdrawal."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "The withdrawal as it is now.", body = Withdrawal),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state` with `withdrawal_status`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn cancel(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(id): Path<Uuid>,
) -> Result<Answer> {
    caller.require_person()?;
    decide(&caller, &idempotency, context, id, &Decision::Cancelled).await
}

/// How the bank calls a transfer.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"bank_reference": "FT26001234567890"}))]
pub struct WithdrawalApproval {
    /// Of the transfer that was ordered.
    #[garde(length(chars, min = 1, max = 100), custom(fields::line))]
    #[schema(min_length = 1, max_length = 100)]
    bank_reference: String,
}

/// Approves a withdrawal whose transfer the bank has. For moderators, and not for their own.
#[utoipa::path(
    post,
    path = "/v1/withdrawals/{id}/approve",
    tag = "payment",
    operation_id = "approve_withdrawal",
    request_body = WithdrawalApproval,
    params(
        ("id" = Uuid, Path, description = "The withdrawal."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "The withdrawal as it is now; it is `paid` in a moment.", body = Withdrawal),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, `own_affair`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state` with `withdrawal_status`, `identity_unchecked` with `identity_status`: it was rejected meanwhile, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn approve(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(id): Path<Uuid>,
    Json(body): Json<WithdrawalApproval>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Moderator)?;
    let decision = Decision::Approved(body.bank_reference);
    decide(&caller, &idempotency, context, id, &decision).await
}

/// Why a withdrawal is refused.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The holder's name is another."}))]
pub struct WithdrawalRejection {
    /// For whose it is.
    #[garde(length(chars, min = 1, max = 500), custom(fields::note))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Rejects a withdrawal; the money is back at once. For moderators, and not for their own.
#[utoipa::path(
    post,
    path = "/v1/withdrawals/{id}/reject",
    tag = "payment",
    operation_id = "reject_withdrawal",
    request_body = WithdrawalRejection,
    params(
        ("id" = Uuid, Path, description = "The withdrawal."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "The withdrawal as it is now.", body = Withdrawal),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, `own_affair`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state` with `withdrawal_status`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn reject(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(id): Path<Uuid>,
    Json(body): Json<WithdrawalRejection>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Moderator)?;
    let decision = Decision::Rejected(body.reason);
    decide(&caller, &idempotency, context, id, &decision).await
}

async fn decide(
    caller: &Caller,
    idempotency: &Idempotency,
    context: RequestContext,
    id: Uuid,
    decision: &Decision,
) -> Result<Answer> {
    let row = withdrawals::decide(
        caller.account_id,
        idempotency,
        context.traceparent,
        id,
        decision,
    )
    .await?;
    redis::ring_relay();
    redis::ring(flows::LANE);
    Answer::from_write(row)
}
