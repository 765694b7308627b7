//! The statements, one function each, and the cache of product pages.

#[cfg(feature = "http")]
pub mod categories;
#[cfg(feature = "http")]
pub mod page_cache;
#[cfg(feature = "http")]
pub mod params;
#[cfg(feature = "http")]
pub mod products;
#[cfg(feature = "http")]
pub mod search;
#[cfg(feature = "provider")]
pub mod skus;
#[cfg(feature = "http")]
pub mod variants;
