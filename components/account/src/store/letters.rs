//! Secrets on their way to people, as `send_letter_v1` reads them.

use serde::Serialize;
use uuid::Uuid;

/// What goes to an address, by an event. Printing it shows nothing.
#[derive(Serialize)]
pub struct NewLetter {
    pub id: Uuid,
    /// `verify` or `reset`.
    pub purpose: &'static str,
    /// `email` or `phone`.
    pub channel: &'static str,
    pub address: String,
    /// SHA-256 of the token, hexadecimal.
    pub token: Option<String>,
    /// SHA-256 of pepper and code, hexadecimal.
    pub code: Option<String>,
    /// Hexadecimal.
    pub pepper: Option<String>,
    /// Address and secret, for `notification` alone.
    pub sealed: String,
}

impl std::fmt::Debug for NewLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewLetter({} by {})", self.purpose, self.channel)
    }
}
