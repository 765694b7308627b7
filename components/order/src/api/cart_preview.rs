//! `/v1/cart/preview`

use garde::Validate;
use serde::Deserialize;
use stoa_kit::Result;
use stoa_kit::http::{Answer, Json, Problem};
use uuid::Uuid;

use super::validators;
use crate::domain::checkout::{Wanted, check_once_each};
use crate::domain::preview::CheckoutPreview;
use crate::flows;
use crate::store::carts::CartOwner;

/// Codes to try on the cart, or on `lines`.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"codes": ["SPRING"]}))]
pub struct CartPreview {
    /// In any case.
    #[garde(inner(
        length(max = 10),
        inner(length(chars, min = 1, max = 40), custom(validators::line))
    ))]
    #[schema(max_items = 10)]
    codes: Option<Vec<String>>,
    /// In which the buyer would pay; what has its price in another one is converted. May be left out where
    /// all lines have the same one.
    #[garde(inner(length(chars, max = 3), custom(validators::currency)))]
    #[schema(min_length = 3, max_length = 3, example = "VND")]
    currency: Option<String>,
    /// In place of the cart's selected lines; each variant at most once.
    #[garde(length(min = 1, max = 100), dive)]
    #[schema(min_items = 1, max_items = 100)]
    lines: Option<Vec<PreviewedLine>>,
}

/// Units of one variant.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewedLine {
    #[garde(skip)]
    variant_id: Uuid,
    #[garde(range(min = 1, max = 999))]
    #[schema(minimum = 1, maximum = 999)]
    quantity: u32,
}

/// Prices the selected lines of the cart with codes, and explains every line.
///
/// At the prices of this moment, whatever the buyer has seen; what cannot be bought is left out, and
/// said. Nothing is held by it: a promotion may be used up before the checkout, and another rate of
/// exchange may serve by then.
#[utoipa::path(
    post,
    path = "/v1/cart/preview",
    tag = "order",
    operation_id = "preview_cart",
    request_body = CartPreview,
    params(("Cart-Token" = Option<String>, Header, description = "A guest's; not looked at when signed in.")),
    responses(
        (status = 200, description = "What a checkout would come to.", body = CheckoutPreview),
        (status = 401, description = "`unauthenticated`: neither signed in nor with a token.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no cart has this token.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`cart_empty`, `rate_unavailable`, or `quantity_limits`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `mixed_currencies`.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`, also when the source of exchange rates is away.", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn preview(owner: CartOwner, Json(body): Json<CartPreview>) -> Result<Answer> {
    let lines: Option<Vec<Wanted>> = body.lines.map(|lines| {
        lines
            .iter()
            .map(|line| Wanted {
                variant: line.variant_id,
                quantity: line.quantity,
                unit_price: None,
            })
            .collect()
    });
    if let Some(lines) = &lines {
        check_once_each(lines)?;
    }
    let codes = body.codes.unwrap_or_default();
    let currency = body.currency.as_deref();
    let found = flows::preview::run(&owner, lines, &codes, currency).await?;
    Answer::json(&found)
}
