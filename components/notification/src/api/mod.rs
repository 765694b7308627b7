//! HTTP handlers.

pub mod notifications;
