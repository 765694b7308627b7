//! Pairs of keys to seal secrets with, `account` for `notification` and `payment` for itself: X25519, in
//! base64url.

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crypto_box::SecretKey;

use crate::data_dir::random;

/// A new secret half.
pub fn new() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random()?))
}

/// The public half of a secret one.
pub fn public(secret: &str) -> Result<String> {
    let bytes: [u8; 32] = URL_SAFE_NO_PAD
        .decode(secret)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .context("the sealing key is not 32 bytes in base64url")?;
    let key = SecretKey::from(bytes);
    Ok(URL_SAFE_NO_PAD.encode(key.public_key().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As libsodium's `crypto_scalarmult_base` has it; `kit::seal` is held to the same pair.
    #[test]
    fn the_public_half_is_that_of_the_secret_one() {
        let secret = URL_SAFE_NO_PAD.encode([7; 32]);
        assert_eq!(
            public(&secret).unwrap(),
            "E75P6uryBMf9M1j8nAByGIHRdCeBKCJ-xnTzf3_pe20"
        );
        assert!(public("abc").is_err());
        assert_ne!(new().unwrap(), new().unwrap());
        assert!(public(&new().unwrap()).is_ok());
    }
}
