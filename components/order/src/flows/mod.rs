//! Processes: several statements and calls, each safe to repeat.

pub mod cart;
pub mod checkout;
pub mod moves;
