//! `/v1/cart/lines`

use stoa_kit::http::{Answer, Idempotency, Json, Path, Problem};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::cart_documents::{CartLineAdd, CartLinePut, CartSelection, CartSummary};
use crate::flows;
use crate::store::carts::{self, CartOwner};

/// Sets a line of the cart, however it was before.
///
/// The price of this moment counts as seen by the buyer: this is how a changed price is accepted.
#[utoipa::path(
    put,
    path = "/v1/cart/lines/{variant_id}",
    tag = "order",
    operation_id = "put_cart_line",
    request_body = CartLinePut,
    params(
        ("variant_id" = Uuid, Path, description = "The variant."),
        ("Cart-Token" = Option<String>, Header, description = "A guest's; not looked at when signed in."),
    ),
    responses(
        (status = 200, description = "How much is in the cart now.", body = CartSummary),
        (status = 401, description = "`unauthenticated`: neither signed in nor with a token.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no cart has this token.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`line_unavailable`, `own_goods`, or `cart_full`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn put(
    owner: CartOwner,
    Path(variant): Path<Uuid>,
    Json(body): Json<CartLinePut>,
) -> Result<Answer> {
    flows::cart::put(&owner, variant, body.quantity, body.selected).await
}

/// Adds units of a variant to what is in the cart, and selects the line.
#[utoipa::path(
    post,
    path = "/v1/cart/lines",
    tag = "order",
    operation_id = "add_cart_line",
    request_body = CartLineAdd,
    params(
        ("Cart-Token" = Option<String>, Header, description = "A guest's; not looked at when signed in."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "How much is in the cart now.", body = CartSummary),
        (status = 401, description = "`unauthenticated`: neither signed in nor with a token.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no cart has this token.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`line_unavailable`, `own_goods`, `cart_full`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, also when the line would hold more than 999 units, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn add(
    owner: CartOwner,
    idempotency: Idempotency,
    Json(body): Json<CartLineAdd>,
) -> Result<Answer> {
    flows::cart::add(&owner, body.variant_id, body.quantity, &idempotency).await
}

/// Takes a line out of the cart.
#[utoipa::path(
    delete,
    path = "/v1/cart/lines/{variant_id}",
    tag = "order",
    operation_id = "remove_cart_line",
    params(
        ("variant_id" = Uuid, Path, description = "The variant."),
        ("Cart-Token" = Option<String>, Header, description = "A guest's; not looked at when signed in."),
    ),
    responses(
        (status = 204, description = "It is not in the cart."),
        (status = 401, description = "`unauthenticated`: neither signed in nor with a token.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no cart has this token.", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn remove(owner: CartOwner, Path(variant): Path<Uuid>) -> Result<Answer> {
    carts::remove(&owner, Some(variant)).await?;
    Ok(Answer::no_content())
}

/// Selects or deselects lines: a checkout of the cart takes the selected ones.
#[utoipa::path(
    patch,
    path = "/v1/cart/lines",
    tag = "order",
    operation_id = "select_cart_lines",
    request_body = CartSelection,
    params(("Cart-Token" = Option<String>, Header, description = "A guest's; not looked at when signed in.")),
    responses(
        (status = 200, description = "How much is in the cart.", body = CartSummary),
        (status = 401, description = "`unauthenticated`: neither signed in nor with a token.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no cart has this token.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn select(owner: CartOwner, Json(body): Json<CartSelection>) -> Result<Answer> {
    let variants = match (&body.variant_ids, body.all.unwrap_or(false)) {
        (Some(variants), false) => Some(variants.as_slice()),
        (None, true) => None,
        (Some(_), true) => {
            return Err(Error::invalid(
                "/all",
                "not_both",
                "Either variant_ids or all.",
            ));
        }
        (None, false) => {
            return Err(Error::invalid(
                "/variant_ids",
                "missing_field",
                "variant_ids, or all: true.",
            ));
        }
    };
    carts::select(&owner, variants, body.selected)
        .await
        .map(Answer::json_text)
        .map_err(Error::from)
}
