//! `/v1/sales`: the seller's side.

use axum::Extension;
use stoa_kit::http::{
    Answer, Caller, Idempotency, IfNoneMatch, Json, Page, PageQuery, Path, Problem, Query,
    RequestContext,
};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::documents::{Order, OrderEnd, OrderPage, OrderShipment};
use super::order_filter::OrderFilter;
use crate::domain::order_state::{Action, Side};
use crate::flows;
use crate::store::orders::{self, Move, Shipment};

/// Lists what the caller sold, newest first.
///
/// A cursor is a position and nothing else: it goes on from there under other filters too.
#[utoipa::path(
    get,
    path = "/v1/sales",
    tag = "order",
    operation_id = "list_sales",
    params(PageQuery, OrderFilter),
    responses(
        (status = 200, description = "A page of orders.", body = OrderPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(caller: Caller, page: Page, Query(filter): Query<OrderFilter>) -> Result<Answer> {
    let items = orders::page(Side::Seller, caller.account_id, filter.read()?, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Reads an order that the caller sold.
#[utoipa::path(
    get,
    path = "/v1/sales/{id}",
    tag = "order",
    operation_id = "read_sale",
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
    let order = orders::read(Side::Seller, caller.account_id, id)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Answer::json_text(order.json)
        .unless_at_hand(at_hand == Some(order.version))
        .version(order.version))
}

/// Confirms an order: the caller will send it.
///
/// Within 48 hours; silence cancels.
#[utoipa::path(
    post,
    path = "/v1/sales/{id}/confirm",
    tag = "order",
    operation_id = "confirm_sale",
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
pub async fn confirm(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(order): Path<Uuid>,
) -> Result<Answer> {
    let what = Move {
        actor: caller.account_id,
        side: Side::Seller,
        order,
        action: Action::Confirm,
        reason: None,
        shipment: None,
    };
    flows::moves::run(what, &idempotency, context.traceparent).await
}

/// Declines an order that awaits confirmation.
///
/// The goods go back on the shelf.
#[utoipa::path(
    post,
    path = "/v1/sales/{id}/decline",
    tag = "order",
    operation_id = "decline_sale",
    request_body = OrderEnd,
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
pub async fn decline(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(order): Path<Uuid>,
    Json(body): Json<OrderEnd>,
) -> Result<Answer> {
    let what = Move {
        actor: caller.account_id,
        side: Side::Seller,
        order,
        action: Action::Decline,
        reason: Some(body.reason),
        shipment: None,
    };
    flows::moves::run(what, &idempotency, context.traceparent).await
}

/// Cancels an order that the caller sold.
///
/// Until it is shipped. The goods go back on the shelf.
#[utoipa::path(
    post,
    path = "/v1/sales/{id}/cancel",
    tag = "order",
    operation_id = "cancel_sale",
    request_body = OrderEnd,
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
    Json(body): Json<OrderEnd>,
) -> Result<Answer> {
    let what = Move {
        actor: caller.account_id,
        side: Side::Seller,
        order,
        action: Action::Cancel,
        reason: Some(body.reason),
        shipment: None,
    };
    flows::moves::run(what, &idempotency, context.traceparent).await
}

/// Says that an order that the caller sold is on its way.
///
/// From `confirmed`. From now on neither side cancels it.
#[utoipa::path(
    post,
    path = "/v1/sales/{id}/ship",
    tag = "order",
    operation_id = "ship_sale",
    request_body = OrderShipment,
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
pub async fn ship(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(order): Path<Uuid>,
    Json(body): Json<OrderShipment>,
) -> Result<Answer> {
    let what = Move {
        actor: caller.account_id,
        side: Side::Seller,
        order,
        action: Action::Ship,
        reason: None,
        shipment: Some(Shipment {
            carrier: body.carrier,
            tracking_number: body.tracking_number,
        }),
    };
    flows::moves::run(what, &idempotency, context.traceparent).await
}

/// Says that an order that the caller sold has arrived.
///
/// It opens the protection window: 7 days later the order completes by itself.
#[utoipa::path(
    post,
    path = "/v1/sales/{id}/deliver",
    tag = "order",
    operation_id = "deliver_sale",
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
pub async fn deliver(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(order): Path<Uuid>,
) -> Result<Answer> {
    let what = Move {
        actor: caller.account_id,
        side: Side::Seller,
        order,
        action: Action::Deliver,
        reason: None,
        shipment: None,
    };
    flows::moves::run(what, &idempotency, context.traceparent).await
}
