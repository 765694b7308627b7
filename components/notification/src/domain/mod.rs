//! Rules without I/O.

pub mod date_text;
pub mod language;
pub mod marking;
pub mod money_text;
pub mod templates;
