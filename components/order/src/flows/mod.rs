//! Processes: several statements and calls, each safe to repeat.

#[cfg(feature = "http")]
pub mod buying;
#[cfg(feature = "http")]
pub mod cart;
pub mod checkout;
pub mod deciding;
#[cfg(feature = "http")]
pub mod moves;
pub mod prepared;
#[cfg(feature = "http")]
pub mod preview;
mod refusals;

use stoa_durable::Postgres;

/// The engine on this module's tables.
pub const ENGINE: Postgres = stoa_durable::postgres!(crate::DB, "order");

/// One wake of the lane: runs what waits no longer, and what somebody left.
#[cfg(feature = "flows")]
pub async fn lane() {
    let kinds = [stoa_durable::Kind::of::<checkout::Checkout>()];
    stoa_durable::lane(&ENGINE, crate::LANE, &kinds).await;
}
