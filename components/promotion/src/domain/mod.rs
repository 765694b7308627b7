//! Pure rules: no I/O, no clock, no chance.

pub mod basket;
pub mod evaluate;
pub mod promotion;
pub mod quote;
pub mod rule;
pub mod schedule;
pub mod validate;
