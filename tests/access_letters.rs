//! What an owner is told when the ways into their account change. Of linked issuers see `oidc`, of administrators
//! `lost_second_factors`.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::second_factor::authenticator::{forget_steps, set_up};
use crate::support::actor::{PASSWORD, send};
use crate::support::app::{App, shared, text};
use crate::support::{Actor, mail, until};

/// What the events of an account say that has changed, in order.
pub async fn changes(app: &App, actor: &Actor) -> Vec<Value> {
    app.sql()
        .await
        .query(
            "SELECT data::text FROM account.outbox
             WHERE subject = $1 AND kind = 'account.access_changed' ORDER BY seq",
            &[&actor.id],
        )
        .await
        .expect("events")
        .iter()
        .map(|row| serde_json::from_str(row.get(0)).expect("JSON"))
        .collect()
}

#[tokio::test]
async fn whoever_has_a_verified_address_hears_of_a_second_factor_and_of_its_end() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (authenticator, codes) = set_up(&ana).await;
    let on = mail::told(app, &ana.email(), "second_factor_on").await;
    assert_eq!(on["subject"], "A second factor was switched on");
    assert!(text(&on["link"]).ends_with("/forgot-password"), "{on}");
    assert!(on["token"].is_null() && on["code"].is_null(), "{on}");
    for code in &codes {
        assert!(!on.to_string().contains(code.as_str()), "{on}");
    }

    // What fails is not told.
    let path = "/v1/me/totp";
    let body = |code: &str| json!({"password": PASSWORD, "code": code});
    let wrong = authenticator.wrong();
    send(ana.request(Method::DELETE, path).json(&body(&wrong)))
        .await
        .expect_problem(403, "wrong_code");
    forget_steps(app, &ana).await;
    let right = authenticator.code(0);
    let removed = send(ana.request(Method::DELETE, path).json(&body(&right))).await;
    assert_eq!(removed.status, 204, "{removed:?}");
    let off = mail::told(app, &ana.email(), "second_factor_off").await;
    assert!(text(&off["text"]).contains("with the password and a code"));
    let told: Vec<Value> = changes(app, &ana)
        .await
        .iter()
        .map(|it| it["change"].clone())
        .collect();
    assert_eq!(told, ["second_factor_on", "second_factor_off"]);
}

#[tokio::test]
async fn a_key_for_programs_is_told_by_its_beginning_and_never_by_its_name() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let name = "Call 555 0100 at once";
    let body = json!({"name": name, "scopes": ["read"], "password": PASSWORD});
    let key = ana.post("/v1/me/api-keys", body).await.expect(201);
    let letter = mail::told(app, &ana.email(), "api_key_made").await;
    let said = text(&letter["text"]);
    assert!(said.contains(text(&key["prefix"])), "{letter}");
    let all = letter.to_string();
    assert!(
        !all.contains(name) && !all.contains(text(&key["key"])),
        "{all}"
    );

    // The address is in the event only until the letter is made.
    until("it is gone", Duration::from_secs(10), || async {
        let told = changes(app, &ana).await;
        assert_eq!(told.len(), 1);
        let event = told.first()?;
        assert!(!event.to_string().contains(&ana.email()), "{event}");
        (event["name"] == key["prefix"] && event["sealed"].is_null()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn whoever_makes_many_keys_gets_few_letters() {
    let app = shared();
    let ana = app.someone("Ana").await;
    for _ in 0..3 {
        crate::api_keys::make(&ana, &["read"]).await;
    }
    app.events_settled().await;
    // Of the first one: one a minute at most, as of any messages.
    mail::told(app, &ana.email(), "api_key_made").await;
    assert_eq!(changes(app, &ana).await.len(), 3);
}

#[tokio::test]
async fn whoever_has_no_verified_address_makes_a_key_all_the_same() {
    let app = shared();
    let mut nina = Actor::newcomer(app, "Nina").await;
    nina.sign_in().await;
    crate::api_keys::make(&nina, &["read"]).await;
    let told = changes(app, &nina).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["channel"], Value::Null, "{told:?}");
    app.events_settled().await;
    let letters: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT count(*) FROM notification.message WHERE account_id = $1",
            &[&nina.id],
        )
        .await
        .expect("the letters")
        .get(0);
    assert_eq!(letters, 0);
}

/// Asks for another address of a channel, and verifies it.
async fn replace(app: &App, actor: &Actor, channel: &str, address: &str) {
    let body = json!({channel: address, "password": PASSWORD});
    let path = format!("/v1/me/{channel}");
    actor.put_json(&path, body).await.expect(200);
    let sent = mail::newest(app, address, 1).await;
    let proof = match &sent["code"] {
        Value::String(code) => json!({"channel": channel, "code": code}),
        _ => json!({"token": sent["token"]}),
    };
    let reply = actor.post("/v1/verifications", proof).await;
    assert_eq!(reply.status, 204, "{reply:?}");
}

#[tokio::test]
async fn the_address_that_another_one_replaces_is_told_of_it() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (old, new) = (ana.email(), mail::address());
    replace(app, &ana, "email", &new).await;
    let letter = mail::told(app, &old, "email_changed").await;
    assert_eq!(letter["subject"], "Your account has another e-mail address");
    assert!(
        text(&letter["link"]).ends_with("/forgot-password"),
        "{letter}"
    );
    assert!(!letter.to_string().contains(&new), "{letter}");
    app.events_settled().await;
    let came = mail::everything(app, &new).await;
    assert!(
        came.iter().all(|mail| mail["template"] == "verify"),
        "the new one is not told: {came:?}"
    );
    // The event names neither.
    let told = changes(app, &ana).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let event = told[0].to_string();
    assert!(!event.contains(&old) && !event.contains(&new), "{event}");
}

#[tokio::test]
async fn a_phone_that_another_one_replaces_is_told_by_sms() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (old, new) = (mail::number(), mail::number());
    // The first one takes nobody's place.
    replace(app, &ana, "phone", &old).await;
    assert_eq!(changes(app, &ana).await, Vec::<Value>::new());
    mail::age(app, &ana, &new, "61 seconds").await;
    replace(app, &ana, "phone", &new).await;
    let message = mail::told(app, &old, "phone_changed").await;
    assert_eq!(message["channel"], "sms");
    app.events_settled().await;
    for elsewhere in [&new, &ana.email()] {
        let came = mail::everything(app, elsewhere).await;
        assert!(
            came.iter().all(|it| it["template"] != "phone_changed"),
            "{came:?}"
        );
    }
}

#[tokio::test]
async fn a_change_that_is_called_off_tells_nobody() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (old, new) = (ana.email(), mail::address());
    let change = |email: &str| json!({"email": email, "password": PASSWORD});
    ana.put_json("/v1/me/email", change(&new)).await.expect(200);
    let token = mail::token(app, &new).await;
    ana.put_json("/v1/me/email", change(&old)).await.expect(200);
    ana.post("/v1/verifications", json!({"token": token}))
        .await
        .expect_problem(410, "secret_expired");
    assert_eq!(changes(app, &ana).await, Vec::<Value>::new());
}
