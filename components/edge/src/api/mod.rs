//! HTTP handlers.

pub mod document;
pub mod health;
pub mod keys;
pub mod pages;
