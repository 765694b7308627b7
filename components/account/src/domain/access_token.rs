//! Access tokens: JWTs (RFC 7519) signed with Ed25519 (RFC 8037), or with RSA and SHA-256 (RS256) for
//! readers that know nothing else. Which of them is the key's matter, and of nothing in a request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::{Signer, SigningKey};
use jsonwebtoken::EncodingKey;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// How long a token is valid, in seconds.
pub const LIFE_S: u32 = 900;

/// The same of a token for a key that is good for so many seconds yet: no token outlives its key.
#[must_use]
pub fn life_of(key_is_good_for: Option<i32>) -> u32 {
    key_is_good_for.map_or(LIFE_S, |s| u32::try_from(s).unwrap_or(0).min(LIFE_S))
}

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
    /// `ver`: an address of the account is verified.
    pub verified: bool,
    /// `scope` of an API key's token; `None` for a person's.
    pub scope: Option<&'a str>,
    /// `jti`, new for each token.
    pub token_id: Uuid,
    /// `iat`, in seconds since 1970.
    pub issued_at: u64,
    /// For how many seconds it is valid.
    pub life_s: u32,
}

/// What signs. Printing it shows nothing secret.
#[derive(Clone)]
pub struct Key {
    /// `kid`
    pub id: String,
    /// `EdDSA` or `RS256`.
    pub algorithm: String,
    /// Of EdDSA the Ed25519 seed, 32 bytes; of RS256 the private key as PKCS#1 DER.
    pub secret: Vec<u8>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({} {})", self.algorithm, self.id)
    }
}

impl Key {
    /// The signature in base64url; `None` when the key is none of its algorithm.
    fn sign(&self, text: &str) -> Option<String> {
        match self.algorithm.as_str() {
            "EdDSA" => {
                let key = SigningKey::from_bytes(self.secret.as_slice().try_into().ok()?);
                Some(BASE64.encode(key.sign(text.as_bytes()).to_bytes()))
            }
            "RS256" => jsonwebtoken::crypto::sign(
                text.as_bytes(),
                &EncodingKey::from_rsa_der(&self.secret),
                jsonwebtoken::Algorithm::RS256,
            )
            .ok(),
            _ => None,
        }
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'static str,
    sub: Uuid,
    sid: Uuid,
    roles: &'a [String],
    ver: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    iat: u64,
    exp: u64,
    jti: Uuid,
}

/// The signed token; `None` when the key is none of its algorithm.
#[must_use]
pub fn sign(subject: &Subject<'_>, key: &Key) -> Option<String> {
    let header = json!({"alg": key.algorithm, "typ": "JWT", "kid": key.id});
    let claims = Claims {
        iss: subject.issuer,
        aud: AUDIENCE,
        sub: subject.account_id,
        sid: subject.session_id,
        roles: subject.roles,
        ver: subject.verified,
        scope: subject.scope,
        iat: subject.issued_at,
        exp: subject.issued_at.saturating_add(u64::from(subject.life_s)),
        jti: subject.token_id,
    };
    let claims = serde_json::to_vec(&claims).ok()?;
    let signed = format!(
        "{}.{}",
        BASE64.encode(header.to_string()),
        BASE64.encode(claims)
    );
    let signature = key.sign(&signed)?;
    Some(format!("{signed}.{signature}"))
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
    use rsa::RsaPrivateKey;
    use rsa::pkcs1::EncodeRsaPrivateKey;
    use rsa::traits::PublicKeyParts;
    use serde_json::Value;

    use super::*;

    fn subject(roles: &[String]) -> Subject<'_> {
        Subject {
            issuer: "http://127.0.0.1:3000",
            account_id: Uuid::from_u128(1),
            session_id: Uuid::from_u128(2),
            roles,
            verified: true,
            scope: None,
            token_id: Uuid::from_u128(3),
            issued_at: stoa_kit::time::unix_now(),
            life_s: LIFE_S,
        }
    }

    /// A key, and the JWK of it that is published.
    fn ed25519(seed: [u8; 32]) -> (Key, Value) {
        let x = BASE64.encode(SigningKey::from_bytes(&seed).verifying_key().as_bytes());
        let key = Key {
            id: "k1".into(),
            algorithm: "EdDSA".into(),
            secret: seed.to_vec(),
        };
        (
            key,
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "k1", "alg": "EdDSA", "use": "sig"}),
        )
    }

    fn rsa() -> (Key, Value) {
        let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
        let number = |n: &rsa::BigUint| BASE64.encode(n.to_bytes_be());
        let jwk = json!({
            "kty": "RSA", "n": number(private.n()), "e": number(private.e()),
            "kid": "k2", "alg": "RS256", "use": "sig",
        });
        let key = Key {
            id: "k2".into(),
            algorithm: "RS256".into(),
            secret: private.to_pkcs1_der().unwrap().as_bytes().to_vec(),
        };
        (key, jwk)
    }

    /// As every module judges it, with the JWK that is published.
    fn judged(token: &str, jwk: &Value, issuer: &str) -> Option<Value> {
        let key = DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap();
        let mut validation = Validation::new(if jwk["kty"] == "RSA" {
            Algorithm::RS256
        } else {
            Algorithm::EdDSA
        });
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
        for (key, jwk) in [ed25519([9; 32]), rsa()] {
            let token = sign(&subject(&roles), &key).unwrap();
            let header = decode_header(&token).unwrap();
            let algorithm = key.algorithm.parse::<Algorithm>().unwrap();
            assert_eq!(
                (header.alg, header.kid.as_deref(), header.typ.as_deref()),
                (algorithm, Some(key.id.as_str()), Some("JWT"))
            );
            let claims = judged(&token, &jwk, "http://127.0.0.1:3000").unwrap();
            assert_eq!(claims["sub"], Uuid::from_u128(1).to_string());
            assert_eq!(claims["sid"], Uuid::from_u128(2).to_string());
            assert_eq!(claims["roles"], json!(["member", "admin"]));
            assert_eq!(claims["ver"], true);
            assert_eq!(
                claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(),
                900
            );
        }
    }

    #[test]
    fn another_key_another_issuer_or_an_old_token_is_not_accepted() {
        let issuer = "http://127.0.0.1:3000";
        for ((key, jwk), (_, other)) in [(ed25519([9; 32]), ed25519([8; 32])), (rsa(), rsa())] {
            let token = sign(&subject(&[]), &key).unwrap();
            assert!(judged(&token, &other, issuer).is_none());
            assert!(judged(&token, &jwk, "http://elsewhere").is_none());
            let old = Subject {
                issued_at: stoa_kit::time::unix_now() - 2000,
                ..subject(&[])
            };
            assert!(judged(&sign(&old, &key).unwrap(), &jwk, issuer).is_none());
        }
    }

    #[test]
    fn no_token_outlives_the_key_that_it_is_for() {
        assert_eq!(life_of(None), LIFE_S);
        for (good_for, life) in [
            (i32::MAX, 900),
            (901, 900),
            (60, 60),
            (1, 1),
            (0, 0),
            (-1, 0),
        ] {
            assert_eq!(life_of(Some(good_for)), life);
        }
        let (key, jwk) = ed25519([9; 32]);
        let short = Subject {
            life_s: 60,
            ..subject(&[])
        };
        let token = sign(&short, &key).unwrap();
        let claims = judged(&token, &jwk, "http://127.0.0.1:3000").unwrap();
        assert_eq!(
            claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(),
            60
        );
    }

    #[test]
    fn a_key_that_is_none_signs_nothing_and_is_not_printed() {
        for (algorithm, secret) in [
            ("EdDSA", vec![9; 31]),
            ("RS256", vec![9; 32]),
            ("HS256", vec![9; 32]),
            ("none", Vec::new()),
        ] {
            let key = Key {
                id: "k1".into(),
                algorithm: algorithm.into(),
                secret,
            };
            assert_eq!(sign(&subject(&[]), &key), None);
            assert_eq!(format!("{key:?}"), format!("Key({algorithm} k1)"));
        }
    }

    /// What each costs: `cargo test --release -p stoa-account -- --ignored --nocapture costs`.
    #[test]
    #[ignore = "measures"]
    fn what_signing_and_judging_costs() {
        let each = |mut work: Box<dyn FnMut()>| {
            let begun = std::time::Instant::now();
            (0..200).for_each(|_| work());
            begun.elapsed() / 200
        };
        for (key, jwk) in [ed25519([9; 32]), rsa()] {
            let token = sign(&subject(&[]), &key).unwrap();
            let name = key.algorithm.clone();
            let signing = each(Box::new(move || {
                sign(&subject(&[]), &key).unwrap();
            }));
            let judging = each(Box::new(move || {
                judged(&token, &jwk, "http://127.0.0.1:3000").unwrap();
            }));
            println!("{name}: signing {signing:?}, judging {judging:?}");
        }
    }
}
