//! Accounts, sessions and tokens.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::PASSWORD;
use crate::support::app::{App, shared, text};
use crate::support::{Actor, until};

#[tokio::test]
async fn registering_signing_in_and_reading_oneself() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let me = ana.get("/v1/me").await;
    assert!(me.header("etag").starts_with('"'));
    let me = me.expect(200);
    assert_eq!(
        (text(&me["id"]), text(&me["name"])),
        (ana.id.to_string().as_str(), "Ana")
    );
    assert!(!me.to_string().contains("argon2"), "{me}");
    let version = me["version"].as_i64().expect("a version");
    let changed = ana
        .patch("/v1/me", version, json!({"name": "Ana B."}))
        .await
        .expect(200);
    assert_eq!(changed["name"], "Ana B.");
    ana.patch("/v1/me", version, json!({"name": "Late"}))
        .await
        .expect_problem(412, "stale_version");
    let seen = app
        .stranger()
        .get(&format!("/v1/accounts/{}", ana.id))
        .await
        .expect(200);
    assert_eq!(seen["name"], "Ana B.");
    assert!(seen["email"].is_null());
}

#[tokio::test]
async fn a_username_is_taken_once_and_an_address_never_tells() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let body = json!({"username": ana.username, "password": PASSWORD, "name": "B", "country": "VN", "locale": "en"});
    app.stranger()
        .post("/v1/accounts", body)
        .await
        .expect_problem(409, "username_taken");
    let email = format!("{}@example.org", Uuid::new_v4().simple());
    let body =
        json!({"email": email, "password": PASSWORD, "name": "C", "country": "VN", "locale": "en"});
    for _ in 0..2 {
        app.stranger()
            .post("/v1/accounts", body.clone())
            .await
            .expect(201);
    }
}

#[tokio::test]
async fn a_wrong_login_says_nothing_and_ten_lock() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let login = |identifier: String, password: &'static str| async move {
        app.stranger()
            .post(
                "/v1/sessions",
                json!({"identifier": identifier, "password": password}),
            )
            .await
    };
    let unknown = login(
        format!("nobody-{}", Uuid::new_v4().simple()),
        "whatever it is",
    )
    .await;
    unknown.expect_problem(401, "invalid_credentials");
    for _ in 0..10 {
        let wrong = login(ana.username.clone(), "whatever it is").await;
        wrong.expect_problem(401, "invalid_credentials");
        assert_eq!(wrong.body["detail"], unknown.body["detail"]);
    }
    let locked = login(ana.username.clone(), PASSWORD).await;
    locked.expect_problem(429, "too_many_logins");
    assert!(
        locked
            .header("retry-after")
            .parse::<u64>()
            .is_ok_and(|s| s > 0 && s <= 900),
        "{locked:?}"
    );
}

#[tokio::test]
async fn a_refresh_token_is_rotated_and_a_lost_answer_can_be_had_again() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let first = ana.refresh_token.clone().expect("a token");
    let refresh = |token: String| async move {
        app.stranger()
            .post("/v1/sessions/refresh", json!({"refresh_token": token}))
            .await
    };
    let second = refresh(first.clone()).await.expect(200);
    let again = refresh(first.clone()).await.expect(200);
    assert_eq!(
        second["refresh_token"], again["refresh_token"],
        "the same successor within 10 s"
    );
    assert_ne!(text(&second["refresh_token"]), first);

    // The thief comes later than 10 s: the whole family ends.
    app.sql()
        .await
        .execute(
            "UPDATE account.refresh_token SET spent_at = spent_at - interval '11 seconds'
             WHERE session_id IN (SELECT id FROM account.session WHERE account_id = $1) AND spent_at IS NOT NULL",
            &[&ana.id],
        )
        .await
        .expect("aged");
    refresh(first)
        .await
        .expect_problem(401, "invalid_refresh_token");
    refresh(text(&second["refresh_token"]).to_owned())
        .await
        .expect_problem(401, "invalid_refresh_token");
    stops_working(&ana).await;
}

#[tokio::test]
async fn a_revoked_sessions_token_stops_working_within_five_seconds() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let mut other = ana.clone();
    other.sign_in().await;
    let sessions = ana.get("/v1/sessions").await.expect(200);
    assert_eq!(sessions["items"].as_array().expect("sessions").len(), 2);
    assert_eq!(other.delete("/v1/sessions/current").await.status, 204);
    stops_working(&other).await;
    ana.get("/v1/me").await.expect(200);
    let bob = app.someone("Bob").await;
    let mine = ana.get("/v1/sessions").await.expect(200)["items"][0]["id"].clone();
    bob.delete(&format!("/v1/sessions/{}", text(&mine)))
        .await
        .expect_problem(404, "not_found");
    assert_eq!(ana.delete("/v1/sessions").await.status, 204);
    stops_working(&ana).await;
}

pub async fn stops_working(actor: &Actor) {
    // Other modules learn of it by the shared revocations, so one of them is asked.
    for path in ["/v1/me", "/v1/orders"] {
        until(
            "the token stops working",
            Duration::from_secs(5),
            || async { (actor.get(path).await.status == 401).then_some(()) },
        )
        .await;
    }
}

#[tokio::test]
async fn forged_expired_and_unsigned_tokens_are_refused_everywhere() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let good = ana.token.clone().expect("a token");
    for token in bad_tokens(app, &good).await {
        for path in [
            "/v1/me",
            "/v1/orders",
            "/v1/notifications",
            "/v1/stock",
            "/v1/sales",
        ] {
            let thief = ana.with_token(&token);
            thief.get(path).await.expect_problem(401, "unauthenticated");
        }
    }
}

/// Tokens that all differ from a good one in what matters.
pub async fn bad_tokens(app: &App, good: &str) -> Vec<String> {
    let parts: Vec<&str> = good.split('.').collect();
    let header: Value =
        serde_json::from_slice(&BASE64.decode(parts[0]).expect("base64")).expect("JSON");
    let claims: Value =
        serde_json::from_slice(&BASE64.decode(parts[1]).expect("base64")).expect("JSON");
    let secret: Vec<u8> = app
        .sql()
        .await
        .query_one(
            "SELECT secret FROM account.signing_secret WHERE kid = $1",
            &[&text(&header["kid"])],
        )
        .await
        .expect("the key")
        .get(0);
    let own = SigningKey::from_bytes(&secret.try_into().expect("32 bytes"));
    let foreign = SigningKey::from_bytes(&[7; 32]);
    let sign = |header: &Value, claims: &Value, key: &SigningKey| {
        let input = format!(
            "{}.{}",
            BASE64.encode(header.to_string()),
            BASE64.encode(claims.to_string())
        );
        let signature = BASE64.encode(key.sign(input.as_bytes()).to_bytes());
        format!("{input}.{signature}")
    };
    let with = |base: &Value, name: &str, value: Value| {
        let mut changed = base.clone();
        changed[name] = value;
        changed
    };
    let unsigned = with(&header, "alg", json!("none"));
    let unsigned_input = format!("{}.{}.", BASE64.encode(unsigned.to_string()), parts[1]);
    let symmetric = with(&header, "alg", json!("HS256"));
    vec![
        // Somebody else's claims under a good signature.
        format!(
            "{}.{}.{}",
            parts[0],
            BASE64.encode(with(&claims, "sub", json!(Uuid::now_v7())).to_string()),
            parts[2]
        ),
        sign(&header, &claims, &foreign),
        sign(&header, &with(&claims, "exp", json!(1_600_000_000)), &own),
        sign(&header, &with(&claims, "aud", json!("somebody-else")), &own),
        sign(
            &header,
            &with(&claims, "iss", json!("https://elsewhere.example")),
            &own,
        ),
        sign(&with(&header, "kid", json!("unknown")), &claims, &own),
        sign(&symmetric, &claims, &own),
        unsigned_input,
        format!("{}.{}", parts[0], parts[1]),
        "rubbish".to_owned(),
        String::new(),
    ]
}

#[tokio::test]
async fn the_public_keys_are_published() {
    let keys = shared()
        .stranger()
        .get("/.well-known/jwks.json")
        .await
        .expect(200);
    let key = &keys["keys"][0];
    assert_eq!(
        (text(&key["kty"]), text(&key["crv"]), text(&key["alg"])),
        ("OKP", "Ed25519", "EdDSA")
    );
    assert!(key["d"].is_null(), "a private key is published");
}

#[tokio::test]
async fn following_is_idempotent_and_never_oneself() {
    let app = shared();
    let (ana, bob) = (app.someone("Ana").await, app.someone("Bob").await);
    let path = format!("/v1/me/following/{}", bob.id);
    for _ in 0..2 {
        assert_eq!(ana.put(&path).await.status, 204);
    }
    let following = ana.get("/v1/me/following").await.expect(200);
    assert_eq!(following["items"].as_array().expect("a list").len(), 1);
    for _ in 0..2 {
        assert_eq!(ana.delete(&path).await.status, 204);
    }
    assert_eq!(
        ana.put(&format!("/v1/me/following/{}", ana.id))
            .await
            .status,
        422
    );
    ana.put(&format!("/v1/me/following/{}", Uuid::now_v7()))
        .await
        .expect_problem(404, "not_found");
}
