//! Statements and commands, one function each.

pub mod migrations;
pub mod worker;
