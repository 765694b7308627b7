//! Roles and suspensions: who may give them, and from when on they count.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::stops_working;
use crate::support::actor::PASSWORD;
use crate::support::app::{App, shared, text};
use crate::support::{Actor, Reply};

/// Somebody with a role, signed in with it.
pub async fn staff(app: &App, name: &str, role: &str) -> Actor {
    let mut actor = app.someone(name).await;
    app.grant(&actor, role).await;
    actor.sign_in().await;
    actor
}

fn roles(actor: &Actor) -> String {
    format!("/v1/accounts/{}/roles", actor.id)
}

fn suspension(actor: &Actor) -> String {
    format!("/v1/accounts/{}/suspension", actor.id)
}

async fn login(app: &App, actor: &Actor) -> Reply {
    app.stranger()
        .post(
            "/v1/sessions",
            json!({"identifier": actor.username, "password": PASSWORD}),
        )
        .await
}

#[tokio::test]
async fn only_an_administrator_gives_roles_and_a_lost_one_ends_the_sessions() {
    let app = shared();
    let admin = staff(app, "Ada", "admin").await;
    let moderator = staff(app, "Mona", "moderator").await;
    let mut bob = app.someone("Bob").await;
    for actor in [&bob, &moderator] {
        actor
            .get(&roles(&bob))
            .await
            .expect_problem(403, "forbidden");
        actor
            .put_json(&roles(&bob), json!({"roles": ["member", "admin"]}))
            .await
            .expect_problem(403, "forbidden");
    }
    assert_eq!(
        admin.get(&roles(&bob)).await.expect(200),
        json!({"account_id": bob.id, "roles": ["member"]})
    );
    let given = admin
        .put_json(&roles(&bob), json!({"roles": ["moderator", "member"]}))
        .await
        .expect(200);
    assert_eq!(given["roles"], json!(["member", "moderator"]));
    // A role more ends nothing; it is in the next token.
    bob.get("/v1/me").await.expect(200);
    let someone = app.someone("Someone").await;
    bob.post(&suspension(&someone), json!({"reason": "x"}))
        .await
        .expect_problem(403, "forbidden");
    bob.sign_in().await;
    bob.post(&suspension(&someone), json!({"reason": "x"}))
        .await
        .expect(200);

    admin
        .put_json(&roles(&bob), json!({"roles": ["member"]}))
        .await
        .expect(200);
    stops_working(&bob).await;
    login(app, &bob).await.expect(201);

    for (body, status, code) in [
        (json!({"roles": ["moderator"]}), 422, "validation_failed"),
        (json!({"roles": []}), 422, "validation_failed"),
        (
            json!({"roles": ["member", "king"]}),
            422,
            "validation_failed",
        ),
    ] {
        admin
            .put_json(&roles(&bob), body)
            .await
            .expect_problem(status, code);
    }
    admin
        .put_json(&roles(&admin), json!({"roles": ["member"]}))
        .await
        .expect_problem(422, "own_account");
    let nobody = format!("/v1/accounts/{}/roles", Uuid::now_v7());
    admin.get(&nobody).await.expect_problem(404, "not_found");
    admin
        .put_json(&nobody, json!({"roles": ["member"]}))
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn of_two_administrators_who_depose_each_other_one_stays() {
    let app = shared();
    let (ada, eve) = (
        staff(app, "Ada", "admin").await,
        staff(app, "Eve", "admin").await,
    );
    let member = json!({"roles": ["member"]});
    let (to_eve, to_ada) = (roles(&eve), roles(&ada));
    let (one, other) = tokio::join!(
        ada.put_json(&to_eve, member.clone()),
        eve.put_json(&to_ada, member.clone())
    );
    let done = [&one, &other].iter().filter(|r| r.status == 200).count();
    assert_eq!(done, 1, "{one:?} {other:?}");
    let left: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT count(*) FROM account.account WHERE id = ANY ($1) AND 'admin' = ANY (roles)",
            &[&vec![ada.id, eve.id]],
        )
        .await
        .expect("roles")
        .get(0);
    assert_eq!(left, 1);
}

#[tokio::test]
async fn a_suspended_account_is_out_at_once_and_reads_why() {
    let app = shared();
    let moderator = staff(app, "Mona", "moderator").await;
    let bob = app.someone("Bob").await;
    bob.post(&suspension(&moderator), json!({"reason": "Revenge"}))
        .await
        .expect_problem(403, "forbidden");
    let until = "2999-01-01T00:00:00.000Z";
    let why = json!({"reason": "Sold counterfeits.", "until": until});
    let suspended = moderator
        .post(&suspension(&bob), why.clone())
        .await
        .expect(200);
    assert_eq!(
        (
            &suspended["reason"],
            &suspended["until"],
            &suspended["suspended_by"]
        ),
        (&why["reason"], &why["until"], &json!(moderator.id))
    );
    // Again: the same, and nothing more is told.
    moderator
        .post(&suspension(&bob), why.clone())
        .await
        .expect(200);

    stops_working(&bob).await;
    app.stranger()
        .post(
            "/v1/sessions/refresh",
            json!({"refresh_token": bob.refresh_token}),
        )
        .await
        .expect_problem(401, "invalid_refresh_token");
    let refused = login(app, &bob).await;
    refused.expect_problem(403, "account_suspended");
    assert_eq!(
        (&refused.body["reason"], &refused.body["until"]),
        (&why["reason"], &why["until"])
    );
    // Whoever does not know the password learns nothing.
    app.stranger()
        .post(
            "/v1/sessions",
            json!({"identifier": bob.username, "password": "another one"}),
        )
        .await
        .expect_problem(401, "invalid_credentials");
    let told: Vec<Value> = app
        .sql()
        .await
        .query(
            "SELECT data::text FROM account.outbox WHERE subject = $1 AND kind = 'account.suspended'",
            &[&bob.id],
        )
        .await
        .expect("events")
        .iter()
        .map(|row| serde_json::from_str(row.get(0)).expect("JSON"))
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(text(&told[0]["until"]), until);

    for _ in 0..2 {
        assert_eq!(moderator.delete(&suspension(&bob)).await.status, 204);
    }
    login(app, &bob).await.expect(201);
}

#[tokio::test]
async fn a_suspension_ends_by_itself_when_its_time_has_come() {
    let app = shared();
    let moderator = staff(app, "Mona", "moderator").await;
    let bob = app.someone("Bob").await;
    let path = suspension(&bob);
    moderator
        .post(
            &path,
            json!({"reason": "Yesterday", "until": "2020-01-01T00:00:00Z"}),
        )
        .await
        .expect_problem(422, "validation_failed");
    moderator
        .post(
            &path,
            json!({"reason": "A day", "until": "2999-01-01T00:00:00Z"}),
        )
        .await
        .expect(200);
    login(app, &bob)
        .await
        .expect_problem(403, "account_suspended");
    let sql = app.sql().await;
    sql.execute(
        "UPDATE account.account SET suspended_until = shared.real_now() - interval '1 second' WHERE id = $1",
        &[&bob.id],
    )
    .await
    .expect("a day has passed");
    login(app, &bob).await.expect(201);
    sql.execute("SELECT account.tidy()", &[])
        .await
        .expect("tidied");
    let status: String = sql
        .query_one(
            "SELECT status FROM account.account WHERE id = $1",
            &[&bob.id],
        )
        .await
        .expect("bob")
        .get(0);
    assert_eq!(status, "active");
    // That nobody did it is in the log too.
    let ended = app
        .sql()
        .await
        .query(
            "SELECT actor_id FROM account.audit WHERE account_id = $1 AND action = 'suspension_ended'",
            &[&bob.id],
        )
        .await
        .expect("entries");
    let actors: Vec<Option<Uuid>> = ended.iter().map(|row| row.get(0)).collect();
    assert_eq!(actors, [None]);
}

#[tokio::test]
async fn moderators_do_not_suspend_staff_and_nobody_themselves() {
    let app = shared();
    let admin = staff(app, "Ada", "admin").await;
    let mona = staff(app, "Mona", "moderator").await;
    let max = staff(app, "Max", "moderator").await;
    let why = || json!({"reason": "Because"});
    for target in [&max, &admin] {
        mona.post(&suspension(target), why())
            .await
            .expect_problem(403, "forbidden");
        mona.delete(&suspension(target))
            .await
            .expect_problem(403, "forbidden");
    }
    for actor in [&mona, &admin] {
        actor
            .post(&suspension(actor), why())
            .await
            .expect_problem(422, "own_account");
    }
    admin.post(&suspension(&max), why()).await.expect(200);
    stops_working(&max).await;
    let nobody = format!("/v1/accounts/{}/suspension", Uuid::now_v7());
    mona.post(&nobody, why())
        .await
        .expect_problem(404, "not_found");
}
