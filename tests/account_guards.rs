//! What an account must not be made to do by whoever is in it: collect sessions, flood its owner, fill the
//! log. And whom the operator takes for its owner.

use std::process::Command;

use reqwest::Method;
use serde_json::json;

use crate::support::actor::{PASSWORD, send};
use crate::support::app::{App, cli, shared};
use crate::support::{mail, root};

#[tokio::test]
async fn an_account_has_a_hundred_sessions_and_one_more_ends_the_one_used_least_lately() {
    let app = shared();
    let mut ana = app.someone("Ana").await;
    let sql = app.sql().await;
    sql.execute(
        "UPDATE account.session SET seen_at = seen_at - interval '10 days' WHERE account_id = $1",
        &[&ana.id],
    )
    .await
    .expect("aged");
    sql.execute(
        "INSERT INTO account.session (id, account_id, chain_key, created_at, seen_at, expires_at)
         SELECT gen_random_uuid(), $1, 'x', at, at, at + interval '30 days'
         FROM generate_series(1, 99) i, LATERAL (
             SELECT shared.real_now() - i * interval '1 hour' AS at) t",
        &[&ana.id],
    )
    .await
    .expect("sessions");
    let living = async || -> i64 {
        sql.query_one(
            "SELECT count(*) FROM account.session WHERE account_id = $1 AND revoked_at IS NULL",
            &[&ana.id],
        )
        .await
        .expect("a count")
        .get(0)
    };
    assert_eq!(living().await, 100);
    let first = ana.clone();
    let mut second = ana.clone();
    second.sign_in().await;
    assert_eq!(living().await, 100);
    app.stranger()
        .post(
            "/v1/sessions/refresh",
            json!({"refresh_token": first.refresh_token}),
        )
        .await
        .expect_problem(401, "invalid_refresh_token");

    // Of sessions whose tokens are over anyway nobody has to be told.
    let all = second.delete("/v1/sessions").await;
    assert_eq!(all.status, 204, "{all:?}");
    assert_eq!(living().await, 0);
    let told: i64 = sql
        .query_one(
            "SELECT count(*) FROM shared.revocation r JOIN account.session s ON s.id = r.session_id
             WHERE s.account_id = $1",
            &[&ana.id],
        )
        .await
        .expect("a count")
        .get(0);
    assert_eq!(told, 1);
    ana.sign_in().await;
    ana.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn many_new_devices_are_no_flood_of_letters() {
    let app = shared();
    let ana = app.someone("Ana").await;
    for device in ["one", "two", "three"] {
        let body = json!({"identifier": ana.username, "password": PASSWORD});
        let request = app.stranger().request(Method::POST, "/v1/sessions");
        send(request.header("user-agent", device).json(&body))
            .await
            .expect(201);
    }
    let row = app
        .sql()
        .await
        .query_one(
            "SELECT count(*), count(data->>'channel') FROM account.outbox
             WHERE subject = $1 AND kind = 'account.signed_in_from_new_device'",
            &[&ana.id],
        )
        .await
        .expect("events");
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (3, 1));
    mail::told(app, &ana.email(), "new_device").await;
}

#[tokio::test]
async fn fifty_devices_are_remembered() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let sql = app.sql().await;
    sql.execute(
        "INSERT INTO account.known_device (account_id, name, network, first_seen_at, last_seen_at)
         SELECT $1, 'old ' || i, 'ipv4', at, at
         FROM generate_series(1, 60) i, LATERAL (SELECT shared.real_now() - i * interval '1 day' AS at) t",
        &[&ana.id],
    )
    .await
    .expect("devices");
    let body = json!({"identifier": ana.username, "password": PASSWORD});
    let request = app.stranger().request(Method::POST, "/v1/sessions");
    send(request.header("user-agent", "brand-new").json(&body))
        .await
        .expect(201);
    let row = sql
        .query_one(
            "SELECT count(*), bool_or(name = 'brand-new'), bool_or(name = 'old 60')
             FROM account.known_device WHERE account_id = $1",
            &[&ana.id],
        )
        .await
        .expect("devices");
    assert_eq!(row.get::<_, i64>(0), 50);
    assert!(row.get::<_, bool>(1) && !row.get::<_, bool>(2));
}

#[tokio::test]
async fn what_strangers_make_grow_in_the_log_goes_after_ninety_days() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let sql = app.sql().await;
    sql.execute(
        "INSERT INTO account.audit (at, account_id, action, facts)
         SELECT shared.real_now() - d * interval '1 day', $1, a, '{\"old\": true}'
         FROM unnest('{login_failed,confirmation_failed,login_locked,refresh_reuse,exported}'::text[]) a,
              unnest('{80,100}'::integer[]) d",
        &[&ana.id],
    )
    .await
    .expect("entries");
    sql.execute("SELECT account.tidy()", &[])
        .await
        .expect("tidied");
    let left = sql
        .query(
            "SELECT action FROM account.audit
             WHERE account_id = $1 AND facts ? 'old' AND at < shared.real_now() - interval '90 days'",
            &[&ana.id],
        )
        .await
        .expect("entries");
    let left: Vec<String> = left.iter().map(|row| row.get(0)).collect();
    assert_eq!(left, ["exported"]);
    let kept: i64 = sql
        .query_one(
            "SELECT count(*) FROM account.audit WHERE account_id = $1 AND facts ? 'old'",
            &[&ana.id],
        )
        .await
        .expect("a count")
        .get(0);
    assert_eq!(kept, 6);
}

fn grant(app: &App, account: &str) -> Result<String, String> {
    let output = Command::new(cli())
        .args(["admin", "grant", account, "moderator"])
        .args(["--database-url", &app.database])
        .current_dir(root())
        .output()
        .expect("stoa admin runs");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let all = said(&output.stdout) + &said(&output.stderr);
    if output.status.success() {
        Ok(all)
    } else {
        Err(all)
    }
}

#[tokio::test]
async fn an_address_that_nobody_has_verified_makes_nobody_a_moderator() {
    let app = shared();
    let email = mail::address();
    let eve = mail::newcomer(app, "Eve", &email).await;
    let refused = grant(app, &email).expect_err("anybody could have registered it");
    assert!(refused.contains("verified"), "{refused}");

    let ana = app.someone("Ana").await;
    let granted = grant(app, &ana.email()).expect("it is hers");
    assert!(
        granted.contains("Ana") && granted.contains(&ana.id.to_string()),
        "{granted}"
    );
    grant(app, &eve.id.to_string()).expect("by the id it is meant");

    let gone = app.someone("Gone").await;
    let erased = send(
        gone.request(Method::DELETE, "/v1/me")
            .json(&json!({"password": PASSWORD})),
    )
    .await;
    assert_eq!(erased.status, 204, "{erased:?}");
    grant(app, &gone.id.to_string()).expect_err("nobody is there");
}
