//! Statements, one function each.

pub mod notifications;
