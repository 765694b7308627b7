//! Handlers, by resource.

pub mod cart;
pub mod cart_documents;
pub mod cart_lines;
mod cart_owner;
pub mod cart_preview;
pub mod checkout_documents;
pub mod checkouts;
pub mod documents;
pub mod order_filter;
pub mod orders;
pub mod sales;
pub mod sales_desk;
mod validators;
pub mod workflows;
