//! Keys that sign access tokens, as they are made and kept.

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::ValueEnum;
use ed25519_dalek::SigningKey as Ed25519Key;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::data_dir::random;

/// What a key signs by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Algorithm {
    /// Ed25519: small and fast
    #[value(name = "EdDSA", alias = "eddsa")]
    EdDsa,
    /// RSA with SHA-256, for readers that know nothing else
    #[value(name = "RS256", alias = "rs256")]
    Rs256,
}

impl Algorithm {
    /// As JOSE names it.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Rs256 => "RS256",
        }
    }
}

/// A new key.
pub struct SigningKey {
    /// Its thumbprint (RFC 7638).
    pub kid: String,
    pub algorithm: Algorithm,
    /// The public half, as it is published.
    pub jwk: Value,
    /// Of EdDSA the seed, 32 bytes; of RS256 the private key as PKCS#1 DER.
    pub secret: Vec<u8>,
}

impl SigningKey {
    /// Makes one. Of RSA that may take a few seconds.
    pub fn new(algorithm: Algorithm) -> Result<SigningKey> {
        match algorithm {
            Algorithm::EdDsa => Ok(ed25519(random()?)),
            Algorithm::Rs256 => {
                let key = RsaPrivateKey::new(&mut OsRng, 2048).context("making an RSA key")?;
                rs256(&key)
            }
        }
    }
}

fn ed25519(seed: [u8; 32]) -> SigningKey {
    let x = URL_SAFE_NO_PAD.encode(Ed25519Key::from_bytes(&seed).verifying_key().as_bytes());
    let kid = thumbprint(&format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
    SigningKey {
        jwk: json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig"}),
        kid,
        algorithm: Algorithm::EdDsa,
        secret: seed.to_vec(),
    }
}

fn rs256(key: &RsaPrivateKey) -> Result<SigningKey> {
    let (kid, jwk) = public(&key.to_public_key());
    let secret = key
        .to_pkcs1_der()
        .map_err(|error| anyhow!("an RSA key cannot be written: {error}"))?;
    Ok(SigningKey {
        kid,
        algorithm: Algorithm::Rs256,
        jwk,
        secret: secret.as_bytes().to_vec(),
    })
}

fn public(key: &RsaPublicKey) -> (String, Value) {
    let number = |number: &BigUint| URL_SAFE_NO_PAD.encode(number.to_bytes_be());
    let (n, e) = (number(key.n()), number(key.e()));
    let kid = thumbprint(&format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#));
    let jwk = json!({"kty": "RSA", "n": n, "e": e, "kid": kid, "alg": "RS256", "use": "sig"});
    (kid, jwk)
}

fn thumbprint(members: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// The key and thumbprint of RFC 8037, appendix A.
    #[test]
    fn the_ed25519_key_of_the_rfc_has_the_thumbprint_of_the_rfc() {
        let seed = bytes("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        let key = ed25519(seed.try_into().unwrap());
        assert_eq!(key.jwk["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(key.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    /// The key and thumbprint of RFC 7638, section 3.1.
    #[test]
    fn the_rsa_key_of_the_rfc_has_the_thumbprint_of_the_rfc() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = RsaPublicKey::new(
            BigUint::from_bytes_be(&bytes(n)),
            BigUint::from_bytes_be(&bytes("AQAB")),
        );
        let (kid, jwk) = public(&key.unwrap());
        assert_eq!(
            (&jwk["n"], &jwk["e"], &jwk["kty"]),
            (&json!(n), &json!("AQAB"), &json!("RSA"))
        );
        assert_eq!(kid, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn no_private_part_is_published() {
        for algorithm in [Algorithm::EdDsa, Algorithm::Rs256] {
            let key = SigningKey::new(algorithm).unwrap();
            assert_eq!(key.jwk["alg"], algorithm.name());
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(key.jwk[private].is_null(), "{private} is published");
            }
        }
    }
}
