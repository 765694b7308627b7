//! Statements: one Rust function each, over the PL/pgSQL functions in the files beside.

#[cfg(feature = "http")]
pub mod params;
#[cfg(feature = "provider")]
pub mod reservations;
#[cfg(feature = "http")]
pub mod serials;
#[cfg(feature = "http")]
pub mod settings;
#[cfg(feature = "provider")]
pub mod shelves;
#[cfg(feature = "http")]
pub mod stock;
#[cfg(feature = "http")]
pub mod warehouses;
