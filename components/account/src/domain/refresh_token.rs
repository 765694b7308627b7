//! Refresh tokens: 32 random bytes, base64url on the wire, SHA-256 of the bytes in the store.
//!
//! Successors are derived in the store (`refresh_v1`), under the lock that guards the session.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};

/// How long a token and its session live after each refresh, in seconds: 30 days.
pub const LIFE_S: u32 = 30 * 24 * 3600;

/// A token's bytes. Printing it shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken([u8; 32]);

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

impl RefreshToken {
    /// The token of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads a token; `None` for anything that [`RefreshToken::encode`] did not make.
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

    /// The bytes, for the function that spends it.
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
        let token = RefreshToken::new([0; 32]);
        // SHA-256 of 32 zero bytes.
        assert_eq!(token.hash()[..4], [0x66, 0x68, 0x7a, 0xad]);
        assert_eq!(format!("{token:?}"), "RefreshToken(…)");
    }

    #[test]
    fn rubbish_is_no_token() {
        for text in [
            "",
            "abc",
            "!!!!",
            &"A".repeat(42),
            &"A".repeat(44),
            &format!("{}=", "A".repeat(43)),
            &"B".repeat(43),
        ] {
            assert_eq!(RefreshToken::decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_token_is_read_back_as_it_was_written(bytes: [u8; 32]) {
            let token = RefreshToken::new(bytes);
            prop_assert_eq!(token.encode().len(), 43);
            prop_assert_eq!(RefreshToken::decode(&token.encode()), Some(token));
        }
    }
}
