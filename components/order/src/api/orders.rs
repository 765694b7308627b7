//! `/v1/orders`: the buyer's side.

use axum::Extension;
use stoa_kit::http::{
    Answer, Caller, Idempotency, IfNoneMatch, Json, Page, PageQuery, Path, Problem, Query,
    RequestContext,
};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::documents::{Order, OrderCancellation, OrderPage};
use super::order_filter::OrderFilter;
use crate::domain::order_state::{Action, Side};
use crate::flows;
use crate::store::orders::{self, Move};

/// Lists what the caller bought, newest first.
///
/// A cursor is a position and nothing else: it goes on from there under other filters too.
#[utoipa::path(
    get,
    path = "/v1/orders",
    tag = "order",
    operation_id = "list_orders",
    params(PageQuery, OrderFilter),
    responses(
        (status = 200, description = "A page of orders.", body = OrderPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(caller: Caller, page: Page, Query(filter): Query<OrderFilter>) -> Result<Answer> {
    let items = orders::page(Side::Buyer, caller.account_id, filter.read()?, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Reads an order that the caller bought.
#[utoipa::path(
    get,
    path = "/v1/orders/{id}",
    tag = "order",
    operation_id = "read_order",
    params(
        ("id" = Uuid, Path, description = "The order."),
        ("If-None-Match" = Option<String>, Header, description = "ETag of the version at hand."),
    ),
    responses(
        (status = 200, description = "The order; its version is the ETag.", body = Order),
        (status = 304, description = "Still the version at hand."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(
    caller: Caller,
    IfNoneMatch(at_hand): IfNoneMatch,
    Path(id): Path<Uuid>,
) -> Result<Answer> {
    let order = orders::read(Side::Buyer, caller.account_id, id)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Answer::json_text(order.json)
        .unless_at_hand(at_hand == Some(order.version))
        .version(order.version))
}

/// Cancels an order that the caller bought.
///
/// Until it is shipped. The goods go back on the shelf.
#[utoipa::path(
    post,
    path = "/v1/orders/{id}/cancel",
    tag = "order",
    operation_id = "cancel_order",
    request_body = OrderCancellation,
    params(
        ("id" = Uuid, Path, description = "The order."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "The order as it is now.", body = Order),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn cancel(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(order): Path<Uuid>,
    Json(body): Json<OrderCancellation>,
) -> Result<Answer> {
    let what = Move {
        actor: caller.account_id,
        side: Side::Buyer,
        order,
        action: Action::Cancel,
        reason: body.reason,
        shipment: None,
    };
    flows::moves::run(what, &idempotency, context.traceparent).await
}

/// Says that an order that the caller bought has arrived.
///
/// The seller need not have said so. It opens the protection window: 7 days later the order completes
/// by itself.
#[utoipa::path(
    post,
    path = "/v1/orders/{id}/receive",
    tag = "order",
    operation_id = "receive_order",
    params(
        ("id" = Uuid, Path, description = "The order."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "The order as it is now.", body = Order),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn receive(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(order): Path<Uuid>,
) -> Result<Answer> {
    let what = Move {
        actor: caller.account_id,
        side: Side::Buyer,
        order,
        action: Action::Receive,
        reason: None,
        shipment: None,
    };
    flows::moves::run(what, &idempotency, context.traceparent).await
}

/// Completes a delivered order that the caller bought, before its protection window is over.
///
/// An order that is left alone completes at `complete_by`.
#[utoipa::path(
    post,
    path = "/v1/orders/{id}/complete",
    tag = "order",
    operation_id = "complete_order",
    params(
        ("id" = Uuid, Path, description = "The order."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "The order as it is now.", body = Order),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn complete(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(order): Path<Uuid>,
) -> Result<Answer> {
    let what = Move {
        actor: caller.account_id,
        side: Side::Buyer,
        order,
        action: Action::Complete,
        reason: None,
        shipment: None,
    };
    flows::moves::run(what, &idempotency, context.traceparent).await
}
