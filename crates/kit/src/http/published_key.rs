//! A key by which access tokens are judged, made ready once and not at every token.
//!
//! Everything here is public: nothing has to take the same time whatever it is given.

use std::cell::OnceCell;
use std::iter::repeat_n;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use crypto_bigint::modular::runtime_mod::{DynResidue, DynResidueParams};
use crypto_bigint::{Encoding as _, U2048};
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, RSAKeyParameters};
use jsonwebtoken::{Algorithm, DecodingKey};
use sha2::{Digest, Sha256};

/// A key as it is published.
#[derive(Debug)]
pub(super) struct PublishedKey {
    jwk: Jwk,
    /// Made when the first token asks for it: of RSA it takes a millisecond or two.
    verifier: OnceCell<Option<Verifier>>,
}

impl PublishedKey {
    pub(super) fn new(jwk: Jwk) -> Self {
        Self {
            jwk,
            verifier: OnceCell::new(),
        }
    }

    /// Whether this is the key, and not only one of the same name.
    pub(super) fn is(&self, jwk: &Jwk) -> bool {
        self.jwk == *jwk
    }

    /// `kid`
    pub(super) fn id(&self) -> Option<&str> {
        self.jwk.common.key_id.as_deref()
    }

    /// What it signs by; `None`: nothing that tokens are signed by.
    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        match self.jwk.algorithm {
            AlgorithmParameters::OctetKeyPair(_) => Some(Algorithm::EdDSA),
            AlgorithmParameters::RSA(_) => Some(Algorithm::RS256),
            _ => None,
        }
    }

    /// Whether it signed this.
    pub(super) fn signed(&self, text: &str, signature: &str) -> bool {
        self.verifier
            .get_or_init(|| Verifier::of(&self.jwk))
            .as_ref()
            .is_some_and(|verifier| verifier.accepts(text, signature))
    }
}

type Modulus = DynResidueParams<{ U2048::LIMBS }>;

#[derive(Debug)]
enum Verifier {
    Ed25519(VerifyingKey),
    /// 2048 bits and the exponent 65537, as our own keys are.
    Rsa2048(Box<Modulus>),
    /// RSA of another size, at the pace of the library: ten times as long.
    OtherRsa(DecodingKey),
}

impl Verifier {
    fn of(jwk: &Jwk) -> Option<Self> {
        match &jwk.algorithm {
            AlgorithmParameters::OctetKeyPair(pair) => {
                let bytes = BASE64.decode(&pair.x).ok()?.try_into().ok()?;
                VerifyingKey::from_bytes(&bytes).ok().map(Self::Ed25519)
            }
            AlgorithmParameters::RSA(rsa) => match modulus(rsa) {
                Some(modulus) => Some(Self::Rsa2048(Box::new(modulus))),
                None => DecodingKey::from_jwk(jwk).ok().map(Self::OtherRsa),
            },
            _ => None,
        }
    }

    fn accepts(&self, text: &str, signature: &str) -> bool {
        if let Self::OtherRsa(key) = self {
            return jsonwebtoken::crypto::verify(signature, text.as_bytes(), key, Algorithm::RS256)
                .unwrap_or(false);
        }
        let Ok(signature) = BASE64.decode(signature) else {
            return false;
        };
        match self {
            Self::Ed25519(key) => Signature::from_slice(&signature)
                .is_ok_and(|signature| key.verify(text.as_bytes(), &signature).is_ok()),
            Self::Rsa2048(modulus) => signature.try_into().is_ok_and(|signature| {
                raised(&signature, modulus).is_some_and(|it| says(&it, text))
            }),
            Self::OtherRsa(_) => false,
        }
    }
}

fn modulus(key: &RSAKeyParameters) -> Option<Modulus> {
    let n: [u8; U2048::BYTES] = BASE64.decode(&key.n).ok()?.try_into().ok()?;
    let e = BASE64.decode(&key.e).ok()?;
    let [first, .., last] = n;
    // Of less than 2048 bits, even, or with another exponent it is none of ours.
    let ours = first >= 0x80 && last % 2 == 1 && e == [1, 0, 1];
    ours.then(|| Modulus::new(&U2048::from_be_bytes(n)))
}

/// RSAVP1 of RFC 8017: the signature to the power of 65537. `None` for a number beyond the modulus.
///
/// The library that JWTs are read with does the same in nine times the time, because it makes the modulus
/// ready anew for each token and raises to any power.
fn raised(signature: &[u8; U2048::BYTES], modulus: &Modulus) -> Option<[u8; U2048::BYTES]> {
    let number = U2048::from_be_bytes(*signature);
    if number >= *modulus.modulus() {
        return None;
    }
    let number = DynResidue::new(&number, *modulus);
    let high = (0..16).fold(number, |power, _| power.square());
    Some(high.mul(&number).retrieve().to_be_bytes())
}

/// What SHA-256 is called in a signature: RFC 8017, section 9.2, note 1.
const SHA256_IS: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// Whether this is what EMSA-PKCS1-v1_5 makes of the text, of which there is one form only: it is compared
/// as a whole and never taken apart.
fn says(encoded: &[u8; U2048::BYTES], text: &str) -> bool {
    // 2 + 202 + 1 + 19 + 32 are the 256 of the modulus.
    let wanted = [0, 1]
        .into_iter()
        .chain(repeat_n(0xff, 202))
        .chain([0])
        .chain(SHA256_IS)
        .chain(Sha256::digest(text.as_bytes()));
    encoded.iter().copied().eq(wanted)
}

#[cfg(test)]
mod tests;
