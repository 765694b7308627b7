//! What the answers look like. Postgres builds them.

use garde::Validate;
use serde::{Deserialize, Serialize};
use stoa_kit::money::Money;
use uuid::Uuid;

use super::validators;
use crate::domain::order_state::OrderStatus;

/// Where the goods go.
#[derive(Debug, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderDelivery {
    /// Who takes the goods.
    #[garde(length(chars, min = 1, max = 100), custom(validators::line))]
    #[schema(example = "Nguyễn Thị Lan", min_length = 1, max_length = 100)]
    receiver: String,
    /// E.164.
    #[garde(custom(validators::phone))]
    #[schema(example = "+84901234567")]
    phone: String,
    /// Street and house, 1 to 3 lines.
    #[garde(
        length(min = 1, max = 3),
        inner(length(chars, min = 1, max = 200), custom(validators::line))
    )]
    #[schema(example = json!(["12 Hàng Bạc"]), min_items = 1, max_items = 3)]
    address_lines: Vec<String>,
    #[garde(length(chars, min = 1, max = 100), custom(validators::line))]
    #[schema(example = "Hà Nội", min_length = 1, max_length = 100)]
    city: String,
    /// Province or state.
    #[garde(inner(length(chars, min = 1, max = 100), custom(validators::line)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    region: Option<String>,
    #[garde(inner(length(chars, min = 1, max = 20), custom(validators::line)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "10000", min_length = 1, max_length = 20)]
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2, upper case.
    #[garde(custom(validators::country))]
    #[schema(example = "VN")]
    country: String,
    /// For whoever brings it.
    #[garde(inner(length(chars, min = 1, max = 500), custom(validators::note)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// One thing that was bought, as it was called and priced then.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct OrderLine {
    variant_id: Uuid,
    product_id: Uuid,
    name: String,
    /// The seller's own code; may be empty.
    sku: String,
    /// Such as `{"colour": "red"}`.
    #[schema(value_type = Object)]
    attributes: serde_json::Value,
    /// In the currency of the checkout.
    unit_price: Money,
    /// What its seller asked for one unit, where that was in another currency: `unit_price` is that by
    /// `exchange_rate`.
    list_price: Option<Money>,
    /// What one of the seller's currency was worth, as a decimal text.
    #[schema(example = "25400.5")]
    exchange_rate: Option<String>,
    quantity: u32,
    /// What promotions take off of all units.
    discount: Money,
    /// What the buyer pays for all units.
    total: Money,
}

/// An order.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Order {
    id: Uuid,
    checkout_id: Uuid,
    buyer_id: Uuid,
    seller_id: Uuid,
    status: OrderStatus,
    /// `buyer`, `seller` or `system`, of a cancelled order.
    ended_by: Option<String>,
    /// Why it was cancelled.
    reason: Option<String>,
    /// How it is paid for: `cod`, another provider, or `wallet`.
    #[schema(example = "cod")]
    provider: String,
    /// The rates by which lines of other currencies were converted; null where none was.
    rate_snapshot_id: Option<Uuid>,
    /// What the buyer pays: goods after promotions, and shipping. The seller is paid in this currency.
    total: Money,
    /// Before promotions.
    list_total: Money,
    /// What promotions take off.
    discount: Money,
    /// What the buyer pays for shipping; part of the total.
    shipping: Money,
    /// What the seller got, once it is paid out; null for the buyer.
    payout: Option<Money>,
    payout_at: Option<chrono::DateTime<chrono::Utc>>,
    delivery: OrderDelivery,
    /// Who carries it; null until it is shipped.
    shipment: Option<OrderShipment>,
    lines: Vec<OrderLine>,
    /// Every state that it was in, the first one first.
    history: Vec<OrderChange>,
    /// The ETag.
    version: i64,
    placed_at: chrono::DateTime<chrono::Utc>,
    /// Until when the seller may confirm or decline; silence cancels.
    confirm_by: chrono::DateTime<chrono::Utc>,
    shipped_at: Option<chrono::DateTime<chrono::Utc>>,
    delivered_at: Option<chrono::DateTime<chrono::Utc>>,
    /// When a delivered order completes by itself, unless the buyer completes it before.
    complete_by: Option<chrono::DateTime<chrono::Utc>>,
    completed_at: Option<chrono::DateTime<chrono::Utc>>,
    updated_at: chrono::DateTime<chrono::Utc>,
}

/// One change of an order's state.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct OrderChange {
    /// Null where the order begins.
    from: Option<OrderStatus>,
    to: OrderStatus,
    /// `buyer`, `seller` or `system`.
    #[schema(example = "seller")]
    by: String,
    reason: Option<String>,
    at: chrono::DateTime<chrono::Utc>,
}

/// An order in a list.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct OrderSummary {
    id: Uuid,
    checkout_id: Uuid,
    buyer_id: Uuid,
    seller_id: Uuid,
    status: OrderStatus,
    total: Money,
    /// What the first line is called.
    first_line: String,
    line_count: u32,
    version: i64,
    placed_at: chrono::DateTime<chrono::Utc>,
    confirm_by: chrono::DateTime<chrono::Utc>,
}

/// A page of orders.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct OrderPage {
    /// Newest first.
    items: Vec<OrderSummary>,
    next_cursor: Option<String>,
}

/// Why an order ends.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderEnd {
    /// The other side reads it.
    #[garde(length(chars, min = 1, max = 500), custom(validators::note))]
    #[schema(example = "sold out", min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Why a buyer cancels, if there is more to say.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderCancellation {
    /// The seller reads it.
    #[garde(inner(length(chars, min = 1, max = 500), custom(validators::note)))]
    #[schema(example = "ordered twice", min_length = 1, max_length = 500)]
    pub reason: Option<String>,
}

/// Who carries an order, as the seller says it: as much as there is to say.
#[derive(Debug, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderShipment {
    #[garde(inner(length(chars, min = 1, max = 100), custom(validators::line)))]
    #[schema(example = "Viettel Post", min_length = 1, max_length = 100)]
    pub carrier: Option<String>,
    #[garde(inner(length(chars, min = 1, max = 64), custom(validators::line)))]
    #[schema(example = "VTP-0042", min_length = 1, max_length = 64)]
    pub tracking_number: Option<String>,
}
