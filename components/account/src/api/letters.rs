//! Secrets for people: made, hashed for the store, sealed for whoever sends them.

use sha2::{Digest, Sha256};
use stoa_kit::seal::Letter;
use stoa_kit::secret::Secret;
use stoa_kit::{Result, ids, variables};
use uuid::Uuid;

use super::random;
use crate::domain::address::{self, Channel};
use crate::store::letters::NewLetter;
use crate::store::passwords::{self, Address, Told};

/// What a letter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To prove the address.
    Verify,
    /// To set another password.
    Reset,
}

/// A letter with a new secret in it: a code to verify a phone number, a token for a link otherwise.
pub(super) async fn write(
    purpose: Purpose,
    channel: Channel,
    address: String,
) -> Result<NewLetter> {
    let public_key = variables::get("seal_public_key").await?;
    let mut plain = Letter {
        address: address.clone(),
        token: None,
        code: None,
    };
    let mut letter = NewLetter {
        id: ids::new_id(),
        purpose: match purpose {
            Purpose::Verify => "verify",
            Purpose::Reset => "reset",
        },
        channel: channel.name(),
        address,
        token: None,
        code: None,
        pepper: None,
        sealed: String::new(),
    };
    if (purpose, channel) == (Purpose::Verify, Channel::Phone) {
        let code = address::code(random()?);
        let pepper: [u8; 16] = random()?;
        letter.code = Some(hex(&Sha256::new()
            .chain_update(pepper)
            .chain_update(&code)
            .finalize()));
        letter.pepper = Some(hex(&pepper));
        plain.code = Some(code);
    } else {
        let token = Secret::new(random()?);
        letter.token = Some(hex(&token.hash()));
        plain.token = Some(token.encode());
    }
    letter.sealed = plain.seal(&public_key)?;
    Ok(letter)
}

/// Where the owner of an account is told of what concerns its security, sealed. `None`: no address is verified.
pub(super) async fn to_owner(account: Uuid) -> Result<Option<Told>> {
    notice(passwords::address_to_tell(account).await?).await
}

/// An address at which somebody is told of something, sealed.
pub(super) async fn notice(at: Option<Address>) -> Result<Option<Told>> {
    let Some(Address { channel, address }) = at else {
        return Ok(None);
    };
    let public_key = variables::get("seal_public_key").await?;
    let plain = Letter {
        address,
        token: None,
        code: None,
    };
    Ok(Some(Told {
        channel,
        sealed: plain.seal(&public_key)?,
    }))
}

/// Bytes as Postgres decodes them.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
