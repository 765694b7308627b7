//! Keys that sign access tokens: replaced while everybody stays signed in.

use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::app::{App, cli, text};
use crate::support::{Actor, root, until};

fn keys(app: &App, arguments: &[&str]) -> String {
    let output = Command::new(cli())
        .arg("keys")
        .args(arguments)
        .args(["--database-url", &app.database])
        .current_dir(root())
        .output()
        .expect("stoa keys runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

/// The keys and what each does.
fn list(app: &App) -> Vec<Value> {
    serde_json::from_str(&keys(app, &["list", "--json"])).expect("JSON")
}

fn states(app: &App) -> Vec<String> {
    list(app)
        .iter()
        .map(|key| format!("{} {}", text(&key["alg"]), text(&key["state"])))
        .collect()
}

fn header(token: &str) -> Value {
    let part = token.split('.').next().expect("a header");
    serde_json::from_slice(&BASE64.decode(part).expect("base64")).expect("JSON")
}

async fn refreshed(app: &App, actor: &Actor) -> Actor {
    let body = json!({"refresh_token": actor.refresh_token});
    let fresh = app
        .stranger()
        .post("/v1/sessions/refresh", body)
        .await
        .expect(200);
    actor.with_token(text(&fresh["access_token"]))
}

/// One at each of some modules.
const DOORS: [&str; 4] = ["/v1/me", "/v1/orders", "/v1/stock", "/v1/notifications"];

/// The token is good at every module.
async fn is_good(actor: &Actor) {
    for path in DOORS {
        actor.get(path).await.expect(200);
    }
}

#[tokio::test]
async fn a_new_key_is_published_before_it_signs_and_logs_nobody_out() {
    let app = App::own("keys", &[]);
    let ana = app.someone("Ana").await;
    let old = ana.token.clone().expect("a token");
    assert_eq!(header(&old)["alg"], "EdDSA");
    assert_eq!(states(&app), ["EdDSA signs"]);

    keys(&app, &["rotate", "--alg", "RS256"]);
    assert_eq!(states(&app), ["RS256 published", "EdDSA signs"]);
    let published = app
        .stranger()
        .get("/.well-known/jwks.json")
        .await
        .expect(200);
    let published = published["keys"].as_array().expect("keys").clone();
    assert_eq!(published.len(), 2);
    assert_eq!(
        (&published[0]["kty"], &published[0]["alg"]),
        (&json!("RSA"), &json!("RS256"))
    );
    for private in ["d", "p", "q", "dp", "dq", "qi"] {
        assert!(published[0][private].is_null(), "{private} is published");
    }
    is_good(&refreshed(&app, &ana).await).await;

    let mut bob = Actor::newcomer(&app, "Bob").await;
    let begun = std::time::Instant::now();
    let fresh = until("the new key signs", Duration::from_secs(20), || {
        let mut bob = bob.clone();
        async move {
            bob.sign_in().await;
            // Whoever signs, everybody takes it at once.
            bob.get("/v1/me").await.expect(200);
            bob.get("/v1/orders").await.expect(200);
            (header(bob.token.as_deref()?)["alg"] == "RS256").then_some(bob)
        }
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(15));
    bob = fresh;
    assert_eq!(states(&app), ["RS256 signs", "EdDSA verifies"]);
    assert_eq!(
        header(bob.token.as_deref().expect("a token"))["kid"],
        published[0]["kid"]
    );
    is_good(&bob).await;
    // Nobody was logged out: neither by the token nor by the refresh token of before.
    is_good(&ana).await;
    confused(&ana, bob.token.as_deref().expect("a token"), &published[0]).await;

    // Their time is over.
    app.sql()
        .await
        .execute(
            "UPDATE shared.signing_key SET retired_at = shared.real_now() WHERE alg = 'EdDSA'",
            &[],
        )
        .await
        .expect("retired");
    until("the old key is gone", Duration::from_secs(5), || async {
        let gone =
            ana.get("/v1/me").await.status == 401 && ana.get("/v1/orders").await.status == 401;
        gone.then_some(())
    })
    .await;
    assert_eq!(states(&app), ["RS256 signs", "EdDSA retired"]);
    is_good(&bob).await;
    let mut ana = ana;
    ana.sign_in().await;
    is_good(&ana).await;
    app.sql()
        .await
        .execute("SELECT account.tidy()", &[])
        .await
        .expect("tidied");
    let secrets: i64 = app
        .sql()
        .await
        .query_one("SELECT count(*) FROM account.signing_secret", &[])
        .await
        .expect("secrets")
        .get(0);
    assert_eq!(secrets, 1, "the secret half of a retired key is gone");

    keys(&app, &["rotate"]);
    assert_eq!(
        states(&app),
        ["EdDSA published", "RS256 signs", "EdDSA retired"]
    );

    // It has leaked: whatever it signed is worth nothing, and everybody stays signed in.
    keys(&app, &["rotate", "--at-once"]);
    assert_eq!(
        states(&app),
        [
            "EdDSA retired",
            "EdDSA signs",
            "RS256 retired",
            "EdDSA retired"
        ]
    );
    until("the leaked key is gone", Duration::from_secs(6), || async {
        for path in DOORS {
            if bob.get(path).await.status != 401 {
                return None;
            }
        }
        Some(())
    })
    .await;
    is_good(&refreshed(&app, &bob).await).await;
}

/// The public key of RSA is no secret of HMAC, and no other algorithm's key.
async fn confused(anybody: &Actor, good: &str, jwk: &Value) {
    let parts: Vec<&str> = good.split('.').collect();
    let modulus = BASE64.decode(text(&jwk["n"])).expect("base64");
    for (algorithm, secret) in [
        ("HS256", text(&jwk["n"]).as_bytes()),
        ("HS256", modulus.as_slice()),
        ("HS256", jwk.to_string().as_bytes()),
        ("HS256", b"".as_slice()),
        ("RS256", modulus.as_slice()),
        ("PS256", modulus.as_slice()),
        ("ES256", modulus.as_slice()),
        ("EdDSA", modulus.as_slice()),
    ] {
        let header = json!({"alg": algorithm, "typ": "JWT", "kid": jwk["kid"]});
        let input = format!("{}.{}", BASE64.encode(header.to_string()), parts[1]);
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key");
        mac.update(input.as_bytes());
        let signature = BASE64.encode(mac.finalize().into_bytes());
        for token in [
            format!("{input}.{signature}"),
            // The right signature, of another header.
            format!("{input}.{}", parts[2]),
            format!("{input}."),
        ] {
            if token == good {
                continue;
            }
            anybody
                .with_token(&token)
                .get("/v1/me")
                .await
                .expect_problem(401, "unauthenticated");
        }
    }
}
