//! Rules without I/O.

#[cfg(feature = "http")]
pub mod cart;
pub mod checkout;
pub mod listed;
pub mod order_id;
#[cfg(feature = "http")]
pub mod order_state;
pub mod plan;
#[cfg(feature = "http")]
pub mod preview;
pub mod quote;
