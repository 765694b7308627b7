//! Rules without I/O.

pub mod checkout;
pub mod delivery;
pub mod order_id;
pub mod order_state;
