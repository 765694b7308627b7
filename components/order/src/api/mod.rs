//! Handlers, by resource.

pub mod checkouts;
pub mod documents;
pub mod orders;
pub mod sales;
mod validators;
