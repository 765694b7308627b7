//! Rules without I/O.

pub mod beat;
pub mod problem_table;
pub mod readiness;
