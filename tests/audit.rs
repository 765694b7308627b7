//! The audit log: what is in it, what is not, and who reads it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::roles::staff;
use crate::second_factor::authenticator;
use crate::support::Actor;
use crate::support::actor::{PASSWORD, send};
use crate::support::app::{shared, text};

async fn read(admin: &Actor, query: &str) -> Vec<Value> {
    let page = admin.get(&format!("/v1/audit?{query}")).await.expect(200);
    page["items"].as_array().expect("entries").clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| text(&entry["action"])).collect()
}

#[tokio::test]
async fn what_happens_to_an_account_is_in_the_log_without_its_secrets() {
    let app = shared();
    let admin = staff(app, "Ada", "admin").await;
    let bob = app.someone("Bob").await;
    let wrong = json!({"identifier": bob.username, "password": "swordfish swordfish"});
    app.stranger()
        .post("/v1/sessions", wrong)
        .await
        .expect_problem(401, "invalid_credentials");
    let (device, recovery) = authenticator::set_up(&bob).await;
    authenticator::login(&bob, &bob, Some(&device.wrong()))
        .await
        .expect_problem(401, "second_factor_wrong");
    let body = json!({"password": PASSWORD, "code": recovery[0]});
    let removed = send(bob.request(Method::DELETE, "/v1/me/totp").json(&body)).await;
    assert_eq!(removed.status, 204, "{removed:?}");
    let changed = bob
        .post(
            "/v1/me/password",
            json!({"current_password": PASSWORD, "new_password": "staple gun sandwich"}),
        )
        .await;
    assert_eq!(changed.status, 204, "{changed:?}");
    let path = format!("/v1/accounts/{}/roles", bob.id);
    admin
        .put_json(&path, json!({"roles": ["member", "moderator"]}))
        .await
        .expect(200);
    let path = format!("/v1/accounts/{}/suspension", bob.id);
    admin
        .post(&path, json!({"reason": "Testing"}))
        .await
        .expect(200);
    assert_eq!(admin.delete(&path).await.status, 204);

    let entries = read(&admin, &format!("account_id={}&limit=100", bob.id)).await;
    let known = actions(&entries);
    for action in [
        "registered",
        "login_failed",
        "second_factor_on",
        "recovery_code_used",
        "second_factor_off",
        "password_changed",
        "roles_changed",
        "suspended",
        "session_revoked",
        "suspension_ended",
    ] {
        assert!(known.contains(&action), "no {action} in {known:?}");
    }
    for entry in entries.iter().filter(|e| e["action"] == "suspended") {
        assert_eq!(entry["actor_id"], json!(admin.id));
    }
    let all = serde_json::to_string(&entries).expect("JSON");
    for secret in [
        PASSWORD,
        "swordfish",
        "staple gun",
        "argon2",
        &recovery[0],
        &bob.email(),
    ] {
        assert!(!all.contains(secret), "{secret} is in the log: {all}");
    }
    // Having read it is in it, under the one whom it was about.
    let again = read(&admin, &format!("account_id={}&action=audit_read", bob.id)).await;
    assert!(
        again
            .iter()
            .any(|entry| entry["actor_id"] == json!(admin.id)),
        "{again:?}"
    );
}

#[tokio::test]
async fn what_was_typed_in_place_of_a_name_is_not_in_the_log() {
    let app = shared();
    let admin = staff(app, "Ada", "admin").await;
    let typed = format!(
        "hunter-{}",
        &uuid::Uuid::new_v4().simple().to_string()[..12]
    );
    let stranger = app.stranger();
    for _ in 0..11 {
        stranger
            .post(
                "/v1/sessions",
                json!({"identifier": typed, "password": "whatever it is"}),
            )
            .await;
    }
    let mut all = read(&admin, "action=login_failed&limit=100").await;
    all.extend(read(&admin, "action=login_locked&limit=100").await);
    let nobody = all.iter().filter(|entry| entry["account_id"].is_null());
    assert!(nobody.count() >= 2, "{all:?}");
    assert!(!serde_json::to_string(&all).expect("JSON").contains(&typed));
}

#[tokio::test]
async fn the_log_is_read_by_administrators_page_by_page() {
    let app = shared();
    let admin = staff(app, "Ada", "admin").await;
    let bob = app.someone("Bob").await;
    let moderator = staff(app, "Mona", "moderator").await;
    for actor in [&bob, &moderator] {
        actor
            .get("/v1/audit")
            .await
            .expect_problem(403, "forbidden");
    }
    for query in ["account_id=x", "action=", "action=A", "action=%00"] {
        admin
            .get(&format!("/v1/audit?{query}"))
            .await
            .expect_problem(422, "validation_failed");
    }
    let path = format!("/v1/accounts/{}/roles", bob.id);
    for roles in [json!(["member", "moderator"]), json!(["member"])] {
        admin
            .put_json(&path, json!({"roles": roles}))
            .await
            .expect(200);
    }
    let filter = format!("account_id={}&action=roles_changed&limit=1", bob.id);
    let first = admin.get(&format!("/v1/audit?{filter}")).await.expect(200);
    assert_eq!(first["items"][0]["facts"]["to"], json!(["member"]));
    let cursor = text(&first["next_cursor"]);
    let second = admin
        .get(&format!("/v1/audit?{filter}&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(second["items"][0]["facts"]["from"], json!(["member"]));
    assert!(second["next_cursor"].is_null(), "{second}");
}

#[tokio::test]
async fn nobody_changes_the_log_not_even_the_module() {
    let app = shared();
    let sql = app.module_sql("account").await;
    for statement in [
        "UPDATE account.audit SET actor_id = NULL",
        "DELETE FROM account.audit WHERE action <> 'login_failed'",
        "TRUNCATE account.audit",
    ] {
        assert!(sql.execute(statement, &[]).await.is_err(), "{statement}");
    }
}
