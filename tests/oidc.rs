//! Signing in by way of an issuer of OpenID Connect, against one that signs real tokens and misbehaves.

mod guards;

use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

use crate::access_letters::changes;
use crate::emulators::Fault;
use crate::emulators::oidc::{Issuer, Person, Wrong};
use crate::second_factor::authenticator::{forget_steps, set_up};
use crate::support::actor::PASSWORD;
use crate::support::app::{App, text};
use crate::support::{Actor, Reply, mail, until};

/// An app, and the issuers that it knows.
struct Shop {
    app: App,
    /// `acme` signs with Ed25519, `rsa` with RSA; `odd` is told to misbehave.
    acme: Issuer,
    rsa: Issuer,
    odd: Issuer,
}

fn shop() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| {
        let (acme, rsa, odd) = (Issuer::start(), Issuer::start_with_rsa(), Issuer::start());
        let providers = json!([
            acme.configuration("acme"),
            rsa.configuration("rsa"),
            odd.configuration("odd"),
        ])
        .to_string();
        let app = App::with_variables(
            "oidc",
            &[
                ("oidc_providers", &providers),
                ("oidc_host_a", &acme.url),
                ("oidc_host_b", &rsa.url),
                ("oidc_host_c", &odd.url),
            ],
            &[],
        );
        Shop {
            app,
            acme,
            rsa,
            odd,
        }
    })
}

async fn begin(actor: &Actor, provider: &str, body: Value) -> Value {
    actor
        .post(&format!("/v1/oidc/{provider}/begin"), body)
        .await
        .expect(201)
}

/// What the client sends when the issuer has sent somebody back to it.
fn answer(issuer: &Issuer, begun: &Value, person: &Person) -> Value {
    let (code, state) = issuer.sign_in(text(&begun["authorization_url"]), person);
    assert_eq!(state, text(&begun["state"]));
    json!({"code": code, "state": state, "binding": begun["binding"]})
}

async fn finish(actor: &Actor, provider: &str, body: &Value) -> Reply {
    actor
        .post(&format!("/v1/oidc/{provider}/finish"), body.clone())
        .await
}

async fn sign_in(actor: &Actor, provider: &str, issuer: &Issuer, person: &Person) -> Reply {
    let begun = begin(actor, provider, json!({"country": "VN", "locale": "en"})).await;
    finish(actor, provider, &answer(issuer, &begun, person)).await
}

async fn link(actor: &Actor, issuer: &Issuer, person: &Person) -> Reply {
    let begun = begin(actor, "acme", json!({"link": true, "password": PASSWORD})).await;
    finish(actor, "acme", &answer(issuer, &begun, person)).await
}

async fn accounts_with(app: &App, person: &Person) -> i64 {
    app.sql()
        .await
        .query_one(
            "SELECT count(*) FROM account.identity WHERE subject = $1",
            &[&person.subject],
        )
        .await
        .expect("a count")
        .get(0)
}

#[tokio::test]
async fn whoever_is_new_gets_an_account_and_comes_back_to_it() {
    let Shop { app, acme, rsa, .. } = shop();
    for (provider, issuer) in [("acme", acme), ("rsa", rsa)] {
        let person = Person::new("Lan");
        let stranger = app.stranger();
        let first = sign_in(&stranger, provider, issuer, &person)
            .await
            .expect(201);
        let account = &first["account"];
        assert_eq!(account["name"], "Lan");
        assert_eq!(account["email"], json!(person.email));
        assert_eq!(account["email_verified"], true);
        assert_eq!(
            (&account["country"], &account["locale"]),
            (&json!("VN"), &json!("en"))
        );
        let again = sign_in(&stranger, provider, issuer, &person)
            .await
            .expect(201);
        assert_eq!(again["account"]["id"], account["id"]);
        let lan = stranger.with_token(text(&again["access_token"]));
        lan.get("/v1/me").await.expect(200);
        let listed = lan.get("/v1/me/identities").await.expect(200);
        assert_eq!(listed.as_array().map(Vec::len), Some(1));
        assert_eq!(listed[0]["provider"], provider);
        assert_eq!(listed[0]["issuer"], issuer.url);

        // Without a password it is the only way in.
        let path = format!("/v1/me/identities/{}", text(&listed[0]["id"]));
        lan.delete(&path).await.expect_problem(409, "last_way_in");
        let changed = lan
            .post(
                "/v1/me/password",
                json!({"current_password": "-", "new_password": PASSWORD}),
            )
            .await;
        assert_eq!(changed.status, 204, "{changed:?}");
        assert_eq!(lan.delete(&path).await.status, 204);
        lan.delete(&path).await.expect_problem(404, "not_found");
        stranger
            .post(
                "/v1/sessions",
                json!({"identifier": person.email, "password": PASSWORD}),
            )
            .await
            .expect(201);
    }
}

#[tokio::test]
async fn whoever_has_no_password_shows_who_they_are_by_a_new_session() {
    let Shop { app, acme, .. } = shop();
    let person = Person::new("Old");
    let session = sign_in(&app.stranger(), "acme", acme, &person)
        .await
        .expect(201);
    let old = app.stranger().with_token(text(&session["access_token"]));
    app.sql()
        .await
        .execute(
            "UPDATE account.session SET created_at = created_at - interval '11 minutes'
             WHERE account_id = $1::text::uuid",
            &[&text(&session["account"]["id"])],
        )
        .await
        .expect("aged");
    old.post("/v1/me/totp", json!({"password": "-"}))
        .await
        .expect_problem(403, "sign_in_again");
    let session = sign_in(&app.stranger(), "acme", acme, &person)
        .await
        .expect(201);
    old.with_token(text(&session["access_token"]))
        .post("/v1/me/totp", json!({"password": "-"}))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_token_with_anything_wrong_opens_nothing() {
    let Shop { app, odd, .. } = shop();
    let stranger = app.stranger();
    for (wrong, reason) in [
        (Wrong::Nonce, "nonce"),
        (Wrong::NoNonce, "nonce"),
        (Wrong::Audience, "audience"),
        (Wrong::AuthorizedParty, "audience"),
        (Wrong::Issuer, "issuer"),
        (Wrong::Expired, "time"),
        (Wrong::FromTheFuture, "time"),
        (Wrong::Unsigned, "algorithm"),
        (Wrong::Confused, "algorithm"),
        (Wrong::OtherKey, "signature"),
        (Wrong::NoToken, "malformed"),
        (Wrong::Refuses, "code"),
    ] {
        odd.is_wrong(wrong);
        let person = Person::new("Eve");
        let reply = sign_in(&stranger, "odd", odd, &person).await;
        reply.expect_problem(401, "oidc_refused");
        assert_eq!(reply.body["reason"], reason, "{wrong:?}");
        assert_eq!(accounts_with(app, &person).await, 0);
    }
    odd.is_wrong(Wrong::Nothing);
    sign_in(&stranger, "odd", odd, &Person::new("Ada"))
        .await
        .expect(201);

    // A key that is not there is looked for once a minute, however many tokens name it.
    let asked = odd.was_asked("keys");
    odd.rotate("second");
    sign_in(&stranger, "odd", odd, &Person::new("Ada"))
        .await
        .expect(201);
    assert_eq!(odd.was_asked("keys"), asked + 1);
    odd.is_wrong(Wrong::UnknownKey);
    for _ in 0..3 {
        let reply = sign_in(&stranger, "odd", odd, &Person::new("Eve")).await;
        assert_eq!((reply.status, &reply.body["reason"]), (401, &json!("key")));
    }
    assert_eq!(odd.was_asked("keys"), asked + 1);
    odd.is_wrong(Wrong::Nothing);

    // One that does not answer.
    let begun = begin(&stranger, "odd", json!({})).await;
    let body = answer(odd, &begun, &Person::new("Ada"));
    odd.faults.next(&[Fault::Silent]);
    finish(&stranger, "odd", &body)
        .await
        .expect_problem(503, "oidc_unavailable");
    finish(&stranger, "odd", &body)
        .await
        .expect_problem(410, "oidc_over");
    odd.faults.next(&[Fault::Broken]);
    sign_in(&stranger, "odd", odd, &Person::new("Ada"))
        .await
        .expect_problem(503, "oidc_unavailable");
}

#[tokio::test]
async fn an_answer_is_good_once_and_for_the_client_that_asked() {
    let Shop { app, acme, rsa, .. } = shop();
    let stranger = app.stranger();
    stranger
        .post("/v1/oidc/nobody/begin", json!({}))
        .await
        .expect_problem(404, "not_found");

    let person = Person::new("Lan");
    let begun = begin(&stranger, "acme", json!({})).await;
    let body = answer(acme, &begun, &person);
    // Somebody saw it pass by, or slips theirs to somebody else.
    let other = begin(&stranger, "acme", json!({})).await;
    for (member, value) in [
        ("binding", other["binding"].clone()),
        ("binding", json!("x")),
        ("state", other["state"].clone()),
        ("state", json!("x")),
    ] {
        let mut stolen = body.clone();
        stolen[member] = value;
        finish(&stranger, "acme", &stolen)
            .await
            .expect_problem(410, "oidc_over");
    }
    finish(&stranger, "rsa", &body)
        .await
        .expect_problem(410, "oidc_over");
    finish(&stranger, "acme", &body).await.expect(201);
    finish(&stranger, "acme", &body)
        .await
        .expect_problem(410, "oidc_over");

    // A code of one question does not answer another: the issuer compares the verifier.
    let mine = begin(&stranger, "acme", json!({})).await;
    let mut injected = answer(acme, &mine, &person);
    let theirs = begin(&stranger, "acme", json!({})).await;
    injected["code"] = answer(acme, &theirs, &Person::new("Eve"))["code"].clone();
    let reply = finish(&stranger, "acme", &injected).await;
    assert_eq!((reply.status, &reply.body["reason"]), (401, &json!("code")));

    let late = begin(&stranger, "rsa", json!({})).await;
    let body = answer(rsa, &late, &person);
    let state = BASE64.decode(text(&late["state"])).expect("base64url");
    let aged = app
        .sql()
        .await
        .execute(
            "UPDATE account.oidc_attempt SET expires_at = expires_at - interval '10 minutes'
             WHERE state_hash = sha256($1)",
            &[&state],
        )
        .await
        .expect("aged");
    assert_eq!(aged, 1);
    finish(&stranger, "rsa", &body)
        .await
        .expect_problem(410, "oidc_over");
}

#[tokio::test]
async fn an_address_that_somebody_has_opens_their_account_to_nobody() {
    let Shop { app, acme, .. } = shop();
    let owner = app.someone("Owner").await;
    let mut person = Person::new("Thief");
    person.email = Some(owner.email());
    let stranger = app.stranger();
    sign_in(&stranger, "acme", acme, &person)
        .await
        .expect_problem(409, "identity_not_linked");
    assert_eq!(accounts_with(app, &person).await, 0);
    // Nor does an address that the issuer does not vouch for: it is nobody's.
    person.email_verified = false;
    let session = sign_in(&stranger, "acme", acme, &person).await.expect(201);
    assert_ne!(session["account"]["id"], json!(owner.id));
    assert_eq!(session["account"]["email"], json!(null));

    // An account that only says that it has the address is not merged with either.
    let claimed = Person::new("Claimed");
    stranger
        .prepare(
            "/v1/accounts",
            &json!({"email": claimed.email, "password": PASSWORD, "name": "Early",
                    "country": "VN", "locale": "en"}),
        )
        .await
        .expect(201);
    let session = sign_in(&stranger, "acme", acme, &claimed).await.expect(201);
    assert_eq!(session["account"]["name"], "Claimed");
    stranger
        .post(
            "/v1/sessions",
            json!({"identifier": claimed.email, "password": PASSWORD}),
        )
        .await
        .expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn the_owner_links_an_issuer_and_comes_in_by_it() {
    let Shop { app, acme, .. } = shop();
    let owner = app.someone("Owner").await;
    let person = Person::new("Owner");
    let path = "/v1/oidc/acme/begin";
    app.stranger()
        .post(path, json!({"link": true, "password": PASSWORD}))
        .await
        .expect_problem(401, "unauthenticated");
    owner
        .post(path, json!({"link": true, "password": "another one"}))
        .await
        .expect_problem(403, "wrong_password");

    // Begun by one, it is finished by nobody else.
    let begun = begin(&owner, "acme", json!({"link": true, "password": PASSWORD})).await;
    let other = app.someone("Other").await;
    finish(&other, "acme", &answer(acme, &begun, &person))
        .await
        .expect_problem(410, "oidc_over");
    let begun = begin(&owner, "acme", json!({"link": true, "password": PASSWORD})).await;
    finish(&app.stranger(), "acme", &answer(acme, &begun, &person))
        .await
        .expect_problem(410, "oidc_over");

    let linked = link(&owner, acme, &person).await.expect(200);
    // The owner is told of it, once.
    let letter = mail::told(app, &owner.email(), "identity_linked").await;
    assert!(text(&letter["text"]).contains("linked to acme"), "{letter}");
    assert_eq!(linked["email"], json!(person.email));
    // Once more changes nothing.
    let again = link(&owner, acme, &person).await.expect(200);
    assert_eq!(changes(app, &owner).await.len(), 1);
    assert_eq!(again["id"], linked["id"]);
    let session = sign_in(&app.stranger(), "acme", acme, &person)
        .await
        .expect(201);
    assert_eq!(session["account"]["id"], json!(owner.id));
    link(&other, acme, &person)
        .await
        .expect_problem(409, "identity_taken");
    other
        .delete(&format!("/v1/me/identities/{}", text(&linked["id"])))
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn the_second_factor_and_suspensions_hold_for_an_issuer_too() {
    let Shop { app, acme, .. } = shop();
    let owner = app.someone("Owner").await;
    let person = Person::new("Owner");
    link(&owner, acme, &person).await.expect(200);
    let (authenticator, _) = set_up(&owner).await;
    forget_steps(app, &owner).await;

    let stranger = app.stranger();
    let begun = begin(&stranger, "acme", json!({})).await;
    let mut body = answer(acme, &begun, &person);
    let asked = acme.was_asked("token");
    finish(&stranger, "acme", &body)
        .await
        .expect_problem(401, "second_factor_required");
    body["second_factor"] = json!(authenticator.wrong());
    finish(&stranger, "acme", &body)
        .await
        .expect_problem(401, "second_factor_wrong");
    body["second_factor"] = json!(authenticator.code(0));
    finish(&stranger, "acme", &body).await.expect(201);
    // The issuer was asked once for all of it; others may have asked meanwhile.
    assert!(acme.was_asked("token") > asked);
    finish(&stranger, "acme", &body)
        .await
        .expect_problem(410, "oidc_over");

    let suspended = app.someone("Suspended").await;
    let person = Person::new("Suspended");
    link(&suspended, acme, &person).await.expect(200);
    let mut moderator = app.someone("Mo").await;
    app.grant(&moderator, "moderator").await;
    moderator.sign_in().await;
    moderator
        .post(
            &format!("/v1/accounts/{}/suspension", suspended.id),
            json!({"reason": "spam"}),
        )
        .await;
    sign_in(&stranger, "acme", acme, &person)
        .await
        .expect_problem(403, "account_suspended");
}

#[tokio::test]
async fn of_one_person_at_many_doors_at_once_there_is_one_account() {
    let Shop { app, acme, .. } = shop();
    let person = Person::new("Many");
    let stranger = app.stranger();
    let mut bodies = Vec::new();
    for _ in 0..6 {
        let begun = begin(&stranger, "acme", json!({})).await;
        bodies.push(answer(acme, &begun, &person));
    }
    let replies =
        futures::future::join_all(bodies.iter().map(|body| finish(&stranger, "acme", body))).await;
    let ids: Vec<Value> = replies
        .into_iter()
        .map(|reply| reply.expect(201)["account"]["id"].clone())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(accounts_with(app, &person).await, 1);

    // The same answer many times at once opens one session.
    let begun = begin(&stranger, "acme", json!({})).await;
    let body = answer(acme, &begun, &person);
    let replies = futures::future::join_all((0..6).map(|_| finish(&stranger, "acme", &body))).await;
    let opened = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(opened, 1, "{replies:?}");

    until("the audit log has it", Duration::from_secs(5), || async {
        let sql = app.sql().await;
        let known = "SELECT FROM account.audit WHERE action = 'identity_linked'
                     AND account_id = $1::text::uuid AND facts->>'provider' = 'acme'";
        sql.query_opt(known, &[&text(&ids[0])]).await.ok().flatten()
    })
    .await;
}
