//! Secrets that one module hands to another through a third: sealed to the reader's public key, so
//! that whoever carries or stores them, an outbox for one, cannot read them.
//!
//! Anonymous sealed boxes as libsodium makes them (`crypto_box_seal`): an ephemeral X25519 key and
//! XSalsa20-Poly1305. Keys and boxes are base64url texts without padding. Who sealed something is not
//! proven by it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use crypto_box::aead::rand_core::{CryptoRng, Error as RandomError, RngCore};
use crypto_box::{PublicKey, SecretKey};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A message's secret part on its way to whoever sends it: where it goes, and the one secret in it.
/// Printing it shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// E-mail address, or phone number in E.164.
    pub address: String,
    /// For a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// To be typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter(…)")
    }
}

impl Letter {
    /// Seals the letter for the holder of the secret half of `public_key`.
    ///
    /// # Errors
    /// As [`seal`].
    pub fn seal(&self, public_key: &str) -> Result<String> {
        let plain = serde_json::to_vec(self).map_err(|e| Error::internal(e.to_string()))?;
        seal(public_key, &plain)
    }

    /// Opens a letter.
    ///
    /// # Errors
    /// As [`open`]; also when there is something else in it.
    pub fn open(secret_key: &str, text: &str) -> Result<Self> {
        // The parser's own message could quote from the secret.
        serde_json::from_slice(&open(secret_key, text)?)
            .map_err(|_| Error::internal("no letter is in the sealed box"))
    }
}

/// Seals bytes for the holder of the secret half of `public_key`. Never the same text twice.
///
/// # Errors
/// Internal when the key is none, or the host gives no random bytes.
pub fn seal(public_key: &str, plaintext: &[u8]) -> Result<String> {
    let key = PublicKey::from(key(public_key)?);
    let mut random = HostRandom { failed: false };
    let sealed = key
        .seal(&mut random, plaintext)
        .map_err(|_| Error::internal("sealing failed"))?;
    if random.failed {
        return Err(Error::internal("no random bytes"));
    }
    Ok(BASE64.encode(sealed))
}

/// Opens what [`seal`] made.
///
/// # Errors
/// Internal when the key is none, or the text was not sealed for it or has changed since.
pub fn open(secret_key: &str, text: &str) -> Result<Vec<u8>> {
    let key = SecretKey::from(key(secret_key)?);
    let sealed = BASE64
        .decode(text)
        .map_err(|_| Error::internal("a sealed box is base64url"))?;
    key.unseal(&sealed)
        .map_err(|_| Error::internal("the sealed box does not open with this key"))
}

fn key(text: &str) -> Result<[u8; 32]> {
    BASE64
        .decode(text.trim())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| Error::internal("a sealing key is 32 bytes in base64url"))
}

/// The host's random bytes as the crate asks for them, which knows no failure: it is noted instead.
struct HostRandom {
    failed: bool,
}

impl RngCore for HostRandom {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.failed |= getrandom::fill(bytes).is_err();
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for HostRandom {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A pair, of the secret key of these bytes.
    fn pair(bytes: [u8; 32]) -> (String, String) {
        let secret = SecretKey::from(bytes);
        (
            BASE64.encode(secret.to_bytes()),
            BASE64.encode(secret.public_key().as_bytes()),
        )
    }

    fn letter() -> Letter {
        Letter {
            address: "lan@example.com".into(),
            token: Some("abc".into()),
            code: None,
        }
    }

    /// Sealed by libsodium 1.0.18 for the key of 32 sevens.
    #[test]
    fn a_letter_that_libsodium_sealed_opens() {
        let (secret, public) = pair([7; 32]);
        assert_eq!(public, "E75P6uryBMf9M1j8nAByGIHRdCeBKCJ-xnTzf3_pe20");
        let sealed = "cEBNSwERRyAEeZQFrYnmxFDIyipvhbx7wQFF1D8YxA1yef8gpLzXcmtuvxlfBCydKEjNRc8d\
                      FgrRaf7-yyHqIePXp6B5_pXSwTZsCBzikFgXp0Q119l4-dJpHg";
        assert_eq!(Letter::open(&secret, sealed).unwrap(), letter());
    }

    #[test]
    fn a_letter_opens_with_its_key_only_and_is_not_printed() {
        let (secret, public) = pair([7; 32]);
        let (other, _) = pair([8; 32]);
        let sealed = letter().seal(&public).unwrap();
        assert_eq!(Letter::open(&secret, &sealed).unwrap(), letter());
        assert!(Letter::open(&other, &sealed).is_err());
        assert!(!sealed.contains("abc") && !sealed.contains("lan"));
        assert_ne!(sealed, letter().seal(&public).unwrap());
        assert_eq!(format!("{:?}", letter()), "Letter(…)");
    }

    #[test]
    fn rubbish_is_refused_and_nothing_of_it_is_told() {
        let (secret, public) = pair([7; 32]);
        for key in ["", "abc", "not base64!", &"A".repeat(44)] {
            assert!(seal(key, b"x").is_err() && open(key, "AAAA").is_err());
        }
        for text in ["", "AAAA", "!", &"A".repeat(200)] {
            assert!(open(&secret, text).is_err(), "{text}");
        }
        let no_letter = seal(&public, b"a secret that is no JSON").unwrap();
        let error = Letter::open(&secret, &no_letter).unwrap_err().to_string();
        assert!(!error.contains("secret that"), "{error}");
    }

    proptest! {
        // A scalar multiplication is slow unoptimised.
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn whatever_is_sealed_opens_and_any_change_is_noticed(
            bytes in proptest::collection::vec(any::<u8>(), 0..100), at: prop::sample::Index, bit in 0..8u8,
        ) {
            let (secret, public) = pair([7; 32]);
            let sealed = seal(&public, &bytes).unwrap();
            prop_assert_eq!(open(&secret, &sealed).unwrap(), bytes);
            let mut changed = BASE64.decode(&sealed).unwrap();
            let at = at.index(changed.len());
            changed[at] ^= 1 << bit;
            // The top bit of an X25519 key does not count (RFC 7748, section 5).
            if (at, bit) != (31, 7) {
                prop_assert!(open(&secret, &BASE64.encode(changed)).is_err());
            }
        }
    }
}
