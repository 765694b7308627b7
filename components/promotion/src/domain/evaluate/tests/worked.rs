//! Examples with numbers that can be checked by hand.

mod rules;
mod stacking;
mod unused;
