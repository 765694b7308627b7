//! Handlers, by resource.

pub mod balances;
pub mod corrections;
