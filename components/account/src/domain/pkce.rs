//! What binds an answer of an issuer to the client that asked (RFC 7636, and `nonce` of OpenID Connect).
//!
//! Both follow from a secret that the client keeps and that never goes through the address bar. So whoever
//! picks up an answer on its way can do nothing with it, whoever slips theirs to somebody else neither, and
//! the store keeps nothing but a hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use stoa_kit::secret::Secret;
use stoa_kit::{Error, Result};

/// The `code_verifier`: 43 characters.
///
/// # Errors
/// Internal; never in fact.
pub fn verifier(binding: &Secret) -> Result<String> {
    derive(binding, b"code_verifier")
}

/// The `code_challenge` of a verifier, method `S256`.
#[must_use]
pub fn challenge(verifier: &str) -> String {
    BASE64.encode(Sha256::digest(verifier))
}

/// The `nonce`.
///
/// # Errors
/// Internal; never in fact.
pub fn nonce(binding: &Secret) -> Result<String> {
    derive(binding, b"nonce")
}

fn derive(binding: &Secret, label: &[u8]) -> Result<String> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(binding.bytes())
        .map_err(|_| Error::internal("a key of no length"))?;
    mac.update(label);
    Ok(BASE64.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn verifier_and_nonce_follow_from_the_secret_and_tell_nothing_of_each_other() {
        let (one, other) = (Secret::new([1; 32]), Secret::new([2; 32]));
        assert_eq!(verifier(&one).unwrap(), verifier(&one).unwrap());
        assert_eq!(verifier(&one).unwrap().len(), 43);
        assert_ne!(verifier(&one).unwrap(), verifier(&other).unwrap());
        assert_ne!(verifier(&one).unwrap(), nonce(&one).unwrap());
    }
}
