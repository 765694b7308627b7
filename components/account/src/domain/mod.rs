//! The rules: no I/O, no clock of their own.

pub mod access_token;
pub mod contact;
pub mod identifier;
pub mod password;
pub mod profile;
pub mod refresh_token;
