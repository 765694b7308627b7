//! Statements and commands, one function each.

pub mod keys;
pub mod migrations;
pub mod worker;
