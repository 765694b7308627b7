//! HTTP handlers.

pub mod account_pages;
pub mod document;
pub mod health;
pub mod keys;
pub mod pages;
