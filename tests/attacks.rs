//! What strangers try: each test is one attack that comes to nothing.

mod bodies;
mod timing;
mod tokens;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::stops_working;
use crate::roles::staff;
use crate::second_factor::authenticator;
use crate::support::actor::{PASSWORD, send};
use crate::support::app::{shared, text};
use crate::support::{Actor, Reply};
use tokens::{DOORS, Parts};

fn with(base: &Value, name: &str, value: Value) -> Value {
    let mut changed = base.clone();
    changed[name] = value;
    changed
}

async fn login(client: &Actor, identifier: &str, password: &str) -> Reply {
    client
        .post(
            "/v1/sessions",
            json!({"identifier": identifier, "password": password}),
        )
        .await
}

#[tokio::test]
async fn spoofed_identity_headers() {
    let app = shared();
    let (ana, bob) = (app.someone("Ana").await, app.someone("Bob").await);
    let admin = staff(app, "Ada", "admin").await;
    let id = ana.id.to_string();
    let spoofed = |request: reqwest::RequestBuilder| {
        let names = [
            "x-account-id",
            "x-user-id",
            "x-user",
            "x-auth-user",
            "x-forwarded-user",
            "remote-user",
            "spin-account-id",
            "spin-user",
            "account-id",
            "sub",
            "x-session-id",
        ];
        let request = names.iter().fold(request, |r, name| r.header(*name, &id));
        request
            .header("x-roles", "admin")
            .header("x-role", "admin")
            .header("spin-client-addr", "10.0.0.1:1")
            .header("spin-path-info", "/v1/audit")
            .header("spin-full-url", "http://127.0.0.1/v1/audit")
            .header("x-original-url", "/v1/audit")
            .header("x-rewrite-url", "/v1/audit")
            .header("x-http-method-override", "DELETE")
            .header("x-forwarded-for", "127.0.0.1")
    };
    for door in DOORS {
        send(spoofed(app.stranger().request(Method::GET, door)))
            .await
            .expect_problem(401, "unauthenticated");
    }
    let me = send(spoofed(bob.request(Method::GET, "/v1/me")))
        .await
        .expect(200);
    assert_eq!(text(&me["id"]), bob.id.to_string());
    send(spoofed(bob.request(Method::GET, "/v1/audit")))
        .await
        .expect_problem(403, "forbidden");
    // What a proxy in front may override, nobody else may.
    let path = format!("/v1/accounts/{}/roles", bob.id);
    send(spoofed(admin.request(Method::GET, &path)))
        .await
        .expect(200);
}

#[tokio::test]
async fn credential_stuffing_is_locked_by_address_whatever_the_headers_say() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let robot = app.stranger();
    let attempt = |number: usize, identifier: String| {
        let request = robot
            .request(Method::POST, "/v1/sessions")
            .header("x-forwarded-for", format!("198.51.100.{number}"))
            .header("forwarded", format!("for=198.51.100.{number}"))
            .header("x-real-ip", format!("198.51.100.{number}"))
            .header("spin-client-addr", format!("198.51.100.{number}:1"))
            .header("user-agent", format!("robot/{number}"));
        send(request.json(&json!({"identifier": identifier, "password": "123456789"})))
    };
    for number in 0..30 {
        attempt(number, format!("{}@example.com", Uuid::new_v4().simple()))
            .await
            .expect_problem(401, "invalid_credentials");
    }
    attempt(31, ana.username.clone())
        .await
        .expect_problem(429, "too_many_logins");
    // Even with the right password; whoever comes from elsewhere is not bothered.
    login(&robot, &ana.username, PASSWORD)
        .await
        .expect_problem(429, "too_many_logins");
    login(&app.stranger(), &ana.username, PASSWORD)
        .await
        .expect(201);
}

#[tokio::test]
async fn passwords_tried_at_once_give_away_no_more_than_one_after_another() {
    let app = shared();
    let ana = app.someone("Ana").await;
    // Twenty-four wrong ones and the right one among them, each from an address of its own.
    let tries = (0..25).map(|number| {
        let client = app.stranger();
        let name = ana.username.clone();
        async move {
            let password = if number == 20 { PASSWORD } else { "123456789" };
            login(&client, &name, password).await
        }
    });
    let all = futures::future::join_all(tries).await;
    let wrong = all
        .iter()
        .filter(|r| r.code() == "invalid_credentials")
        .count();
    assert!(wrong <= 20, "{wrong} guesses were answered");
    assert!(all.iter().any(|r| r.code() == "too_many_logins"), "{all:?}");
}

#[tokio::test]
async fn session_fixation() {
    let app = shared();
    let mallory = app.someone("Mallory").await;
    let victim = app.someone("Victim").await;
    let planted = Parts::of(&mallory).claims["sid"].clone();
    for extra in ["session_id", "sid", "id", "refresh_token", "chain_key"] {
        let body = json!({"identifier": victim.username, "password": PASSWORD});
        let body = with(&body, extra, planted.clone());
        app.stranger()
            .post("/v1/sessions", body)
            .await
            .expect_problem(422, "validation_failed");
    }
    let sid = text(&planted).to_owned();
    let request = app
        .stranger()
        .request(Method::POST, "/v1/sessions")
        .header("cookie", format!("sid={sid}; session={sid}"))
        .header("x-session-id", &sid)
        .header("idempotency-key", &sid)
        // Signed in as somebody else at the time.
        .bearer_auth(mallory.token.as_deref().expect("a token"))
        .json(&json!({"identifier": victim.username, "password": PASSWORD}));
    let opened = send(request).await;
    assert_eq!(opened.header("set-cookie"), "");
    let opened = opened.expect(201);
    let fresh = victim.with_token(text(&opened["access_token"]));
    assert_ne!(Parts::of(&fresh).claims["sid"], planted);
    assert_ne!(opened["refresh_token"], json!(mallory.refresh_token));
    let me = mallory.get("/v1/me").await.expect(200);
    assert_eq!(text(&me["id"]), mallory.id.to_string());
}

#[tokio::test]
async fn replay_of_a_refresh_token_after_its_successor_was_used() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let refresh = |token: String| async move {
        app.stranger()
            .post("/v1/sessions/refresh", json!({"refresh_token": token}))
            .await
    };
    let first = ana.refresh_token.clone().expect("a token");
    let second = refresh(first.clone()).await.expect(200);
    let second = text(&second["refresh_token"]).to_owned();
    let third = refresh(second.clone()).await.expect(200);
    // Within the ten seconds of grace, but its successor was spent: somebody else has it.
    for token in [first, second, text(&third["refresh_token"]).to_owned()] {
        refresh(token)
            .await
            .expect_problem(401, "invalid_refresh_token");
    }
    stops_working(&ana).await;
    let reuse: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT count(*) FROM account.audit WHERE account_id = $1 AND action = 'refresh_reuse'",
            &[&ana.id],
        )
        .await
        .expect("the log")
        .get(0);
    assert_eq!(reuse, 1);
}

#[tokio::test]
async fn two_refreshes_racing_with_one_token() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let body = json!({"refresh_token": ana.refresh_token});
    let racing = (0..6).map(|_| {
        let body = body.clone();
        async move { app.stranger().post("/v1/sessions/refresh", body).await }
    });
    let all = futures::future::join_all(racing).await;
    let successors: std::collections::BTreeSet<String> = all
        .into_iter()
        .map(|reply| text(&reply.expect(200)["refresh_token"]).to_owned())
        .collect();
    assert_eq!(successors.len(), 1, "the family did not split");
    let living: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT count(*) FROM account.refresh_token t JOIN account.session s ON s.id = t.session_id
             WHERE s.account_id = $1 AND t.spent_at IS NULL",
            &[&ana.id],
        )
        .await
        .expect("tokens")
        .get(0);
    assert_eq!(living, 1);
}

#[tokio::test]
async fn a_code_seen_over_the_shoulder() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (device, _) = authenticator::set_up(&ana).await;
    authenticator::forget_steps(app, &ana).await;
    let code = device.code(0);
    let (owner, thief) = (app.stranger(), app.stranger());
    let (one, other) = tokio::join!(
        authenticator::login(&owner, &ana, Some(&code)),
        authenticator::login(&thief, &ana, Some(&code))
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401], "{one:?} {other:?}");
}
