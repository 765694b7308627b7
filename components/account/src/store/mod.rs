//! Statements: one Rust function each, over the PL/pgSQL functions in the files beside.

#[cfg(feature = "http")]
pub mod accounts;
#[cfg(feature = "http")]
pub mod address_book;
#[cfg(feature = "http")]
mod answers;
#[cfg(feature = "provider")]
pub mod contacts;
#[cfg(feature = "http")]
pub mod following;
#[cfg(feature = "http")]
pub mod logins;
mod params;
#[cfg(feature = "http")]
pub mod sessions;

#[cfg(feature = "http")]
use answers::some;
#[cfg(feature = "http")]
pub use answers::{Items, Versioned};
#[cfg(feature = "http")]
use params::{jsonb, optional, text};
use params::{optional_uuid, uuid};
