//! Statements: one Rust function each, over the PL/pgSQL functions in the files beside.

#[cfg(feature = "provider")]
pub mod holds;
pub mod loading;
pub mod params;
#[cfg(feature = "http")]
pub mod promotions;
#[cfg(feature = "http")]
pub mod segments;
