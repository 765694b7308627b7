//! What a way in by an issuer must not be good for: guessing codes, and staying in.

use serde_json::json;
use uuid::Uuid;

use super::{Shop, answer, begin, finish, link, shop, sign_in};
use crate::emulators::oidc::Person;
use crate::second_factor::authenticator::{forget_steps, set_up};
use crate::support::actor::PASSWORD;
use crate::support::app::text;
use crate::support::{Actor, mail};

const NEW: &str = "staple gun sandwich";

#[tokio::test]
async fn whoever_is_locked_out_guesses_no_codes_by_way_of_an_issuer() {
    let Shop { app, acme, .. } = shop();
    let owner = app.someone("Owner").await;
    let person = Person::new("Owner");
    link(&owner, acme, &person).await.expect(200);
    let (authenticator, _) = set_up(&owner).await;
    forget_steps(app, &owner).await;

    // A thief of the issuer's account locks their own address, and then guesses.
    let thief = app.stranger();
    for _ in 0..30 {
        let nobody = Uuid::new_v4().simple().to_string();
        let body = json!({"identifier": format!("n-{}", &nobody[..12]), "password": PASSWORD});
        thief
            .post("/v1/sessions", body)
            .await
            .expect_problem(401, "invalid_credentials");
    }
    let begun = begin(&thief, "acme", json!({})).await;
    let mut body = answer(acme, &begun, &person);
    for _ in 0..11 {
        body["second_factor"] = json!(authenticator.wrong());
        finish(&thief, "acme", &body)
            .await
            .expect_problem(429, "too_many_logins");
    }
    body["second_factor"] = json!(authenticator.code(0));
    finish(&thief, "acme", &body)
        .await
        .expect_problem(429, "too_many_logins");
    // They were counted all the same: from another address the codes are locked too.
    let elsewhere = app.stranger();
    finish(&elsewhere, "acme", &body)
        .await
        .expect_problem(429, "too_many_logins");
    let forgotten = app
        .sql()
        .await
        .execute(
            "DELETE FROM account.login_failure WHERE scope = 'code:' || $1",
            &[&owner.id.to_string()],
        )
        .await
        .expect("forgotten");
    assert_eq!(forgotten, 10);
    forget_steps(app, &owner).await;
    body["second_factor"] = json!(authenticator.code(0));
    finish(&thief, "acme", &body)
        .await
        .expect_problem(429, "too_many_logins");
    finish(&elsewhere, "acme", &body).await.expect(201);
}

async fn linked(actor: &Actor) -> usize {
    let listed = actor.get("/v1/me/identities").await.expect(200);
    listed.as_array().expect("identities").len()
}

#[tokio::test]
async fn a_link_that_a_thief_began_does_not_outlive_a_new_password() {
    let Shop { app, acme, .. } = shop();
    let owner = app.someone("Owner").await;
    let thief = owner.clone();
    let begun = begin(&thief, "acme", json!({"link": true, "password": PASSWORD})).await;
    let changed = owner
        .post(
            "/v1/me/password",
            json!({"current_password": PASSWORD, "new_password": NEW}),
        )
        .await;
    assert_eq!(changed.status, 204, "{changed:?}");
    finish(&thief, "acme", &answer(acme, &begun, &Person::new("Thief")))
        .await
        .expect_problem(410, "oidc_over");
    assert_eq!(linked(&owner).await, 0);
}

#[tokio::test]
async fn a_reset_unlinks_the_issuers_and_a_changed_password_does_not() {
    let Shop { app, acme, .. } = shop();
    let mut owner = app.someone("Owner").await;
    let person = Person::new("Thief");
    link(&owner, acme, &person).await.expect(200);
    owner
        .post(
            "/v1/me/password",
            json!({"current_password": PASSWORD, "new_password": NEW}),
        )
        .await;
    assert_eq!(linked(&owner).await, 1);

    let stranger = app.stranger();
    let asked = stranger
        .post("/v1/password-resets", json!({"identifier": owner.username}))
        .await;
    assert_eq!(asked.status, 202, "{asked:?}");
    let token = mail::token(app, &owner.email()).await;
    let reset = stranger
        .post(
            "/v1/password-resets/confirm",
            json!({"token": token, "new_password": PASSWORD}),
        )
        .await;
    assert_eq!(reset.status, 204, "{reset:?}");
    owner.sign_in().await;
    assert_eq!(linked(&owner).await, 0);
    let session = sign_in(&stranger, "acme", acme, &person).await.expect(201);
    assert_ne!(session["account"]["id"], json!(owner.id));
}

#[tokio::test]
async fn whoever_can_be_told_of_nothing_links_no_issuer() {
    let Shop { app, .. } = shop();
    let mut una = Actor::newcomer(app, "Una").await;
    una.sign_in().await;
    una.post(
        "/v1/oidc/acme/begin",
        json!({"link": true, "password": PASSWORD}),
    )
    .await
    .expect_problem(403, "address_unverified");
}

#[tokio::test]
async fn a_password_needs_a_name_to_be_given_with() {
    let Shop { app, acme, .. } = shop();
    let mut person = Person::new("Nameless");
    person.email_verified = false;
    let session = sign_in(&app.stranger(), "acme", acme, &person)
        .await
        .expect(201);
    app.stranger()
        .with_token(text(&session["access_token"]))
        .post(
            "/v1/me/password",
            json!({"current_password": "-", "new_password": NEW}),
        )
        .await
        .expect_problem(409, "missing_identifier");
}
