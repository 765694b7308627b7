//! Second factors that were lost, and administrators who take them away.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::stops_working;
use crate::roles::staff;
use crate::second_factor::authenticator::{login, set_up};
use crate::support::actor::send;
use crate::support::app::{App, shared, text};
use crate::support::{Actor, Reply, mail};

async fn take_away(by: &Actor, from: Uuid, body: &Value) -> Reply {
    let path = format!("/v1/accounts/{from}/totp");
    send(by.request(Method::DELETE, &path).json(body)).await
}

fn why() -> Value {
    json!({"reason": "Showed her passport."})
}

/// What the audit log has of it.
async fn logged(app: &App, account: Uuid) -> Vec<(Uuid, Value)> {
    app.sql()
        .await
        .query(
            "SELECT actor_id, facts::text FROM account.audit
             WHERE account_id = $1 AND action = 'second_factor_taken_away'",
            &[&account],
        )
        .await
        .expect("the log")
        .iter()
        .map(|row| {
            let facts: String = row.get(1);
            (row.get(0), serde_json::from_str(&facts).expect("JSON"))
        })
        .collect()
}

#[tokio::test]
async fn an_administrator_takes_a_lost_one_away_and_the_owner_is_told() {
    let app = shared();
    let admin = staff(app, "Ada", "admin").await;
    let ana = app.someone("Ana").await;
    let (_, codes) = set_up(&ana).await;
    login(&ana, &ana, None)
        .await
        .expect_problem(401, "second_factor_required");

    let taken = take_away(&admin, ana.id, &why()).await;
    assert_eq!(taken.status, 204, "{taken:?}");
    stops_working(&ana).await;
    app.stranger()
        .post(
            "/v1/sessions/refresh",
            json!({"refresh_token": ana.refresh_token}),
        )
        .await
        .expect_problem(401, "invalid_refresh_token");
    let mut ana = ana;
    ana.sign_in().await;
    let standing = ana.get("/v1/me/totp").await.expect(200);
    assert_eq!(
        (&standing["enabled"], &standing["recovery_codes_left"]),
        (&json!(false), &json!(0))
    );
    login(&ana, &ana, Some(&codes[0])).await.expect(201);

    assert_eq!(logged(app, ana.id).await, [(admin.id, why())]);
    let letter = mail::told(app, &ana.email(), "second_factor_taken_away").await;
    assert!(text(&letter["text"]).contains("An administrator"));
    assert!(!letter.to_string().contains("passport"), "{letter}");
    // There is none left to take; another one may be set up.
    take_away(&admin, ana.id, &why())
        .await
        .expect_problem(409, "second_factor_off");
    set_up(&ana).await;
}

#[tokio::test]
async fn nobody_else_does_and_an_administrator_not_to_themselves() {
    let app = shared();
    let admin = staff(app, "Ada", "admin").await;
    let moderator = staff(app, "Mona", "moderator").await;
    let ana = app.someone("Ana").await;
    for actor in [&ana, &admin] {
        set_up(actor).await;
    }
    for actor in [&ana, &moderator] {
        take_away(actor, ana.id, &why())
            .await
            .expect_problem(403, "forbidden");
    }
    take_away(&app.stranger(), ana.id, &why())
        .await
        .expect_problem(401, "unauthenticated");
    take_away(&admin, admin.id, &why())
        .await
        .expect_problem(422, "own_account");
    take_away(&admin, Uuid::now_v7(), &why())
        .await
        .expect_problem(404, "not_found");
    for body in [
        json!({}),
        json!({"reason": ""}),
        json!({"reason": "x".repeat(1001)}),
        json!({"reason": "x", "code": "123456"}),
    ] {
        take_away(&admin, ana.id, &body)
            .await
            .expect_problem(422, "validation_failed");
    }
    // A program is no administrator, whoever made its key.
    let other = staff(app, "Eve", "admin").await;
    let key = crate::api_keys::make(&other, &["write"]).await;
    let program = crate::api_keys::program(app, &key).await;
    take_away(&program, ana.id, &why())
        .await
        .expect_problem(403, "forbidden");

    for actor in [&ana, &admin] {
        login(actor, actor, None)
            .await
            .expect_problem(401, "second_factor_required");
        assert!(logged(app, actor.id).await.is_empty());
    }
}

#[tokio::test]
async fn of_two_administrators_at_once_one_takes_it() {
    let app = shared();
    let (ada, eve) = (
        staff(app, "Ada", "admin").await,
        staff(app, "Eve", "admin").await,
    );
    let ana = app.someone("Ana").await;
    set_up(&ana).await;
    let why = why();
    let (one, other) = tokio::join!(take_away(&ada, ana.id, &why), take_away(&eve, ana.id, &why));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409], "{one:?} {other:?}");
    assert_eq!(logged(app, ana.id).await.len(), 1);
    mail::told(app, &ana.email(), "second_factor_taken_away").await;
}
