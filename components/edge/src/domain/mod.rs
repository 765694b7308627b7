//! Rules without I/O.

pub mod account_page;
pub mod beat;
pub mod problem_table;
pub mod readiness;
