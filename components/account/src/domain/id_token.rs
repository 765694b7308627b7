//! ID tokens (OpenID Connect Core, §3.1.3.7): who an issuer says somebody is, believed when everything about
//! the token is right. The key decides the algorithm; what the token says of itself only has to agree.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use subtle::ConstantTimeEq;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

/// Clocks differ by so much, in seconds.
const LEEWAY_S: i64 = 60;
/// A token is older than this only when somebody kept it.
const OLDEST_S: i64 = 600;
/// Longest token that is read.
const MAX_BYTES: usize = 16 * 1024;
/// Most keys of an issuer that are looked at.
const MAX_KEYS: usize = 32;
/// Characters of an RSA modulus in base64url: 2048 to 8192 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 342..=1366;

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is no token.
    Malformed,
    /// It is signed in a way that is not accepted, or not at all.
    Algorithm,
    /// The issuer has no such key, as far as is known.
    Key,
    /// The signature is of another key, or of another text.
    Signature,
    /// It is of another issuer.
    Issuer,
    /// It is for somebody else.
    Audience,
    /// It is over, or was made long ago, or in the future.
    Time,
    /// It answers another question.
    Nonce,
    /// It says nobody.
    Subject,
}

impl Fault {
    /// As the answer names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Time => "time",
            Self::Nonce => "nonce",
            Self::Subject => "subject",
        }
    }
}

/// What has to be in a token.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    /// Seconds since 1970.
    pub now: u64,
}

/// What an issuer says of somebody.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    email: Option<String>,
    email_verified: Option<Value>,
    name: Option<String>,
    locale: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Claims {
    /// The issuer's name for them.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.sub
    }

    /// Their address, and whether the issuer says that it is verified.
    #[must_use]
    pub fn email(&self) -> Option<(&str, bool)> {
        let verified = match &self.email_verified {
            Some(Value::Bool(verified)) => *verified,
            // Some issuers say it so.
            Some(Value::String(text)) => text == "true",
            _ => false,
        };
        self.email.as_deref().map(|email| (email, verified))
    }

    /// What they are called.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Their language.
    #[must_use]
    pub fn locale(&self) -> Option<&str> {
        self.locale.as_deref()
    }
}

/// The keys of an issuer's document (RFC 7517) that can be used here. Others are passed over, as the RFC says.
#[must_use]
pub fn keys(document: &Value) -> Vec<Jwk> {
    let keys = document.get("keys").and_then(Value::as_array);
    keys.into_iter()
        .flatten()
        .filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok())
        .filter(|key| algorithm(key).is_some())
        .take(MAX_KEYS)
        .collect()
}

/// What a key signs with, if that is accepted.
fn algorithm(key: &Jwk) -> Option<Algorithm> {
    if key.common.public_key_use == Some(PublicKeyUse::Encryption) {
        return None;
    }
    let (algorithm, name) = match &key.algorithm {
        AlgorithmParameters::RSA(rsa) if MODULUS.contains(&rsa.n.len()) => {
            (Algorithm::RS256, KeyAlgorithm::RS256)
        }
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    (key.common.key_algorithm.is_none_or(|said| said == name)).then_some(algorithm)
}

/// The claims of a token, when it is signed by one of the keys and says what is expected.
///
/// # Errors
/// [`Fault`]; with [`Fault::Key`] newer keys may help.
pub fn judge(token: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Claims, Fault> {
    let claims = signed(token, keys)?;
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| Fault::Malformed)?;
    says(&claims, expected)?;
    Ok(claims)
}

/// What a token says, when it is signed by one of the keys.
fn signed(token: &str, keys: &[Jwk]) -> Result<Vec<u8>, Fault> {
    #[derive(Deserialize)]
    struct Header {
        alg: String,
        kid: Option<String>,
        crit: Option<Value>,
    }
    if token.len() > MAX_BYTES {
        return Err(Fault::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Fault::Malformed)?;
    let (header, claims) = message.split_once('.').ok_or(Fault::Malformed)?;
    let decode = |text: &str| BASE64.decode(text).map_err(|_| Fault::Malformed);
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| Fault::Malformed)?;
    let claimed = match header.alg.as_str() {
        "RS256" => Algorithm::RS256,
        "ES256" => Algorithm::ES256,
        "EdDSA" => Algorithm::EdDSA,
        _ => return Err(Fault::Algorithm),
    };
    if header.crit.is_some() {
        return Err(Fault::Algorithm);
    }
    let key = match &header.kid {
        Some(kid) => keys
            .iter()
            .find(|key| key.common.key_id.as_deref() == Some(kid)),
        // Allowed to an issuer with one key.
        None => match keys {
            [key] => Some(key),
            _ => None,
        },
    };
    let key = key.ok_or(Fault::Key)?;
    if algorithm(key) != Some(claimed) {
        return Err(Fault::Algorithm);
    }
    let decoding = DecodingKey::from_jwk(key).map_err(|_| Fault::Key)?;
    match jsonwebtoken::crypto::verify(signature, message.as_bytes(), &decoding, claimed) {
        Ok(true) => decode(claims),
        Ok(false) | Err(_) => Err(Fault::Signature),
    }
}

fn says(claims: &Claims, expected: &Expected<'_>) -> Result<(), Fault> {
    if claims.iss != expected.issuer {
        return Err(Fault::Issuer);
    }
    let (meant, alone) = match &claims.aud {
        Audience::One(one) => (one == expected.client_id, true),
        Audience::Many(many) => (
            many.iter().any(|one| one == expected.client_id),
            many.len() == 1,
        ),
    };
    let ours = claims.azp.as_deref() == Some(expected.client_id);
    if !meant || (claims.azp.is_some() && !ours) || (!alone && !ours) {
        return Err(Fault::Audience);
    }
    let now = i64::try_from(expected.now).unwrap_or(i64::MAX);
    let (expires, issued) = (seconds(claims.exp)?, seconds(claims.iat)?);
    let begins = claims.nbf.map_or(Ok(0), seconds)?;
    let (early, late) = (now.saturating_sub(LEEWAY_S), now.saturating_add(LEEWAY_S));
    if expires <= early || issued > late || begins > late || issued < early.saturating_sub(OLDEST_S)
    {
        return Err(Fault::Time);
    }
    let nonce = claims.nonce.as_deref().unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err(Fault::Nonce);
    }
    let sub = &claims.sub;
    if !(1..=255).contains(&sub.chars().count()) || sub.chars().any(char::is_control) {
        return Err(Fault::Subject);
    }
    Ok(())
}

/// A time of a token, which may have a fraction.
#[expect(
    clippy::cast_possible_truncation,
    reason = "within what a float holds exactly"
)]
fn seconds(number: f64) -> Result<i64, Fault> {
    if (0.0..9.0e15).contains(&number) {
        Ok(number as i64)
    } else {
        Err(Fault::Time)
    }
}

#[cfg(test)]
mod tests;
