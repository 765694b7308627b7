//! Statements: one Rust function each, over the PL/pgSQL functions in the files beside.

pub mod messages;
#[cfg(feature = "http")]
pub mod notifications;
