//! Routes: extract, call, answer.

pub mod accounts;
pub mod addresses;
pub mod api_keys;
pub mod audit;
pub mod belongings;
mod codes;
mod confirmation;
pub mod contact_documents;
pub mod contacts;
pub mod erasure;
pub mod following;
pub mod identities;
mod letters;
pub mod login;
pub mod lost_second_factors;
pub mod me;
pub mod oidc;
pub mod passwords;
pub mod refresh;
pub mod resets;
pub mod roles;
pub mod second_factors;
pub mod sessions;
pub mod suspensions;
mod tokens;
mod validators;
pub mod verifications;

use stoa_kit::{Error, Result};

/// Random bytes of the host, fit for secrets.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| Error::internal(format!("no random bytes: {e}")))?;
    Ok(bytes)
}
