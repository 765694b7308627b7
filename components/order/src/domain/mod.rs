//! Rules without I/O.

pub mod cart;
pub mod checkout;
pub mod order_id;
pub mod order_state;
