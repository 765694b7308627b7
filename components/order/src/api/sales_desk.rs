//! `/v1/sales`: what a seller does with many orders at once.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::Result;
use stoa_kit::http::{Answer, Caller, Idempotency, Json, Problem, RequestContext};
use uuid::Uuid;

use super::validators;
use crate::domain::order_state::OrderStatus;
use crate::flows;
use crate::store::orders;

/// How much work there is, and was.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct SalesSummary {
    /// Every state once, in the order of an order's life.
    statuses: Vec<SalesOfStatus>,
}

/// How many sales are in one state.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct SalesOfStatus {
    status: OrderStatus,
    /// Counted up to 1000.
    #[schema(maximum = 1000)]
    count: u32,
    /// False when there are more than `count`.
    exact: bool,
}

/// Counts what the caller sold, by state.
///
/// Each state is counted up to 1000, so that the answer costs the same for everybody.
#[utoipa::path(
    get,
    path = "/v1/sales/summary",
    tag = "order",
    operation_id = "summarize_sales",
    responses(
        (status = 200, description = "The counts.", body = SalesSummary),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn summary(caller: Caller) -> Result<Answer> {
    Ok(Answer::json_text(orders::summary(caller.account_id).await?))
}

/// Which orders to confirm.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConfirmations {
    /// Each order once.
    #[garde(length(min = 1, max = 100), custom(validators::distinct))]
    #[schema(min_items = 1, max_items = 100)]
    order_ids: Vec<Uuid>,
}

/// What came of a confirmation of several orders.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Confirmations {
    /// One for each order, in the order asked for.
    items: Vec<Confirmation>,
}

/// What came of one order.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Confirmation {
    order_id: Uuid,
    outcome: ConfirmationOutcome,
    /// The state that the order is in now; null when there is no such order among the caller's.
    order_status: Option<OrderStatus>,
}

/// Whether an order was confirmed.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ConfirmationOutcome {
    /// By this request.
    Confirmed,
    /// The caller has not sold it.
    NotFound,
    /// It does not await confirmation, and is left as it is.
    WrongState,
}

/// Confirms up to 100 orders at once.
///
/// Those that can be confirmed are, all in one; the others are left as they are, and named.
#[utoipa::path(
    post,
    path = "/v1/sales/confirmations",
    tag = "order",
    operation_id = "confirm_sales",
    request_body = NewConfirmations,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 200, description = "What came of each.", body = Confirmations),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`idempotency_in_progress`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn confirm_many(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Json(body): Json<NewConfirmations>,
) -> Result<Answer> {
    flows::moves::confirm_many(
        caller.account_id,
        &body.order_ids,
        &idempotency,
        context.traceparent,
    )
    .await
}
