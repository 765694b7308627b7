//! Handlers, by resource.

pub mod balances;
pub mod corrections;
mod lines;
pub mod serials;
pub mod settings;
pub mod transfers;
mod validators;
pub mod warehouses;
