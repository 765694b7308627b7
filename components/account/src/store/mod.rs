//! Statements: one Rust function each, over the PL/pgSQL functions in the files beside.

#[cfg(feature = "http")]
pub mod accounts;
#[cfg(feature = "http")]
pub mod address_book;
#[cfg(feature = "http")]
mod answers;
#[cfg(feature = "http")]
pub mod api_keys;
#[cfg(feature = "http")]
pub mod audit;
#[cfg(feature = "http")]
pub mod belongings;
#[cfg(feature = "provider")]
pub mod contacts;
#[cfg(feature = "http")]
pub mod erasure;
#[cfg(feature = "http")]
pub mod following;
#[cfg(feature = "http")]
pub mod identities;
#[cfg(feature = "http")]
pub mod letters;
#[cfg(feature = "http")]
pub mod logins;
mod params;
#[cfg(feature = "http")]
pub mod passwords;
#[cfg(feature = "http")]
pub mod second_factors;
#[cfg(feature = "http")]
pub mod sessions;
#[cfg(feature = "http")]
pub mod staff;
#[cfg(feature = "http")]
pub mod verifications;

#[cfg(feature = "http")]
use answers::some;
#[cfg(feature = "http")]
pub use answers::{Items, Versioned};
#[cfg(feature = "http")]
use params::{jsonb, optional, text};
use params::{optional_uuid, uuid};
