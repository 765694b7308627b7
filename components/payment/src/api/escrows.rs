//! What is held for orders, and what staff decide about it.

use std::collections::BTreeSet;

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Idempotency, Json, Path, Problem, RequestContext, Role};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use super::fields;
use super::refunds::RefundList;
use crate::domain::states::EscrowState;
use crate::flows;
use crate::store::escrow_desk::{self, Asked, Line};
use crate::store::refunds::Destination;

/// Money of an order, in minor units.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Escrow {
    order_id: Uuid,
    session_id: Uuid,
    buyer_id: Uuid,
    seller_id: Uuid,
    currency: String,
    /// Who was paid: a provider, `wallet`, or `cod` at the door.
    #[schema(example = "sandbox")]
    provider: String,
    #[schema(inline)]
    state: EscrowState,
    /// What the buyer pays for the goods.
    goods: i64,
    /// And for shipping.
    shipping: i64,
    /// What the buyer has been promised back.
    refunded: i64,
    /// What the platform adds; null to the buyer, as the next five.
    subsidy: Option<i64>,
    /// What the platform keeps of an order of which nothing is refunded.
    commission: Option<i64>,
    /// What the seller promised the buyer's wallet.
    cashback_by_seller: Option<i64>,
    /// What the seller gets, or got, as things are.
    payout: Option<i64>,
    /// Since when nothing is paid out, because the buyer's bank took money back.
    frozen_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Whether it is paid out as soon as it is not frozen any more: the order is complete.
    release_due: Option<bool>,
    held_at: Option<chrono::DateTime<chrono::Utc>>,
    released_at: Option<chrono::DateTime<chrono::Utc>>,
    version: i64,
}

/// Says where an order's money is. For its buyer, its seller and moderators.
#[utoipa::path(
    get,
    path = "/v1/escrows/{order_id}",
    tag = "payment",
    operation_id = "read_escrow",
    params(("order_id" = Uuid, Path, description = "The order.")),
    responses(
        (status = 200, description = "The escrow.", body = Escrow),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(caller: Caller, Path(order): Path<Uuid>) -> Result<Answer> {
    let staff = caller.has(Role::Moderator);
    let escrow = escrow_desk::escrow(caller.account_id, staff, order).await?;
    escrow.map(Answer::json_text).ok_or_else(Error::not_found)
}

/// What to give back of an order: an amount, or lines.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lines": [{"line": 1, "amount": 50000}], "reason": "arrived broken", "destination": "original"
}))]
pub struct NewRefund {
    /// Minor units. Left out where lines say how much.
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    amount: Option<i64>,
    /// Each line of an order is refunded once, and no more than once.
    #[garde(length(max = 100), dive)]
    #[serde(default)]
    #[schema(max_items = 100)]
    lines: Vec<RefundLine>,
    /// For the buyer and the books.
    #[garde(length(chars, min = 1, max = 500), custom(fields::note))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// `original`: by the ways it came, the last first; `wallet`: all of it to the buyer's wallet.
    #[garde(skip)]
    #[schema(inline)]
    destination: Destination,
}

/// What to give back of a line.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundLine {
    /// Its position in the order, from 1.
    #[garde(range(min = 1, max = 10_000))]
    #[schema(minimum = 1, maximum = 10_000)]
    line: i32,
    /// Minor units.
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    amount: i64,
}

/// Gives a buyer back a part of an order, or all of it. For moderators, and not for their own orders.
///
/// All or nothing of what is asked. What goes to the wallet is there at once; what goes to a provider is
/// `pending` until the provider has it, and what a provider will not take goes to the wallet too. What the
/// buyer's bank took back before is theirs already, and `charged_back`. After the payout the seller pays.
#[utoipa::path(
    post,
    path = "/v1/escrows/{order_id}/refunds",
    tag = "payment",
    operation_id = "refund_order",
    request_body = NewRefund,
    params(
        ("order_id" = Uuid, Path, description = "The order."),
        ("Idempotency-Key" = String, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 201, description = "The refunds: one, or one for each line.", body = RefundList),
        (status = 400, description = "`idempotency_key_required`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, `own_affair`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no money is known of the order.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`refund_exceeds_order` with `left`, `line_refunded` with `lines`, `wrong_state` with `escrow_status`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn refund(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(order): Path<Uuid>,
    Json(body): Json<NewRefund>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Moderator)?;
    idempotency.required()?;
    let lines = body.lines()?;
    let asked = Asked {
        order,
        amount: body.amount,
        lines: &lines,
        destination: body.destination.as_str(),
        reason: &body.reason,
    };
    let row = escrow_desk::give_back(caller.account_id, &idempotency, context.traceparent, &asked)
        .await?;
    redis::ring_relay();
    redis::ring(flows::LANE);
    Answer::from_write(row)
}

/// Why an escrow that is frozen shall be paid out all the same.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "the parcel was signed for"}))]
pub struct Thaw {
    /// For the books.
    #[garde(length(chars, min = 1, max = 500), custom(fields::note))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Lets a seller have an order's money although the buyer's bank took it back. For moderators, and not for
/// orders that they bought or sold.
///
/// The platform bears the loss. What is complete is paid out now, the rest when it completes. Who wants the
/// seller to bear it refunds the order: what the bank took counts as given back.
#[utoipa::path(
    post,
    path = "/v1/escrows/{order_id}/thaw",
    tag = "payment",
    operation_id = "thaw_escrow",
    request_body = Thaw,
    params(
        ("order_id" = Uuid, Path, description = "The order."),
        ("Idempotency-Key" = String, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "The escrow, as it is now.", body = Escrow),
        (status = 400, description = "`idempotency_key_required`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, `own_affair`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no money is known of the order.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`not_frozen` with `escrow_status`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn thaw(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(order): Path<Uuid>,
    Json(body): Json<Thaw>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Moderator)?;
    idempotency.required()?;
    let row = escrow_desk::thaw(
        caller.account_id,
        &idempotency,
        context.traceparent,
        order,
        &body.reason,
    )
    .await?;
    redis::ring_relay();
    Answer::from_write(row)
}

impl NewRefund {
    /// The lines, after a look at what no rule of a single field sees.
    fn lines(&self) -> Result<Vec<Line>> {
        if self.amount.is_some() != self.lines.is_empty() {
            return Err(Error::invalid(
                "/amount",
                "either_or",
                "Say an amount, or lines with their amounts.",
            ));
        }
        let mut seen = BTreeSet::new();
        self.lines
            .iter()
            .enumerate()
            .map(|(n, line)| {
                if seen.insert(line.line) {
                    Ok(Line {
                        line: line.line,
                        amount: line.amount,
                    })
                } else {
                    Err(Error::invalid(
                        format!("/lines/{n}/line"),
                        "duplicate",
                        "Each line once.",
                    ))
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pointer(rest: Value) -> Option<String> {
        let mut body = json!({"reason": "broken", "destination": "wallet"});
        for (key, value) in rest.as_object().expect("an object") {
            body[key] = value.clone();
        }
        let refund: NewRefund = serde_json::from_value(body).expect("a body");
        match refund.lines() {
            Ok(_) => None,
            Err(Error::Invalid(errors)) => Some(errors[0].pointer.clone()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refund_is_of_an_amount_or_of_lines_each_once() {
        let line = |n: i32| json!({"line": n, "amount": 5});
        assert_eq!(pointer(json!({"amount": 5})), None);
        assert_eq!(pointer(json!({"lines": [line(1), line(2)]})), None);
        assert_eq!(pointer(json!({})).as_deref(), Some("/amount"));
        assert_eq!(
            pointer(json!({"amount": 5, "lines": [line(1)]})).as_deref(),
            Some("/amount")
        );
        assert_eq!(
            pointer(json!({"lines": [line(1), line(1)]})).as_deref(),
            Some("/lines/1/line")
        );
    }
}
