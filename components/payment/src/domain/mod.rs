//! Rules without I/O.

pub mod identity;
pub mod parts;
pub mod rates;
pub mod states;
pub mod withdrawal;
