//! Routes: extract, call, answer.

pub mod accounts;
pub mod contact_documents;
pub mod contacts;
pub mod following;
pub mod login;
pub mod me;
pub mod refresh;
pub mod sessions;
mod tokens;
mod validators;

use stoa_kit::{Error, Result};

/// Random bytes of the host, fit for secrets.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| Error::internal(format!("no random bytes: {e}")))?;
    Ok(bytes)
}
