//! The states of a product.

use axum::Extension;
use stoa_kit::Result;
use stoa_kit::http::{
    Answer, Caller, Idempotency, IfMatch, Json, Path, Problem, RequestContext, Role,
};
use uuid::Uuid;

use super::requests::TakeDown;
use super::shapes::ProductPage;
use super::{actor, expected, posted};
use crate::domain::status::Transition;
use crate::store::products;

/// Lists a draft or hidden product of yours for everybody to see and buy.
#[utoipa::path(
    post,
    path = "/v1/products/{id}/publish",
    tag = "catalog",
    params(
        ("id" = Uuid, Path, description = "The product"),
        ("Idempotency-Key" = Option<String>, Header, description = "A new one for each intent, the same for repetitions"),
        ("If-Match" = Option<String>, Header, description = "Sent, the product must be at this version"),
    ),
    responses(
        (status = 200, body = ProductPage, description = "The page as it is now; ETag is its version"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "No address of your account is verified (`address_unverified`)", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such product, or not yours", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not from the state that it is in (`wrong_state`, with `product_status`)", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "If-Match was sent, and it changed meanwhile", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn publish_product(
    Path(id): Path<Uuid>,
    caller: Caller,
    idem: Idempotency,
    version: Result<IfMatch>,
    Extension(context): Extension<RequestContext>,
) -> Result<Answer> {
    caller.require_verified()?;
    go(
        &caller,
        &context,
        &idem,
        version,
        id,
        Transition::Publish,
        None,
    )
    .await
}

/// Withdraws a listed product of yours, until it is published again.
#[utoipa::path(
    post,
    path = "/v1/products/{id}/hide",
    tag = "catalog",
    params(
        ("id" = Uuid, Path, description = "The product"),
        ("Idempotency-Key" = Option<String>, Header, description = "A new one for each intent, the same for repetitions"),
        ("If-Match" = Option<String>, Header, description = "Sent, the product must be at this version"),
    ),
    responses(
        (status = 200, body = ProductPage, description = "The page as it is now; ETag is its version"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such product, or not yours", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not from the state that it is in (`wrong_state`, with `product_status`)", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "If-Match was sent, and it changed meanwhile", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn hide_product(
    Path(id): Path<Uuid>,
    caller: Caller,
    idem: Idempotency,
    version: Result<IfMatch>,
    Extension(context): Extension<RequestContext>,
) -> Result<Answer> {
    go(
        &caller,
        &context,
        &idem,
        version,
        id,
        Transition::Hide,
        None,
    )
    .await
}

/// Withdraws anybody's listed or hidden product. For moderators.
#[utoipa::path(
    post,
    path = "/v1/products/{id}/take-down",
    tag = "catalog",
    params(
        ("id" = Uuid, Path, description = "The product"),
        ("Idempotency-Key" = Option<String>, Header, description = "A new one for each intent, the same for repetitions"),
        ("If-Match" = Option<String>, Header, description = "Sent, the product must be at this version"),
    ),
    request_body = TakeDown,
    responses(
        (status = 200, body = ProductPage, description = "The page as it is now; ETag is its version"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not a moderator", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such product", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not from the state that it is in (`wrong_state`, with `product_status`)", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "If-Match was sent, and it changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something in the request is not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn take_down_product(
    Path(id): Path<Uuid>,
    caller: Caller,
    idem: Idempotency,
    version: Result<IfMatch>,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<TakeDown>,
) -> Result<Answer> {
    go(
        &caller,
        &context,
        &idem,
        version,
        id,
        Transition::TakeDown,
        Some(&body.reason),
    )
    .await
}

/// Gives a product that was taken down back to its seller, hidden. For moderators.
#[utoipa::path(
    post,
    path = "/v1/products/{id}/restore",
    tag = "catalog",
    params(
        ("id" = Uuid, Path, description = "The product"),
        ("Idempotency-Key" = Option<String>, Header, description = "A new one for each intent, the same for repetitions"),
        ("If-Match" = Option<String>, Header, description = "Sent, the product must be at this version"),
    ),
    responses(
        (status = 200, body = ProductPage, description = "The page as it is now; ETag is its version"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not a moderator", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such product", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not from the state that it is in (`wrong_state`, with `product_status`)", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "If-Match was sent, and it changed meanwhile", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn restore_product(
    Path(id): Path<Uuid>,
    caller: Caller,
    idem: Idempotency,
    version: Result<IfMatch>,
    Extension(context): Extension<RequestContext>,
) -> Result<Answer> {
    go(
        &caller,
        &context,
        &idem,
        version,
        id,
        Transition::Restore,
        None,
    )
    .await
}

async fn go(
    caller: &Caller,
    context: &RequestContext,
    idem: &Idempotency,
    version: Result<IfMatch>,
    id: Uuid,
    transition: Transition,
    reason: Option<&str>,
) -> Result<Answer> {
    if transition.is_moderators() {
        caller.require(Role::Moderator)?;
    }
    let actor = actor(caller, context);
    let answer =
        products::change_status(&actor, idem, id, expected(version)?, transition, reason).await?;
    Ok(posted(answer).await)
}
