//! Processes: several statements and calls, each safe to repeat.

pub mod checkout;
pub mod moves;
