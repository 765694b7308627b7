//! What the routes of checkouts answer. Postgres builds it.

use serde::{Deserialize, Serialize};
use stoa_kit::money::Money;
use uuid::Uuid;

use super::documents::OrderLine;
use crate::domain::order_state::OrderStatus;

/// Where a checkout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutStatus {
    /// It takes a moment longer than usual.
    Running,
    /// The buyer has to pay, until `expires_at`.
    AwaitingPayment,
    /// It has become orders.
    Placed,
    /// Given up before it was paid, by the buyer or an operator.
    Cancelled,
    /// Not paid in time.
    Expired,
    /// It was refused while nobody waited for the answer; `code` says why.
    Failed,
}

impl CheckoutStatus {
    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Placed => "placed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

/// A checkout. Of one that is `running` or `failed` little more than that is known.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Checkout {
    id: Uuid,
    status: CheckoutStatus,
    /// Of a `failed` one: the problem's code.
    code: Option<String>,
    /// The rates by which lines of other currencies were converted (`/v1/exchange-rates/snapshots/{id}`);
    /// null where none was.
    rate_snapshot_id: Option<Uuid>,
    /// What the buyer pays over all orders.
    total: Option<Money>,
    /// Before promotions.
    list_total: Option<Money>,
    /// What promotions take off.
    discount: Option<Money>,
    /// What the buyer pays for shipping; part of the total.
    shipping: Option<Money>,
    /// How it is paid for: `cod`, another provider, or `wallet` when that covered all of it.
    #[schema(example = "cod")]
    provider: Option<String>,
    payment: Option<CheckoutPayment>,
    /// The promotions that it uses.
    promotions: Vec<CheckoutPromotion>,
    /// One for each seller.
    orders: Vec<CheckoutOrder>,
    begun_at: Option<chrono::DateTime<chrono::Utc>>,
    placed_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Why it was cancelled or expired.
    reason: Option<String>,
}

/// How a checkout is paid for.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct CheckoutPayment {
    #[schema(example = "sandbox")]
    provider: String,
    /// What came from the buyer's wallet.
    from_wallet: Money,
    /// Where the buyer pays the rest, while it waits for that. Later attempts have pages of their
    /// own: see the payment session, which has the checkout's id.
    pay_url: Option<String>,
    /// When it expires, unless it is paid; null of one that never waited.
    expires_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// A promotion that a checkout uses.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct CheckoutPromotion {
    promotion_id: Uuid,
    /// As the buyer typed it; null of an automatic one.
    code: Option<String>,
    title: String,
    /// `product_discount`, `shipping_discount`, `buy_x_get_y`, `bundle` or `cashback`.
    #[schema(example = "product_discount")]
    kind: String,
    /// What it takes off in all, or brings back to the wallet.
    amount: Money,
}

/// One seller's part of a checkout.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct CheckoutOrder {
    id: Uuid,
    seller_id: Uuid,
    /// Null until it is placed.
    status: Option<OrderStatus>,
    /// What the buyer pays.
    total: Money,
    list_total: Money,
    discount: Money,
    shipping: Money,
    lines: Vec<OrderLine>,
}

/// A checkout in a list.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct CheckoutSummary {
    id: Uuid,
    status: CheckoutStatus,
    total: Money,
    #[schema(example = "cod")]
    provider: String,
    begun_at: chrono::DateTime<chrono::Utc>,
    expires_at: Option<chrono::DateTime<chrono::Utc>>,
    placed_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// A page of checkouts.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct CheckoutPage {
    /// Newest first.
    items: Vec<CheckoutSummary>,
    next_cursor: Option<String>,
}
