//! Statements: one Rust function each, over the PL/pgSQL functions in the files beside.

#[cfg(feature = "provider")]
pub mod reservations;
#[cfg(feature = "http")]
pub mod stock;
