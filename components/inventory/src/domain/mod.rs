//! Rules without I/O.

#[cfg(feature = "http")]
pub mod piece;
#[cfg(any(feature = "provider", test))]
pub mod reservation;
#[cfg(any(feature = "http", test))]
pub mod variants;
