//! Secrets that a client carries: 32 random bytes, base64url on the wire, SHA-256 of the bytes in the
//! store.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};

/// A secret's bytes. Printing it shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// The secret of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads a secret; `None` for anything that [`Secret::encode`] did not make.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        BASE64.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// As the client gets it.
    #[must_use]
    pub fn encode(&self) -> String {
        BASE64.encode(self.0)
    }

    /// As the store knows it.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }

    /// The bytes, for a store that derives others from them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_hash_is_that_of_the_bytes_and_the_secret_is_not_printed() {
        let secret = Secret::new([0; 32]);
        // SHA-256 of 32 zero bytes.
        assert_eq!(secret.hash()[..4], [0x66, 0x68, 0x7a, 0xad]);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn rubbish_is_no_secret() {
        for text in [
            "",
            "abc",
            "!!!!",
            &"A".repeat(42),
            &"A".repeat(44),
            &format!("{}=", "A".repeat(43)),
            &"B".repeat(43),
        ] {
            assert_eq!(Secret::decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_secret_is_read_back_as_it_was_written(bytes: [u8; 32]) {
            let secret = Secret::new(bytes);
            prop_assert_eq!(secret.encode().len(), 43);
            prop_assert_eq!(Secret::decode(&secret.encode()), Some(secret));
        }
    }
}
