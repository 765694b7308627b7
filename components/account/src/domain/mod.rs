//! The rules: no I/O, no clock of their own.

pub mod access_token;
pub mod address;
pub mod contact;
pub mod device;
pub mod id_token;
pub mod identifier;
pub mod password;
pub mod pkce;
pub mod preferences;
pub mod profile;
pub mod refresh_token;
pub mod second_factor;
