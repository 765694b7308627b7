use ed25519_dalek::{Signer, SigningKey};
use serde_json::json;

use super::*;

const NOW: u64 = 2_000_000_000;
const EXPECTED: Expected<'static> = Expected {
    issuer: "https://issuer.example",
    client_id: "stoa",
    nonce: "n-1",
    now: NOW,
};

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn published(seed: u8, kid: &str) -> Value {
    let x = BASE64.encode(key(seed).verifying_key().as_bytes());
    json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig"})
}

fn set() -> Vec<Jwk> {
    keys(&json!({"keys": [published(1, "a"), published(2, "b")]}))
}

fn token(seed: u8, header: &Value, claims: &Value) -> String {
    let text = format!(
        "{}.{}",
        BASE64.encode(header.to_string()),
        BASE64.encode(claims.to_string())
    );
    let signature = BASE64.encode(key(seed).sign(text.as_bytes()).to_bytes());
    format!("{text}.{signature}")
}

fn header() -> Value {
    json!({"alg": "EdDSA", "kid": "a"})
}

fn claims() -> Value {
    json!({
        "iss": "https://issuer.example", "aud": "stoa", "sub": "42", "nonce": "n-1",
        "iat": NOW, "exp": NOW + 300, "email": "lan@example.com", "email_verified": true,
    })
}

fn judged(claims: &Value) -> Result<Claims, Fault> {
    judge(&token(1, &header(), claims), &set(), &EXPECTED)
}

fn with(changes: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

#[test]
fn a_right_token_says_who() {
    let claims = judged(&claims()).unwrap();
    assert_eq!(claims.subject(), "42");
    assert_eq!(claims.email(), Some(("lan@example.com", true)));
    for said in [json!("true"), json!(true)] {
        let claims = judged(&with(json!({"email_verified": said}))).unwrap();
        assert!(claims.email().unwrap().1);
    }
    for said in [json!("false"), json!(false), json!(1), json!(null)] {
        let claims = judged(&with(json!({"email_verified": said}))).unwrap();
        assert!(!claims.email().unwrap().1);
    }
}

#[test]
fn a_token_of_somebody_elses_or_for_somebody_else_is_refused() {
    for (changes, fault) in [
        (json!({"iss": "https://issuer.example/"}), Fault::Issuer),
        (json!({"aud": "other"}), Fault::Audience),
        (json!({"aud": []}), Fault::Audience),
        (json!({"aud": ["stoa", "other"]}), Fault::Audience),
        (json!({"azp": "other"}), Fault::Audience),
        (json!({"aud": ["other"], "azp": "stoa"}), Fault::Audience),
        (json!({"nonce": "n-2"}), Fault::Nonce),
        (json!({"nonce": null}), Fault::Nonce),
        (json!({"exp": NOW - 61}), Fault::Time),
        (json!({"iat": NOW + 61}), Fault::Time),
        (json!({"iat": NOW - 700}), Fault::Time),
        (json!({"nbf": NOW + 61}), Fault::Time),
        (json!({"exp": -1}), Fault::Time),
        (json!({"exp": 1e300}), Fault::Time),
        (json!({"exp": null}), Fault::Malformed),
        (json!({"iat": "now"}), Fault::Malformed),
        (json!({"sub": ""}), Fault::Subject),
        (json!({"sub": "a\u{0}"}), Fault::Subject),
        (json!({"sub": "x".repeat(256)}), Fault::Subject),
        (json!({"sub": 42}), Fault::Malformed),
    ] {
        assert_eq!(judged(&with(changes.clone())), Err(fault), "{changes}");
    }
    for changes in [
        json!({"aud": ["stoa"]}),
        json!({"aud": ["other", "stoa"], "azp": "stoa"}),
        json!({"exp": (NOW as f64) + 0.5, "iat": NOW - 300}),
        json!({"exp": NOW - 30}),
    ] {
        assert!(judged(&with(changes.clone())).is_ok(), "{changes}");
    }
}

#[test]
fn what_is_not_signed_by_a_key_of_the_issuer_is_refused() {
    let of = |seed, header: Value| judge(&token(seed, &header, &claims()), &set(), &EXPECTED);
    assert!(of(2, json!({"alg": "EdDSA", "kid": "b"})).is_ok());
    assert_eq!(
        of(2, json!({"alg": "EdDSA", "kid": "a"})),
        Err(Fault::Signature)
    );
    assert_eq!(of(1, json!({"alg": "EdDSA", "kid": "c"})), Err(Fault::Key));
    // Without a name it is clear only which of one.
    assert_eq!(of(1, json!({"alg": "EdDSA"})), Err(Fault::Key));
    let one = keys(&json!({"keys": [published(1, "a")]}));
    let unnamed = token(1, &json!({"alg": "EdDSA"}), &claims());
    assert!(judge(&unnamed, &one, &EXPECTED).is_ok());
    for alg in [
        "none", "None", "HS256", "RS512", "ES256", "RS256", "", "eddsa",
    ] {
        assert_eq!(
            of(1, json!({"alg": alg, "kid": "a"})),
            Err(Fault::Algorithm),
            "{alg}"
        );
    }
    assert_eq!(
        of(1, json!({"alg": "EdDSA", "kid": "a", "crit": ["exp"]})),
        Err(Fault::Algorithm)
    );
    let good = token(1, &header(), &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let other = token(1, &header(), &with(json!({"sub": "43"})));
    let (other, _) = other.rsplit_once('.').unwrap();
    for (bad, fault) in [
        (format!("{other}.{signature}"), Fault::Signature),
        (format!("{message}."), Fault::Signature),
        (message.to_owned(), Fault::Malformed),
        (String::new(), Fault::Malformed),
        ("a.b.c.d".to_owned(), Fault::Malformed),
        ("x".repeat(20_000), Fault::Malformed),
    ] {
        assert_eq!(judge(&bad, &set(), &EXPECTED), Err(fault), "{bad}");
    }
}

#[test]
fn keys_that_cannot_be_used_are_passed_over() {
    let small = "A".repeat(171);
    let document = json!({"keys": [
        {"kty": "oct", "k": "AAAA", "kid": "secret"},
        {"kty": "RSA", "n": small, "e": "AQAB", "kid": "small"},
        {"kty": "RSA", "n": "A".repeat(342), "e": "AQAB", "kid": "encrypts", "use": "enc"},
        {"kty": "RSA", "n": "A".repeat(342), "e": "AQAB", "kid": "other", "alg": "RS512"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "curve"},
        {"kty": "new", "kid": "unknown"},
        7,
        published(1, "a"),
    ]});
    let kids: Vec<_> = keys(&document)
        .iter()
        .map(|key| key.common.key_id.clone().unwrap())
        .collect();
    assert_eq!(kids, ["a"]);
    let many: Vec<Value> = (0..100).map(|n| published(1, &n.to_string())).collect();
    assert_eq!(keys(&json!({"keys": many})).len(), MAX_KEYS);
    for rubbish in [json!({}), json!([]), json!({"keys": 1}), json!(null)] {
        assert!(keys(&rubbish).is_empty());
    }
}

/// RFC 7515, appendix A.3: whether ES256 is right.
#[test]
fn the_signature_of_the_rfc_is_right() {
    let keys = keys(&json!({"keys": [{
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }]}));
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let claims: Value = serde_json::from_slice(&signed(token, &keys).unwrap()).unwrap();
    assert_eq!(claims["iss"], "joe");
    assert_eq!(
        signed(&token.replace("DtEh", "EtEh"), &keys),
        Err(Fault::Signature)
    );
}
