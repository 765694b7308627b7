//! Rules without I/O.

pub mod date_text;
pub mod letters;
#[cfg(feature = "http")]
pub mod marking;
#[cfg(feature = "http")]
pub mod money_text;
#[cfg(feature = "http")]
pub mod templates;

pub use stoa_kit::language;
