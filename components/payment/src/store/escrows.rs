//! Escrow: what is held for an order. Orders' events move it, see `on_event.sql`.

use serde::{Deserialize, Serialize};
use stoa_kit::pg::DbError;
use uuid::Uuid;

use super::params::{found, uuid};

/// Where an escrow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum EscrowState {
    /// Cash that nobody has collected yet.
    Expected,
    Held,
    /// Paid out to the seller.
    Released,
    /// All of it went back to the buyer.
    Refunded,
    /// Of an order that ended before anything was paid.
    Void,
}

/// What is held for an order.
#[derive(Debug, Clone, Deserialize)]
pub struct Escrow {
    pub order_id: Uuid,
    /// `None` of a tombstone.
    pub session_id: Option<Uuid>,
    pub buyer_id: Uuid,
    pub seller_id: Uuid,
    pub currency: String,
    pub goods: i64,
    pub shipping: i64,
    pub subsidy: i64,
    pub commission: i64,
    pub cashback_by_platform: i64,
    pub cashback_by_seller: i64,
    pub provider: String,
    pub state: EscrowState,
    pub refunded: i64,
    /// Nothing is paid out: money of its session was taken back.
    pub frozen: bool,
    /// It is paid out when it thaws.
    pub release_due: bool,
    /// What the seller gets, or got, as things are: goods, shipping and subsidy less commission and
    /// cashback, each less its share of what was refunded.
    pub payout: i64,
}

/// An order's escrow.
pub async fn read(order: Uuid) -> Result<Option<Escrow>, DbError> {
    found(
        "SELECT payment.escrow_json_v1(e)::text FROM payment.escrow e WHERE e.order_id = $1",
        vec![uuid(order)],
    )
    .await
}
