//! `/v1/checkouts`

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{
    Answer, Caller, Idempotency, Json, Page, PageQuery, Path, Problem, Query, RequestContext,
};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::checkout_documents::{Checkout, CheckoutPage, CheckoutStatus};
use super::documents::OrderDelivery;
use super::validators;
use crate::domain::checkout::Wanted;
use crate::flows::buying;
use crate::flows::checkout::Input;
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
    /// In which it is paid. What has its price in another one is converted, by rates that are frozen for this
    /// checkout. May be left out where all lines have the same one.
    #[garde(inner(length(chars, max = 3), custom(validators::currency)))]
    #[schema(min_length = 3, max_length = 3, example = "VND")]
    currency: Option<String>,
    /// How it is paid for: `cod` (in cash, to whoever brings the goods), or a payment provider, such as
    /// `sandbox`. May be left out with `use_wallet`: the wallet has to cover all of it then.
    #[garde(inner(length(bytes, min = 1, max = 30), custom(validators::provider)))]
    #[schema(
        min_length = 1,
        max_length = 30,
        pattern = "^[a-z0-9_]+$",
        example = "cod"
    )]
    provider: Option<String>,
    /// True: as much as there is comes from the caller's wallet, and the provider is paid the rest. Not
    /// with `cod`.
    #[garde(skip)]
    use_wallet: Option<bool>,
    /// Codes of promotions, in any case.
    #[garde(inner(
        length(max = 10),
        inner(length(chars, min = 1, max = 40), custom(validators::line))
    ))]
    #[schema(max_items = 10)]
    codes: Option<Vec<String>>,
    /// True: a code that does nothing here does no harm either. Otherwise the checkout is refused with
    /// `code_unusable`, so that nobody pays more than they think.
    #[garde(skip)]
    ignore_unusable_codes: Option<bool>,
    /// A saved payment method of the caller's at the provider.
    #[garde(skip)]
    method_id: Option<Uuid>,
    /// Where the provider sends the buyer back to: a path of the shop.
    #[garde(inner(length(bytes, min = 1, max = 2000), custom(validators::shop_path)))]
    #[schema(min_length = 1, max_length = 2000, example = "/checkouts/done")]
    return_url: Option<String>,
    /// For all orders.
    #[garde(dive)]
    delivery: Option<OrderDelivery>,
    /// An entry of the caller's address book; the orders keep it as it is now.
    #[garde(skip)]
    contact_id: Option<Uuid>,
}

impl NewCheckout {
    /// As the workflow takes it.
    fn input(self, buyer: Uuid, key: &str) -> Result<Input> {
        let cart = self.cart.unwrap_or(false);
        let use_wallet = self.use_wallet.unwrap_or(false);
        match (&self.lines, cart) {
            (Some(_), true) => return Err(not_both("/cart", "Either lines or the cart.")),
            (None, false) => return Err(missing("/lines", "lines, or cart: true.")),
            _ => {}
        }
        match (&self.delivery, self.contact_id) {
            (Some(_), Some(_)) => {
                return Err(not_both("/contact_id", "Either delivery or contact_id."));
            }
            (None, None) => return Err(missing("/delivery", "delivery, or contact_id.")),
            _ => {}
        }
        match self.provider.as_deref() {
            None if !use_wallet => {
                return Err(missing("/provider", "provider, or use_wallet: true."));
            }
            Some("cod") if use_wallet => {
                return Err(not_both("/use_wallet", "Cash is paid as a whole."));
            }
            None | Some("cod") if self.method_id.is_some() => {
                return Err(not_both("/method_id", "A saved method is a provider's."));
            }
            _ => {}
        }
        Ok(Input {
            buyer,
            key: key.to_owned(),
            lines: self
                .lines
                .map(|lines| lines.iter().map(CheckoutLine::wanted).collect()),
            cart,
            currency: self.currency,
            provider: self.provider,
            use_wallet,
            codes: self.codes.unwrap_or_default(),
            ignore_unusable_codes: self.ignore_unusable_codes.unwrap_or(false),
            method_id: self.method_id,
            return_url: self.return_url,
            delivery: self
                .delivery
                .map(|delivery| serde_json::to_value(&delivery))
                .transpose()
                .map_err(|e| Error::internal(e.to_string()))?,
            contact_id: self.contact_id,
            begun_at: None,
        })
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
    /// The price that the buyer has seen, in minor units of the product's currency, whatever is paid in:
    /// another one now is refused with `price_changed`.
    #[garde(range(min = 0))]
    #[schema(minimum = 0)]
    unit_price: Option<i64>,
}

impl CheckoutLine {
    fn wanted(&self) -> Wanted {
        Wanted {
            variant: self.variant_id,
            quantity: self.quantity,
            unit_price: self.unit_price,
        }
    }
}

/// Buys.
///
/// The lines become one order for each seller, all of them or none. What changed since the buyer
/// looked is refused, and named; the cart stays as it is then. What is not paid in cash or from the
/// wallet waits for its payment for 24 hours: 202, and `payment.pay_url` is where the buyer pays.
/// After a 503 or a lost connection repeat the request with the same Idempotency-Key: whatever had
/// happened, there is one checkout, and the answer is how it stands.
#[utoipa::path(
    post,
    path = "/v1/checkouts",
    tag = "order",
    operation_id = "create_checkout",
    request_body = NewCheckout,
    params(("Idempotency-Key" = String, Header, description = "Required: a new one for each purchase, the same one for repetitions.")),
    responses(
        (status = 200, description = "A repetition: the checkout was `cancelled` or has `expired` since.", body = Checkout),
        (status = 201, description = "Bought; Location names the checkout.", body = Checkout),
        (status = 202, description = "It is `awaiting_payment`, or still `running`; Location names the checkout.", body = Checkout),
        (status = 400, description = "`idempotency_key_required`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`address_unverified`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`line_unavailable`, `own_goods`, `price_changed`, `insufficient_stock`, `cart_empty`, `quantity_limits`, `rate_unavailable`, `code_unusable`, `promotion_gone`, `insufficient_funds`, `payment_declined`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, `mixed_currencies`, `provider_unusable`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
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
    caller.require_verified()?;
    let input = body.input(caller.account_id, idempotency.required()?)?;
    stoa_kit::local(buying::buy(input, &idempotency, context.traceparent)).await
}

/// Which checkouts of a list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CheckoutFilter {
    /// `awaiting_payment`, `placed`, `cancelled` or `expired`.
    #[garde(skip)]
    #[param(inline)]
    status: Option<CheckoutStatus>,
}

/// Lists the caller's checkouts, newest first.
///
/// Those that wait for their payment, and those that are over. One that is `running` or `failed` is
/// found by its id alone.
#[utoipa::path(
    get,
    path = "/v1/checkouts",
    tag = "order",
    operation_id = "list_checkouts",
    params(PageQuery, CheckoutFilter),
    responses(
        (status = 200, description = "A page of checkouts.", body = CheckoutPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(
    caller: Caller,
    page: Page,
    Query(filter): Query<CheckoutFilter>,
) -> Result<Answer> {
    let status = filter.status.map(CheckoutStatus::as_str);
    let items = checkouts::page(caller.account_id, status, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
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
    let standing = checkouts::read(caller.account_id, checkout)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Answer::json_text(standing.body))
}

/// Why a buyer gives a checkout up, if there is something to say.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutCancellation {
    #[garde(inner(length(chars, min = 1, max = 500), custom(validators::note)))]
    #[schema(example = "changed my mind", min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// Cancels one of the caller's checkouts that waits for its payment.
///
/// What was held for it is given back: goods, uses of promotions, and what came from the wallet. A
/// payment that arrives at the same moment decides who was first: 409 then, and the orders can be
/// cancelled. Repeating it changes nothing, with a key or without.
#[utoipa::path(
    post,
    path = "/v1/checkouts/{id}/cancel",
    tag = "order",
    operation_id = "cancel_checkout",
    request_body = CheckoutCancellation,
    params(
        ("id" = Uuid, Path, description = "The checkout."),
        ("Idempotency-Key" = Option<String>, Header, description = "Accepted, and not needed."),
    ),
    responses(
        (status = 200, description = "It is over; all held for it has been given back.", body = Checkout),
        (status = 202, description = "It is being cancelled.", body = Checkout),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state`: it is placed; or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn cancel(
    caller: Caller,
    idempotency: Idempotency,
    Path(checkout): Path<Uuid>,
    Json(body): Json<CheckoutCancellation>,
) -> Result<Answer> {
    stoa_kit::local(buying::cancel(
        caller.account_id,
        checkout,
        body.reason.as_deref(),
        &idempotency,
    ))
    .await
}
