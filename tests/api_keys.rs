//! API keys: made, exchanged, used for what they are good for, revoked.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::second_factor::authenticator::set_up;
use crate::support::actor::{PASSWORD, send};
use crate::support::app::{App, shared, text};
use crate::support::{Actor, Reply, until};

pub async fn make(actor: &Actor, scopes: &[&str]) -> Value {
    actor
        .post(
            "/v1/me/api-keys",
            json!({"name": "warehouse sync", "scopes": scopes, "password": PASSWORD}),
        )
        .await
        .expect(201)
}

async fn exchange(app: &App, key: &str) -> Reply {
    let request = app
        .stranger()
        .request(Method::POST, "/v1/api-keys/token")
        .header("authorization", format!("Bearer {key}"));
    send(request).await
}

/// Somebody's program.
pub async fn program(app: &App, key: &Value) -> Actor {
    let token = exchange(app, text(&key["key"])).await.expect(200);
    app.stranger().with_token(text(&token["access_token"]))
}

#[tokio::test]
async fn a_key_is_shown_once_and_exchanged_for_a_token_of_its_scopes() {
    let app = shared();
    let ana = app.someone("Ana").await;
    ana.post(
        "/v1/me/api-keys",
        json!({"name": "x", "scopes": ["read"], "password": "another one"}),
    )
    .await
    .expect_problem(403, "wrong_password");
    for bad in [
        json!({"name": "x", "scopes": [], "password": PASSWORD}),
        json!({"name": "x", "scopes": ["admin"], "password": PASSWORD}),
        json!({"name": "x", "scopes": ["read"], "password": PASSWORD,
               "expires_at": "2020-01-01T00:00:00Z"}),
    ] {
        ana.post("/v1/me/api-keys", bad)
            .await
            .expect_problem(422, "validation_failed");
    }
    let both = make(&ana, &["write", "read"]).await;
    let reads = make(&ana, &["read"]).await;
    let writes = make(&ana, &["write"]).await;
    assert_eq!(both["scopes"], json!(["read", "write"]));
    assert!(text(&both["key"]).starts_with(text(&both["prefix"])));
    let listed = ana.get("/v1/me/api-keys").await.expect(200);
    assert_eq!(listed.as_array().map(Vec::len), Some(3));
    assert!(!listed.to_string().contains(text(&both["key"])), "{listed}");

    let product = Uuid::now_v7();
    let favorite = format!("/v1/me/favorites/{product}");
    let (both, reads, writes) = (
        program(app, &both).await,
        program(app, &reads).await,
        program(app, &writes).await,
    );
    assert_eq!(both.get("/v1/me").await.expect(200)["id"], json!(ana.id));
    assert_eq!(both.put(&favorite).await.status, 204);
    reads.get("/v1/me/favorites").await.expect(200);
    reads
        .put(&favorite)
        .await
        .expect_problem(403, "insufficient_scope");
    assert_eq!(writes.delete(&favorite).await.status, 204);
    writes
        .get("/v1/me/favorites")
        .await
        .expect_problem(403, "insufficient_scope");
    // In other modules too.
    reads.get("/v1/orders").await.expect(200);
    reads
        .post("/v1/notifications/read", json!({"all": true}))
        .await
        .expect_problem(403, "insufficient_scope");
    let used = ana.get("/v1/me/api-keys").await.expect(200);
    assert!(text(&used[0]["used_at"]).ends_with(":00:00.000Z"), "{used}");
}

#[tokio::test]
async fn no_key_opens_what_decides_who_may_act_for_the_account() {
    let app = shared();
    let mut ana = app.someone("Ana").await;
    app.grant(&ana, "admin").await;
    ana.sign_in().await;
    let program = program(app, &make(&ana, &["read", "write"]).await).await;
    for (method, path, body) in [
        (
            Method::POST,
            "/v1/me/api-keys",
            json!({"name": "x", "scopes": ["read"], "password": PASSWORD}),
        ),
        (Method::GET, "/v1/me/api-keys", Value::Null),
        (
            Method::POST,
            "/v1/me/password",
            json!({"current_password": PASSWORD, "new_password": "staple gun sandwich"}),
        ),
        (
            Method::PUT,
            "/v1/me/email",
            json!({"email": "eve@example.com", "password": PASSWORD}),
        ),
        (Method::POST, "/v1/me/totp", json!({"password": PASSWORD})),
        (Method::GET, "/v1/me/totp", Value::Null),
        (
            Method::POST,
            "/v1/me/totp/confirm",
            json!({"code": "123456"}),
        ),
        (
            Method::POST,
            "/v1/me/verifications",
            json!({"channel": "email"}),
        ),
        (
            Method::POST,
            "/v1/verifications",
            json!({"channel": "phone", "code": "123456"}),
        ),
        (Method::GET, "/v1/sessions", Value::Null),
        (Method::GET, "/v1/me/identities", Value::Null),
        (Method::DELETE, "/v1/sessions", Value::Null),
        (Method::POST, "/v1/me/export", Value::Null),
        (Method::DELETE, "/v1/me", json!({"password": PASSWORD})),
    ] {
        let request = program.request(method.clone(), path);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let reply = send(request).await;
        assert_eq!(
            (reply.status, reply.code()),
            (403, "person_required"),
            "{method} {path}"
        );
    }
    // Nor is it more than a member.
    program
        .get("/v1/audit")
        .await
        .expect_problem(403, "forbidden");
    ana.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn where_there_is_a_second_factor_a_key_needs_it() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let body = |code: Option<&str>| json!({"name": "x", "scopes": ["read"], "password": PASSWORD, "code": code});
    let path = "/v1/me/api-keys";
    ana.post(path, body(Some("123456")))
        .await
        .expect_problem(409, "second_factor_off");
    let (authenticator, recovery) = set_up(&ana).await;
    ana.post(path, body(None))
        .await
        .expect_problem(401, "second_factor_required");
    ana.post(path, body(Some(&authenticator.wrong())))
        .await
        .expect_problem(403, "wrong_code");
    ana.post(path, body(Some(&recovery[0]))).await.expect(201);
    // Good once.
    ana.post(path, body(Some(&recovery[0])))
        .await
        .expect_problem(403, "wrong_code");
}

#[tokio::test]
async fn what_is_no_key_or_no_more_is_exchanged_for_nothing() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let key = make(&ana, &["read"]).await;
    let good = text(&key["key"]);
    for bad in [
        "stoa_",
        "stoa_AAAA",
        good.trim_start_matches("stoa_"),
        &format!("{good}A"),
        &format!("stoa_{}", "A".repeat(43)),
        ana.token.as_deref().expect("a token"),
    ] {
        exchange(app, bad)
            .await
            .expect_problem(401, "invalid_api_key");
    }
    app.stranger()
        .post("/v1/api-keys/token", json!({}))
        .await
        .expect_problem(401, "invalid_api_key");
    // A key is no access token.
    app.stranger()
        .with_token(good)
        .get("/v1/me")
        .await
        .expect_problem(401, "unauthenticated");

    let program = program(app, &key).await;
    let other = app.someone("Other").await;
    let path = format!("/v1/me/api-keys/{}", text(&key["id"]));
    other.delete(&path).await.expect_problem(404, "not_found");
    assert_eq!(ana.delete(&path).await.status, 204);
    assert_eq!(ana.delete(&path).await.status, 204);
    exchange(app, good)
        .await
        .expect_problem(401, "invalid_api_key");
    until("its token ends", Duration::from_secs(5), || async {
        let reply = program.get("/v1/me").await;
        (reply.status == 401).then_some(())
    })
    .await;

    let short = make(&ana, &["read"]).await;
    app.sql()
        .await
        .execute(
            "UPDATE account.api_key SET expires_at = shared.real_now() WHERE id = $1::text::uuid",
            &[&text(&short["id"])],
        )
        .await
        .expect("it expires");
    exchange(app, text(&short["key"]))
        .await
        .expect_problem(401, "invalid_api_key");
}

#[tokio::test]
async fn a_new_password_revokes_keys_and_a_suspension_stops_them() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let key = make(&ana, &["read"]).await;
    let before = program(app, &key).await;
    let mut moderator = app.someone("Mo").await;
    app.grant(&moderator, "moderator").await;
    moderator.sign_in().await;
    let path = format!("/v1/accounts/{}/suspension", ana.id);
    moderator.post(&path, json!({"reason": "spam"})).await;
    exchange(app, text(&key["key"]))
        .await
        .expect_problem(403, "account_suspended");
    until("its token ends", Duration::from_secs(5), || async {
        let reply = before.get("/v1/me").await;
        (reply.status == 401).then_some(())
    })
    .await;
    moderator.delete(&path).await;
    program(app, &key).await.get("/v1/me").await.expect(200);

    let mut ana = ana;
    ana.sign_in().await;
    ana.post(
        "/v1/me/password",
        json!({"current_password": PASSWORD, "new_password": "staple gun sandwich"}),
    )
    .await;
    exchange(app, text(&key["key"]))
        .await
        .expect_problem(401, "invalid_api_key");
}

#[tokio::test]
async fn no_token_outlives_the_day_its_key_expires() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let [always, long, short] = [
        make(&ana, &["read"]).await,
        make(&ana, &["read"]).await,
        make(&ana, &["read"]).await,
    ];
    let sql = app.sql().await;
    for (key, left) in [(&long, "1 day"), (&short, "8 seconds")] {
        sql.execute(
            "UPDATE account.api_key SET expires_at = shared.real_now() + $2::text::interval
             WHERE id = $1::text::uuid",
            &[&text(&key["id"]), &left],
        )
        .await
        .expect("it expires");
    }
    for key in [&always, &long] {
        let token = exchange(app, text(&key["key"])).await.expect(200);
        assert_eq!(token["expires_in"], 900, "{token}");
    }
    let token = exchange(app, text(&short["key"])).await.expect(200);
    let left = token["expires_in"].as_u64().expect("seconds");
    assert!((1..=8).contains(&left), "{token}");
    let program = app.stranger().with_token(text(&token["access_token"]));
    // Clocks may differ by five seconds.
    until("its token ends", Duration::from_secs(30), || async {
        let reply = program.get("/v1/me").await;
        (reply.status == 401).then_some(())
    })
    .await;
    exchange(app, text(&short["key"]))
        .await
        .expect_problem(401, "invalid_api_key");
}

#[tokio::test]
async fn there_are_twenty_keys_at_most() {
    let app = shared();
    let ana = app.someone("Ana").await;
    app.sql()
        .await
        .execute(
            "INSERT INTO account.api_key (id, account_id, name, key_hash, prefix, scopes, session_id, created_at)
             SELECT gen_random_uuid(), $1, 'x', sha256(gen_random_uuid()::text::bytea), 'stoa_x', '{read}',
                    gen_random_uuid(), shared.real_now() FROM generate_series(1, 19)",
            &[&ana.id],
        )
        .await
        .expect("keys");
    let body = json!({"name": "x", "scopes": ["read"], "password": PASSWORD});
    let replies =
        futures::future::join_all((0..4).map(|_| ana.post("/v1/me/api-keys", body.clone()))).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(made, 1, "{replies:?}");
    ana.post("/v1/me/api-keys", body)
        .await
        .expect_problem(409, "too_many_api_keys");
}
