//! Passwords: changed by whoever knows them, reset by whoever gets the mail.

use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;

use crate::accounts::stops_working;
use crate::support::actor::PASSWORD;
use crate::support::app::{App, shared, text};
use crate::support::{Actor, Reply, mail};

const NEW: &str = "staple gun sandwich";

async fn login(app: &App, identifier: &str, password: &str) -> Reply {
    app.stranger()
        .post(
            "/v1/sessions",
            json!({"identifier": identifier, "password": password}),
        )
        .await
}

async fn forgotten(app: &App, identifier: &str) -> Reply {
    forgotten_by(&app.stranger(), identifier).await
}

async fn forgotten_by(client: &Actor, identifier: &str) -> Reply {
    client
        .post("/v1/password-resets", json!({"identifier": identifier}))
        .await
}

async fn reset(app: &App, token: &str, password: &str) -> Reply {
    app.stranger()
        .post(
            "/v1/password-resets/confirm",
            json!({"token": token, "new_password": password}),
        )
        .await
}

/// How passwords were changed, as the event says it.
async fn told(app: &App, actor: &Actor) -> Vec<String> {
    app.sql()
        .await
        .query(
            "SELECT data->>'changed_by' FROM account.outbox
             WHERE subject = $1 AND kind = 'account.password_changed' ORDER BY seq",
            &[&actor.id],
        )
        .await
        .expect("the events")
        .iter()
        .map(|row| row.get(0))
        .collect()
}

async fn is_refused(app: &App, actor: &Actor) {
    app.stranger()
        .post(
            "/v1/sessions/refresh",
            json!({"refresh_token": actor.refresh_token}),
        )
        .await
        .expect_problem(401, "invalid_refresh_token");
    stops_working(actor).await;
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let mut elsewhere = ana.clone();
    elsewhere.sign_in().await;
    let change = |current: &str, new: &str| {
        ana.post(
            "/v1/me/password",
            json!({"current_password": current, "new_password": new}),
        )
    };
    change("not the password", NEW)
        .await
        .expect_problem(403, "wrong_password");
    change(PASSWORD, "short")
        .await
        .expect_problem(422, "validation_failed");
    assert_eq!(change(PASSWORD, NEW).await.status, 204);

    is_refused(app, &elsewhere).await;
    ana.get("/v1/me").await.expect(200);
    login(app, &ana.username, PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");
    login(app, &ana.username, NEW).await.expect(201);
    assert_eq!(told(app, &ana).await, ["owner"]);
}

#[tokio::test]
async fn a_forgotten_password_is_reset_by_the_link_in_the_mail() {
    let app = shared();
    let ana = app.someone("Ana").await;
    // Locked by trying to remember it.
    for _ in 0..11 {
        login(app, &ana.username, "what was it").await;
    }
    login(app, &ana.username, PASSWORD)
        .await
        .expect_problem(429, "too_many_logins");

    assert_eq!(forgotten(app, &ana.username).await.status, 202);
    let message = mail::newest(app, &ana.email(), 1).await;
    let token = text(&message["token"]).to_owned();
    assert!(text(&message["link"]).contains(&token), "{message}");
    app.stranger()
        .post("/v1/verifications", json!({"token": token}))
        .await
        .expect_problem(410, "secret_expired");
    reset(app, &token, "short")
        .await
        .expect_problem(422, "validation_failed");
    assert_eq!(reset(app, &token, NEW).await.status, 204);
    reset(app, &token, "yet another one")
        .await
        .expect_problem(410, "secret_expired");

    is_refused(app, &ana).await;
    login(app, &ana.username, NEW).await.expect(201);
    login(app, &ana.email(), PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");
    assert_eq!(told(app, &ana).await, ["reset"]);
}

#[tokio::test]
async fn a_link_is_good_for_an_hour_once_and_not_after_the_password_was_changed() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let email = ana.email();
    forgotten(app, &email).await;
    let first = mail::token(app, &email).await;
    for rubbish in ["x", &"A".repeat(43), &first.to_lowercase()] {
        reset(app, rubbish, NEW)
            .await
            .expect_problem(410, "secret_expired");
    }
    let change = json!({"current_password": PASSWORD, "new_password": NEW});
    assert_eq!(ana.post("/v1/me/password", change).await.status, 204);
    reset(app, &first, "a third one")
        .await
        .expect_problem(410, "secret_expired");

    mail::age(app, &ana, &email, "61 seconds").await;
    forgotten(app, &email).await;
    let second = text(&mail::newest(app, &email, 2).await["token"]).to_owned();
    app.sql()
        .await
        .execute(
            "UPDATE account.verification SET expires_at = expires_at - interval '1 hour' WHERE account_id = $1",
            &[&ana.id],
        )
        .await
        .expect("aged");
    reset(app, &second, "a third one")
        .await
        .expect_problem(410, "secret_expired");

    mail::age(app, &ana, &email, "61 seconds").await;
    forgotten(app, &email).await;
    let third = text(&mail::newest(app, &email, 3).await["token"]).to_owned();
    let replies = futures::future::join_all((0..4).map(|n| {
        let token = third.clone();
        async move { reset(app, &token, &format!("password number {n}")).await }
    }))
    .await;
    let good = replies.iter().filter(|r| r.status == 204).count();
    assert_eq!(good, 1, "{replies:?}");
}

#[tokio::test]
async fn what_a_thief_asked_for_does_not_outlive_a_new_password() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let thiefs = mail::address();
    let body = json!({"email": thiefs, "password": PASSWORD});
    ana.put_json("/v1/me/email", body).await.expect(200);
    let back_door = mail::token(app, &thiefs).await;

    forgotten(app, &ana.email()).await;
    let token = mail::token(app, &ana.email()).await;
    assert_eq!(reset(app, &token, NEW).await.status, 204);
    app.stranger()
        .post("/v1/verifications", json!({"token": back_door}))
        .await
        .expect_problem(410, "secret_expired");
    let session = login(app, &ana.email(), NEW).await.expect(201);
    assert!(session["account"]["pending_email"].is_null(), "{session}");
}

#[tokio::test]
async fn links_are_limited_without_a_word() {
    let app = shared();
    let ana = app.someone("Ana").await;
    for _ in 0..3 {
        assert_eq!(forgotten(app, &ana.email()).await.status, 202);
    }
    mail::newest(app, &ana.email(), 1).await;
    app.events_settled().await;
    assert_eq!(mail::all(app, &ana.email()).await.len(), 1);
}

#[tokio::test]
async fn a_phone_that_is_verified_gets_the_link_too_and_nothing_unverified_does() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let number = mail::number();
    app.sql()
        .await
        .execute(
            "UPDATE account.account SET phone = $2, phone_verified_at = shared.now() WHERE id = $1",
            &[&ana.id, &number],
        )
        .await
        .expect("verified");
    forgotten(app, &number).await;
    let message = mail::newest(app, &number, 1).await;
    assert_eq!(message["channel"], "sms");
    assert_eq!(reset(app, text(&message["token"]), NEW).await.status, 204);

    let email = mail::address();
    let nina = mail::newcomer(app, "Nina", &email).await;
    mail::newest(app, &email, 1).await;
    for identifier in [&email, &nina.username] {
        assert_eq!(forgotten(app, identifier).await.status, 202);
    }
    app.events_settled().await;
    assert_eq!(mail::all(app, &email).await.len(), 1);
}

/// Rows that a request writes: verifications, counted messages, events.
async fn rows(app: &App, of: &str) -> (i64, i64, i64) {
    let row = app
        .sql()
        .await
        .query_one(
            "SELECT (SELECT count(*) FROM account.verification WHERE address = $1),
                    (SELECT count(*) FROM account.sending WHERE scope LIKE '% ' || $1),
                    (SELECT count(*) FROM account.verification v
                     JOIN account.outbox o ON o.kind = 'account.verification_requested'
                          AND o.data->>'expires_at' = shared.rfc3339(v.expires_at)
                     WHERE v.address = $1)",
            &[&of],
        )
        .await
        .expect("rows");
    (row.get(0), row.get(1), row.get(2))
}

#[tokio::test]
async fn asking_for_a_link_says_and_does_the_same_for_everybody() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let known = ana.email();
    let unknown = mail::address();
    let (of_known, of_unknown) = (forgotten(app, &known).await, forgotten(app, &unknown).await);
    let others = [
        forgotten(app, &ana.username).await,
        forgotten(app, "nobody-at-all-here").await,
        forgotten(app, &mail::number()).await,
        forgotten(app, "not an identifier!").await,
    ];
    let header = |reply: &Reply| {
        let mut headers: Vec<(String, String)> = reply
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), format!("{value:?}")))
            .collect();
        headers.sort();
        headers
    };
    // What is left of a limit by the client's address depends on who asked before.
    let plain = |reply: &Reply| {
        let mut headers = header(reply);
        headers.retain(|(name, _)| !name.starts_with("ratelimit"));
        headers
    };
    for other in others.iter().chain([&of_unknown]) {
        assert_eq!(
            (other.status, &other.raw, plain(other)),
            (202, &of_known.raw, plain(&of_known))
        );
    }
    // The same is written, so that it takes the same time.
    let (one, other) = (rows(app, &known).await, rows(app, &unknown).await);
    assert_eq!((other.0, other.1), (1, 1));
    // That of the username is for the same address, and one too many.
    assert_eq!((one.0, one.1), (2, 1));
    // Other tests' events may be of the very same millisecond.
    assert!(other.2 >= 1 && one.2 >= 2, "{one:?} {other:?}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Others use the machine too: what is looked for is a difference that is always there.
#[tokio::test]
async fn asking_for_a_link_takes_the_same_time_for_everybody() {
    let app = shared();
    let mut found = Vec::new();
    for _ in 0..4 {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        let ana = app.someone("Ana").await;
        for round in 0..60 {
            // Each from an address of its own, under no limit on messages, and now this first, now that:
            // the worker may still be busy with the one before.
            mail::age(app, &ana, &ana.email(), "2 hours").await;
            let mut turns = [
                (ana.email(), &mut known),
                (
                    format!("{}@example.com", Uuid::new_v4().simple()),
                    &mut unknown,
                ),
            ];
            if round % 2 == 1 {
                turns.reverse();
            }
            for (identifier, times) in turns {
                let client = app.stranger();
                let start = Instant::now();
                let reply = forgotten_by(&client, &identifier).await;
                times.push(start.elapsed());
                assert_eq!(reply.status, 202, "{reply:?}");
            }
        }
        let (one, other) = (median(known), median(unknown));
        if one.abs_diff(other) <= one.max(other) / 10 {
            return;
        }
        found.push((one, other));
    }
    panic!("known and unknown: {found:?}");
}
