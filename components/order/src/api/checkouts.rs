//! `/v1/checkouts`

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Idempotency, Json, Path, Problem, RequestContext};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::documents::{Checkout, OrderDelivery};
use crate::domain::checkout::Wanted;
use crate::flows;
use crate::flows::checkout::{Destination, Goods};
use crate::store::checkouts;

/// What to buy, `lines` or `cart`, and where to send it, `delivery` or `contact_id`.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lines": [{"variant_id": "018f0000-0000-7000-8000-000000000001", "quantity": 1, "unit_price": 120_000}],
    "provider": "cod",
    "delivery": {
        "receiver": "Nguyễn Thị Lan", "phone": "+84901234567", "address_lines": ["12 Hàng Bạc"],
        "city": "Hà Nội", "region": "Hà Nội", "postal_code": "10000", "country": "VN",
        "note": "Ring twice.",
    },
}))]
pub struct NewCheckout {
    /// Each variant at most once.
    #[garde(length(min = 1, max = 100), dive)]
    #[schema(min_items = 1, max_items = 100)]
    lines: Option<Vec<CheckoutLine>>,
    /// True: the selected lines of the caller's cart, at the prices that the buyer has seen. What is
    /// bought leaves the cart.
    #[garde(skip)]
    cart: Option<bool>,
    /// How it is paid for.
    #[garde(skip)]
    provider: PaymentProvider,
    /// For all orders.
    #[garde(dive)]
    delivery: Option<OrderDelivery>,
    /// An entry of the caller's address book; the orders keep it as it is now.
    #[garde(skip)]
    contact_id: Option<Uuid>,
}

impl NewCheckout {
    fn goods(lines: Option<Vec<CheckoutLine>>, cart: Option<bool>) -> Result<Goods> {
        match (lines, cart.unwrap_or(false)) {
            (Some(lines), false) => Ok(Goods::Lines(
                lines
                    .iter()
                    .map(|line| Wanted {
                        variant: line.variant_id,
                        quantity: line.quantity,
                        unit_price: line.unit_price,
                    })
                    .collect(),
            )),
            (None, true) => Ok(Goods::Cart),
            (Some(_), true) => Err(not_both("/cart", "Either lines or the cart.")),
            (None, false) => Err(missing("/lines", "lines, or cart: true.")),
        }
    }

    fn destination(
        delivery: Option<OrderDelivery>,
        contact: Option<Uuid>,
    ) -> Result<Destination<OrderDelivery>> {
        match (delivery, contact) {
            (Some(delivery), None) => Ok(Destination::Given(delivery)),
            (None, Some(contact)) => Ok(Destination::Contact(contact)),
            (Some(_), Some(_)) => Err(not_both("/contact_id", "Either delivery or contact_id.")),
            (None, None) => Err(missing("/delivery", "delivery, or contact_id.")),
        }
    }
}

fn not_both(pointer: &str, detail: &str) -> Error {
    Error::invalid(pointer, "not_both", detail)
}

fn missing(pointer: &str, detail: &str) -> Error {
    Error::invalid(pointer, "missing_field", detail)
}

/// Units of one variant.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutLine {
    #[garde(skip)]
    variant_id: Uuid,
    #[garde(range(min = 1, max = 999))]
    #[schema(minimum = 1, maximum = 999)]
    quantity: u32,
    /// The price that the buyer has seen, in minor units: another one now is refused with
    /// `price_changed`.
    #[garde(range(min = 0))]
    #[schema(minimum = 0)]
    unit_price: Option<i64>,
}

/// How a checkout is paid for.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentProvider {
    /// In cash, to whoever brings the goods.
    Cod,
}

impl PaymentProvider {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Cod => "cod",
        }
    }
}

/// Buys.
///
/// The lines become one order for each seller, all of them or none. What changed since the buyer
/// looked is refused, and named; the cart stays as it is then. After a 503 or a lost connection repeat the request with the same
/// Idempotency-Key: whatever had happened, there is one checkout.
#[utoipa::path(
    post,
    path = "/v1/checkouts",
    tag = "order",
    operation_id = "create_checkout",
    request_body = NewCheckout,
    params(("Idempotency-Key" = String, Header, description = "Required: a new one for each purchase, the same one for repetitions.")),
    responses(
        (status = 201, description = "Bought; Location names the checkout.", body = Checkout),
        (status = 400, description = "`idempotency_key_required`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`line_unavailable`, `own_goods`, `price_changed`, `insufficient_stock`, `cart_empty`, `quantity_limits`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, `mixed_currencies`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: whether it was bought is open; repeat it with the same key.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn create(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Json(body): Json<NewCheckout>,
) -> Result<Answer> {
    let request = flows::checkout::Request {
        buyer: caller.account_id,
        goods: NewCheckout::goods(body.lines, body.cart)?,
        provider: body.provider.as_str(),
        destination: NewCheckout::destination(body.delivery, body.contact_id)?,
        trace: context.traceparent,
    };
    flows::checkout::run(request, &idempotency).await
}

/// Reads one of the caller's checkouts, with its orders as they are now.
#[utoipa::path(
    get,
    path = "/v1/checkouts/{id}",
    tag = "order",
    operation_id = "read_checkout",
    params(("id" = Uuid, Path, description = "The checkout.")),
    responses(
        (status = 200, description = "The checkout.", body = Checkout),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(caller: Caller, Path(checkout): Path<Uuid>) -> Result<Answer> {
    let body = checkouts::read(caller.account_id, checkout).await?;
    body.map(Answer::json_text).ok_or_else(Error::not_found)
}
