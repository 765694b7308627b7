//! Rules without I/O.

#[cfg(any(feature = "provider", test))]
pub mod reservation;
#[cfg(any(feature = "http", test))]
pub mod variants;
