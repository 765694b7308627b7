//! Access tokens: JWTs (RFC 7519) signed with Ed25519 (RFC 8037).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::{Signer, SigningKey};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// How long a token is valid, in seconds.
pub const LIFE_S: u32 = 900;

/// `aud` of every access token.
const AUDIENCE: &str = "stoa";

/// What a token says.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// `iss`: the platform's public URL.
    pub issuer: &'a str,
    /// `sub`
    pub account_id: Uuid,
    /// `sid`
    pub session_id: Uuid,
    /// `roles`
    pub roles: &'a [String],
    /// `jti`, new for each token.
    pub token_id: Uuid,
    /// `iat`, in seconds since 1970.
    pub issued_at: u64,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'static str,
    sub: Uuid,
    sid: Uuid,
    roles: &'a [String],
    iat: u64,
    exp: u64,
    jti: Uuid,
}

/// The signed token. `seed` is the Ed25519 secret key, 32 bytes; `None` when it is not that.
#[must_use]
pub fn sign(subject: &Subject<'_>, kid: &str, seed: &[u8]) -> Option<String> {
    let key = SigningKey::from_bytes(seed.try_into().ok()?);
    let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": kid});
    let claims = Claims {
        iss: subject.issuer,
        aud: AUDIENCE,
        sub: subject.account_id,
        sid: subject.session_id,
        roles: subject.roles,
        iat: subject.issued_at,
        exp: subject.issued_at.saturating_add(u64::from(LIFE_S)),
        jti: subject.token_id,
    };
    let claims = serde_json::to_vec(&claims).ok()?;
    let signed = format!(
        "{}.{}",
        BASE64.encode(header.to_string()),
        BASE64.encode(claims)
    );
    let signature = key.sign(signed.as_bytes());
    Some(format!("{signed}.{}", BASE64.encode(signature.to_bytes())))
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
    use serde_json::Value;

    use super::*;

    fn subject(roles: &[String]) -> Subject<'_> {
        Subject {
            issuer: "http://127.0.0.1:3000",
            account_id: Uuid::from_u128(1),
            session_id: Uuid::from_u128(2),
            roles,
            token_id: Uuid::from_u128(3),
            issued_at: stoa_kit::time::unix_now(),
        }
    }

    /// As every module judges it, with the JWK that is published.
    fn judged(token: &str, seed: &[u8; 32], issuer: &str) -> Option<Value> {
        let x = BASE64.encode(SigningKey::from_bytes(seed).verifying_key().as_bytes());
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "k1", "alg": "EdDSA", "use": "sig"});
        let key = DecodingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&["stoa"]);
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        decode::<Value>(token, &key, &validation)
            .ok()
            .map(|t| t.claims)
    }

    #[test]
    fn a_token_is_accepted_with_the_published_key_and_says_who() {
        let roles = ["member".to_owned(), "admin".to_owned()];
        let token = sign(&subject(&roles), "k1", &[9; 32]).unwrap();
        let header = decode_header(&token).unwrap();
        assert_eq!(
            (header.alg, header.kid.as_deref(), header.typ.as_deref()),
            (Algorithm::EdDSA, Some("k1"), Some("JWT"))
        );
        let claims = judged(&token, &[9; 32], "http://127.0.0.1:3000").unwrap();
        assert_eq!(claims["sub"], Uuid::from_u128(1).to_string());
        assert_eq!(claims["sid"], Uuid::from_u128(2).to_string());
        assert_eq!(claims["roles"], json!(["member", "admin"]));
        assert_eq!(
            claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(),
            900
        );
    }

    #[test]
    fn another_key_another_issuer_or_an_old_token_is_not_accepted() {
        let token = sign(&subject(&[]), "k1", &[9; 32]).unwrap();
        assert!(judged(&token, &[8; 32], "http://127.0.0.1:3000").is_none());
        assert!(judged(&token, &[9; 32], "http://elsewhere").is_none());
        let old = Subject {
            issued_at: stoa_kit::time::unix_now() - 2000,
            ..subject(&[])
        };
        assert!(
            judged(
                &sign(&old, "k1", &[9; 32]).unwrap(),
                &[9; 32],
                "http://127.0.0.1:3000"
            )
            .is_none()
        );
    }

    #[test]
    fn a_secret_of_the_wrong_length_signs_nothing() {
        assert_eq!(sign(&subject(&[]), "k1", &[9; 31]), None);
    }
}
