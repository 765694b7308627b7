//! Tokens that were made, changed or found.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use super::with;
use crate::support::Actor;
use crate::support::actor::send;
use crate::support::app::{App, shared, text};

/// One route of each module that needs a token.
pub const DOORS: [&str; 4] = ["/v1/me", "/v1/orders", "/v1/stock", "/v1/notifications"];

/// A token taken apart.
pub struct Parts {
    header: Value,
    pub claims: Value,
    signature: String,
}

impl Parts {
    pub fn of(actor: &Actor) -> Parts {
        let token = actor.token.as_deref().expect("a token");
        let parts: Vec<&str> = token.split('.').collect();
        let read = |part: &str| {
            serde_json::from_slice(&BASE64.decode(part).expect("base64")).expect("JSON")
        };
        Parts {
            header: read(parts[0]),
            claims: read(parts[1]),
            signature: parts[2].to_owned(),
        }
    }

    /// Header and claims as they are signed.
    fn input(header: &Value, claims: &Value) -> String {
        format!(
            "{}.{}",
            BASE64.encode(header.to_string()),
            BASE64.encode(claims.to_string())
        )
    }
}

fn signed(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let input = Parts::input(header, claims);
    let signature = key.sign(input.as_bytes()).to_bytes();
    format!("{input}.{}", BASE64.encode(signature))
}

/// The platform's own key, as only its database has it.
async fn own_key(app: &App, kid: &Value) -> SigningKey {
    let secret: Vec<u8> = app
        .sql()
        .await
        .query_one(
            "SELECT secret FROM account.signing_secret WHERE kid = $1",
            &[&text(kid)],
        )
        .await
        .expect("the key")
        .get(0);
    SigningKey::from_bytes(&secret.try_into().expect("a seed"))
}

async fn is_refused(app: &App, token: &str) {
    let thief = app.stranger().with_token(token);
    for door in DOORS {
        thief.get(door).await.expect_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn algorithm_confusion() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let parts = Parts::of(&ana);
    let keys = app
        .stranger()
        .get("/.well-known/jwks.json")
        .await
        .expect(200);
    let jwk = &keys["keys"][0];
    let x = BASE64.decode(text(&jwk["x"])).expect("base64");
    // The public key as the secret of a symmetric algorithm.
    for secret in [
        x.as_slice(),
        text(&jwk["x"]).as_bytes(),
        jwk.to_string().as_bytes(),
        b"",
    ] {
        for algorithm in ["HS256", "HS384", "HS512"] {
            let header = with(&parts.header, "alg", json!(algorithm));
            let input = Parts::input(&header, &parts.claims);
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key");
            mac.update(input.as_bytes());
            let signature = BASE64.encode(mac.finalize().into_bytes());
            is_refused(app, &format!("{input}.{signature}")).await;
        }
    }
    // The right signature under another name, and none at all.
    for algorithm in [
        "none", "None", "NONE", "", "RS256", "ES256", "PS256", "EdDSA ", "eddsa",
    ] {
        let header = with(&parts.header, "alg", json!(algorithm));
        let input = Parts::input(&header, &parts.claims);
        for signature in ["", &parts.signature] {
            is_refused(app, &format!("{input}.{signature}")).await;
        }
    }
    for algorithm in [json!(null), json!(["EdDSA"]), json!({"a": 1}), json!(1)] {
        let header = with(&parts.header, "alg", algorithm);
        let input = Parts::input(&header, &parts.claims);
        is_refused(app, &format!("{input}.{}", parts.signature)).await;
    }
}

#[tokio::test]
async fn a_key_that_the_token_brings_itself() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let parts = Parts::of(&ana);
    let thief = SigningKey::from_bytes(&[7; 32]);
    let x = BASE64.encode(thief.verifying_key().as_bytes());
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "thief", "alg": "EdDSA", "use": "sig"});
    for header in [
        with(&parts.header, "jwk", jwk.clone()),
        with(
            &parts.header,
            "jku",
            json!("https://thief.example/jwks.json"),
        ),
        with(
            &parts.header,
            "x5u",
            json!("https://thief.example/cert.pem"),
        ),
        with(&parts.header, "x5c", json!([x])),
        json!({"alg": "EdDSA", "kid": "thief", "jwk": jwk}),
        json!({"alg": "EdDSA", "jwk": jwk}),
    ] {
        is_refused(app, &signed(&thief, &header, &parts.claims)).await;
    }
}

#[tokio::test]
async fn kid_injection() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let parts = Parts::of(&ana);
    let thief = SigningKey::from_bytes(&[0; 32]);
    let long = "k".repeat(6_000);
    for kid in [
        json!("../../../../dev/null"),
        json!("/dev/null"),
        json!("' UNION SELECT '\\x00'::bytea --"),
        json!("x' OR '1'='1"),
        json!("\u{0}"),
        json!("*"),
        json!(""),
        json!("https://thief.example/key"),
        json!("| id"),
        json!(long),
        json!(null),
        json!(0),
        json!([parts.header["kid"]]),
        json!(format!("{}\u{0}", text(&parts.header["kid"]))),
        json!(text(&parts.header["kid"]).to_uppercase()),
    ] {
        let header = with(&parts.header, "kid", kid);
        is_refused(app, &signed(&thief, &header, &parts.claims)).await;
    }
    let mut nameless = parts.header.clone();
    nameless.as_object_mut().expect("an object").remove("kid");
    let own = own_key(app, &parts.header["kid"]).await;
    is_refused(app, &signed(&own, &nameless, &parts.claims)).await;
}

#[tokio::test]
async fn a_good_signature_on_a_token_that_is_for_somebody_else() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let parts = Parts::of(&ana);
    let own = own_key(app, &parts.header["kid"]).await;
    let claims = &parts.claims;
    // So the forger's tools are right.
    let again = signed(&own, &parts.header, claims);
    app.stranger()
        .with_token(&again)
        .get("/v1/me")
        .await
        .expect(200);
    let without = |name: &str| {
        let mut less = claims.clone();
        less.as_object_mut().expect("an object").remove(name);
        less
    };
    let past = claims["iat"].as_u64().expect("a time") - 3_600;
    for claims in [
        with(claims, "aud", json!("another-shop")),
        with(claims, "aud", json!(["another-shop"])),
        with(claims, "aud", json!([])),
        with(claims, "aud", json!("STOA")),
        with(claims, "iss", json!("https://elsewhere.example")),
        with(claims, "iss", json!("")),
        with(claims, "exp", json!(past)),
        with(claims, "exp", json!("never")),
        with(claims, "sub", json!("ana")),
        with(claims, "roles", json!(["emperor"])),
        without("aud"),
        without("iss"),
        without("exp"),
        without("sub"),
        without("sid"),
    ] {
        is_refused(app, &signed(&own, &parts.header, &claims)).await;
    }
}

#[tokio::test]
async fn a_token_in_another_place_than_its_header() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let token = ana.token.clone().expect("a token");
    let stranger = app.stranger();
    for query in ["access_token", "token", "authorization"] {
        stranger
            .get(&format!("/v1/me?{query}={token}"))
            .await
            .expect_problem(401, "unauthenticated");
    }
    for (name, value) in [
        (
            "cookie",
            format!("access_token={token}; authorization=Bearer {token}"),
        ),
        ("x-access-token", token.clone()),
        ("proxy-authorization", format!("Bearer {token}")),
        ("authorization", format!("Basic {token}")),
        ("authorization", token.clone()),
        ("authorization", format!("Bearer {token} {token}")),
        ("authorization", format!("Bearer {token},{token}")),
    ] {
        let request = stranger.request(Method::GET, "/v1/me").header(name, value);
        send(request).await.expect_problem(401, "unauthenticated");
    }
}
