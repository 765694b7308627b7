//! HTTP handlers.

pub mod mailbox;
pub mod messages;
pub mod notifications;
