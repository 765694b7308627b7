use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "http://127.0.0.1:3000";
const NOW: u64 = 1_000_000;
const SESSION: Uuid = Uuid::from_u128(2);

fn jwk(kid: &str, seed: u8) -> Value {
    let key = SigningKey::from_bytes(&[seed; 32]);
    let x = BASE64.encode(key.verifying_key().as_bytes());
    json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig"})
}

fn text(keys: &[Value], revoked: &[Uuid]) -> String {
    json!({"keys": keys, "revoked": revoked}).to_string()
}

fn authority() -> Authority {
    Authority::parse(&text(&[jwk("k1", 9)], &[]), None).unwrap()
}

fn header() -> Value {
    json!({"alg": "EdDSA", "typ": "JWT", "kid": "k1"})
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "stoa", "sub": Uuid::from_u128(1), "sid": SESSION, "roles": ["member"],
        "ver": true, "iat": NOW, "exp": NOW + 900, "jti": Uuid::from_u128(3),
    })
}

fn with(document: &Value, member: &str, value: Value) -> Value {
    let mut document = document.clone();
    document[member] = value;
    document
}

fn without(document: &Value, member: &str) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().remove(member);
    document
}

/// Signed by the key of `seed`.
fn token(header: &Value, claims: &Value, seed: u8) -> String {
    let signed = format!(
        "{}.{}",
        BASE64.encode(header.to_string()),
        BASE64.encode(claims.to_string())
    );
    let signature = SigningKey::from_bytes(&[seed; 32]).sign(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(signature.to_bytes()))
}

fn judged(token: &str, authority: &Authority) -> Option<Rc<Claims>> {
    Token::parse(token)?.judge(authority, ISSUER, NOW)
}

#[test]
fn a_good_token_says_who() {
    let said = judged(&token(&header(), &claims(), 9), &authority()).unwrap();
    assert_eq!((said.sub, said.sid), (Uuid::from_u128(1), SESSION));
    assert_eq!(
        (said.roles.as_slice(), said.ver),
        (&[Role::Member][..], true)
    );
    assert_eq!(said.scope, None);
}

#[test]
fn whatever_is_wrong_with_a_token_it_is_refused() {
    let authority = authority();
    let wrong_headers = [
        with(&header(), "alg", json!("RS256")),
        with(&header(), "alg", json!("none")),
        with(&header(), "alg", json!("HS256")),
        with(&header(), "kid", json!("k2")),
        with(&header(), "kid", json!(null)),
        with(&header(), "crit", json!(["exp"])),
        without(&header(), "alg"),
        without(&header(), "kid"),
    ];
    for header in wrong_headers {
        assert!(
            judged(&token(&header, &claims(), 9), &authority).is_none(),
            "{header}"
        );
    }
    let wrong_claims = [
        with(&claims(), "iss", json!("http://elsewhere")),
        with(&claims(), "aud", json!("other")),
        with(&claims(), "aud", json!(["stoa"])),
        with(&claims(), "exp", json!(NOW - 6)),
        with(&claims(), "exp", json!("soon")),
        with(&claims(), "exp", json!(-1)),
        with(&claims(), "sub", json!("me")),
        with(&claims(), "roles", json!(["owner"])),
        without(&claims(), "iss"),
        without(&claims(), "aud"),
        without(&claims(), "exp"),
        without(&claims(), "sub"),
        without(&claims(), "sid"),
    ];
    for claims in wrong_claims {
        assert!(
            judged(&token(&header(), &claims, 9), &authority).is_none(),
            "{claims}"
        );
    }
    assert!(judged(&token(&header(), &claims(), 8), &authority).is_none());
    let good = token(&header(), &claims(), 9);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    for text in [
        "",
        "..",
        signed,
        &format!("{signed}."),
        &format!("{signed}.{signature}="),
        &format!("{good}.{signature}"),
        &format!(" {good}"),
        &good[..good.len() - 4],
    ] {
        assert!(judged(text, &authority).is_none(), "{text}");
    }
    assert!(judged(&good, &authority).is_some());
}

#[test]
fn a_clock_may_be_five_seconds_behind() {
    let late = with(&claims(), "exp", json!(NOW - 5));
    assert!(judged(&token(&header(), &late, 9), &authority()).is_some());
}

#[test]
fn a_token_that_is_known_is_held_against_everything_that_changes() {
    forget();
    let first = authority();
    let good = token(&header(), &claims(), 9);
    let again = |authority: &Authority, now| known(&good, authority, ISSUER, now).is_some();
    assert!(!again(&first, NOW), "it was never seen");
    assert!(judged(&good, &first).is_some());
    assert!(again(&first, NOW) && again(&first, NOW + 905));
    assert!(!again(&first, NOW + 906), "it is over");
    assert!(known(&good, &first, "http://elsewhere", NOW).is_none());
    let read = |text: &str| Authority::parse(text, Some(&first)).unwrap();
    assert!(again(&read(&text(&[jwk("k0", 8), jwk("k1", 9)], &[])), NOW));
    assert!(
        !again(&read(&text(&[jwk("k1", 9)], &[SESSION])), NOW),
        "revoked"
    );
    assert!(!again(&read(&text(&[], &[])), NOW), "the key is withdrawn");
    assert!(
        !again(&read(&text(&[jwk("k1", 8)], &[])), NOW),
        "another key of its name"
    );
    let (signed, _) = good.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", BASE64.encode([0; 64]));
    assert!(known(&forged, &first, ISSUER, NOW).is_none());
}

#[test]
fn what_was_refused_is_not_known() {
    forget();
    let revoked = Authority::parse(&text(&[jwk("k1", 9)], &[SESSION]), None).unwrap();
    let good = token(&header(), &claims(), 9);
    assert!(judged(&good, &revoked).is_none());
    assert!(SIGNED.with_borrow(HashMap::is_empty));
}

#[test]
fn few_tokens_are_known_and_no_long_ones() {
    forget();
    let authority = authority();
    for n in 0..200 {
        let other = with(&claims(), "jti", json!(Uuid::from_u128(n)));
        assert!(judged(&token(&header(), &other, 9), &authority).is_some());
        assert!(SIGNED.with_borrow(|signed| (1..=MOST).contains(&signed.len())));
    }
    forget();
    let long = with(&claims(), "note", json!("x".repeat(LONGEST)));
    assert!(judged(&token(&header(), &long, 9), &authority).is_some());
    assert!(SIGNED.with_borrow(HashMap::is_empty));
}
