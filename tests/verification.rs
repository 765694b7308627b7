//! Addresses: proven by what is sent to them, changed, and never told of to others.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::PASSWORD;
use crate::support::app::{App, shared, text};
use crate::support::{Actor, Reply, goods, mail};

async fn verify(app: &App, token: &str) -> Reply {
    app.stranger()
        .post("/v1/verifications", json!({"token": token}))
        .await
}

async fn login(app: &App, identifier: &str) -> Reply {
    app.stranger()
        .post(
            "/v1/sessions",
            json!({"identifier": identifier, "password": PASSWORD}),
        )
        .await
}

/// What an access token says of its holder.
fn verified(actor: &Actor) -> Value {
    let token = actor.token.as_deref().expect("a token");
    let claims = token.split('.').nth(1).expect("claims");
    let claims: Value =
        serde_json::from_slice(&BASE64.decode(claims).expect("base64")).expect("JSON");
    claims["ver"].clone()
}

#[tokio::test]
async fn whoever_has_verified_no_address_neither_sells_nor_pays() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let item = goods::goods(app, &seller, "Kettle", 1_000, 5).await;
    let mut nina = Actor::newcomer(app, "Nina").await;
    nina.sign_in().await;
    assert_eq!(verified(&nina), false);
    let id = Uuid::now_v7();
    let category = goods::category(app).await;
    let product = json!({
        "name": "Kettle", "category_id": category, "currency": "VND",
        "variants": [{"sku": "ONE", "price": 1}],
    });
    for (path, body) in [
        ("/v1/products".to_owned(), product),
        (format!("/v1/products/{id}/publish"), json!({})),
        (
            "/v1/checkouts".to_owned(),
            goods::checkout(&[(&item.variant, 1)]),
        ),
        (
            format!("/v1/payment-sessions/{id}/attempts"),
            json!({"provider": "sandbox"}),
        ),
        (
            "/v1/withdrawals".to_owned(),
            json!({"amount": 100_000, "currency": "VND"}),
        ),
    ] {
        nina.post_keyed(&path, &Uuid::new_v4().to_string(), &body)
            .await
            .expect_problem(403, "address_unverified");
    }
    // Looking and filling a cart need nothing.
    let path = format!("/v1/cart/lines/{}", item.variant);
    let reply = nina.put_json(&path, json!({"quantity": 1})).await;
    assert!(reply.status < 300, "{reply:?}");
}

#[tokio::test]
async fn the_link_in_the_mail_verifies_once_and_the_next_token_says_so() {
    let app = shared();
    let email = mail::address();
    let mut nina = mail::newcomer(app, "Nina", &email).await;
    let message = mail::newest(app, &email, 1).await;
    assert_eq!(message["channel"], "email");
    let token = text(&message["token"]).to_owned();
    assert!(message["code"].is_null(), "{message}");
    assert!(
        text(&message["text"]).contains(&token) && text(&message["link"]).contains(&token),
        "{message}"
    );
    assert_eq!(
        nina.get("/v1/me").await.expect(200)["email_verified"],
        false
    );

    assert_eq!(verify(app, &token).await.status, 204);
    let me = nina.get("/v1/me").await.expect(200);
    assert_eq!(
        (&me["email"], &me["email_verified"]),
        (&json!(email), &json!(true))
    );
    verify(app, &token)
        .await
        .expect_problem(410, "secret_expired");

    // Refreshed, not signed in again.
    let fresh = app
        .stranger()
        .post(
            "/v1/sessions/refresh",
            json!({"refresh_token": nina.refresh_token}),
        )
        .await
        .expect(200);
    nina.token = Some(text(&fresh["access_token"]).to_owned());
    assert_eq!(verified(&nina), true);
    goods::goods(app, &nina, "Kettle", 1_000, 1).await;
}

#[tokio::test]
async fn rubbish_old_links_and_links_for_something_else_are_no_good() {
    let app = shared();
    let email = mail::address();
    let nina = mail::newcomer(app, "Nina", &email).await;
    let token = mail::token(app, &email).await;
    for rubbish in ["x", &"A".repeat(43), &token.to_uppercase(), "%00"] {
        verify(app, rubbish)
            .await
            .expect_problem(410, "secret_expired");
    }
    app.stranger()
        .post(
            "/v1/password-resets/confirm",
            json!({"token": token, "new_password": "another password"}),
        )
        .await
        .expect_problem(410, "secret_expired");
    for body in [
        json!({}),
        json!({"channel": "phone"}),
        json!({"code": "123456"}),
        json!({"token": token, "channel": "email", "code": "123456"}),
    ] {
        nina.post("/v1/verifications", body)
            .await
            .expect_problem(422, "validation_failed");
    }
    app.sql()
        .await
        .execute(
            "UPDATE account.verification SET expires_at = expires_at - interval '24 hours' WHERE account_id = $1",
            &[&nina.id],
        )
        .await
        .expect("aged");
    verify(app, &token)
        .await
        .expect_problem(410, "secret_expired");
    assert_eq!(
        nina.get("/v1/me").await.expect(200)["email_verified"],
        false
    );
}

#[tokio::test]
async fn messages_are_limited_by_the_minute_and_by_the_hour() {
    let app = shared();
    let email = mail::address();
    let nina = mail::newcomer(app, "Nina", &email).await;
    let ask = || nina.post("/v1/me/verifications", json!({"channel": "email"}));
    let seconds = |reply: &Reply| reply.header("retry-after").parse::<u32>().expect("seconds");

    // The one of the registration counts.
    let soon = ask().await;
    soon.expect_problem(429, "too_many_messages");
    assert!((1..=60).contains(&seconds(&soon)), "{soon:?}");
    for count in 2..=5 {
        mail::age(app, &nina, &email, "61 seconds").await;
        assert_eq!(ask().await.status, 202);
        mail::newest(app, &email, count).await;
    }
    mail::age(app, &nina, &email, "61 seconds").await;
    let later = ask().await;
    later.expect_problem(429, "too_many_messages");
    assert!((61..=3600).contains(&seconds(&later)), "{later:?}");

    // An older link is as good as the newest.
    let all = mail::all(app, &email).await;
    let first = text(&all.last().expect("the first")["token"]);
    assert_eq!(verify(app, first).await.status, 204);
    mail::age(app, &nina, &email, "1 hour").await;
    ask().await.expect_problem(409, "nothing_to_verify");
    nina.post("/v1/me/verifications", json!({"channel": "phone"}))
        .await
        .expect_problem(409, "nothing_to_verify");
}

#[tokio::test]
async fn of_two_accounts_on_one_address_the_first_that_verifies_has_it() {
    let app = shared();
    let email = mail::address();
    let ana = mail::newcomer(app, "Ana", &email).await;
    let anas = mail::token(app, &email).await;
    mail::age(app, &ana, &email, "61 seconds").await;
    let eve = mail::newcomer(app, "Eve", &email).await;
    let eves = text(&mail::newest(app, &email, 2).await["token"]).to_owned();

    assert_eq!(verify(app, &eves).await.status, 204);
    verify(app, &anas)
        .await
        .expect_problem(410, "secret_expired");
    let me = ana.get("/v1/me").await.expect(200);
    assert_eq!(
        (&me["email"], &me["email_verified"]),
        (&Value::Null, &json!(false))
    );
    let session = login(app, &email).await.expect(201);
    assert_eq!(session["account"]["id"], eve.id.to_string());
}

#[tokio::test]
async fn nobody_learns_that_an_address_is_somebodys() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (known, unknown) = (ana.email(), mail::address());
    let register = |email: String| async move {
        app.stranger()
            .post(
                "/v1/accounts",
                json!({
                    "email": email, "password": PASSWORD, "name": "Eve", "country": "VN",
                    "locale": "en",
                }),
            )
            .await
    };
    let (of_known, of_unknown) = (register(known.clone()).await, register(unknown).await);
    same_but_for_the_account(&of_known, &of_unknown);

    let eve = app.someone("Eve").await;
    let change = |email: String| {
        let body = json!({"email": email, "password": PASSWORD});
        let eve = &eve;
        async move { eve.put_json("/v1/me/email", body).await }
    };
    let unknown = mail::address();
    let of_known = change(known.clone()).await;
    mail::age(app, &eve, &known, "61 seconds").await;
    let of_unknown = change(unknown.clone()).await;
    same_but_for_the_account(&of_known, &of_unknown);

    mail::newest(app, &unknown, 1).await;
    app.events_settled().await;
    let came = mail::all(app, &known).await;
    assert!(came.is_empty(), "the owner is not bothered: {came:?}");
}

/// Two answers that differ in ids, addresses, versions and times only.
#[track_caller]
fn same_but_for_the_account(one: &Reply, other: &Reply) {
    let names = |reply: &Reply| {
        let mut names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(one.status, other.status, "{} {}", one.raw, other.raw);
    assert_eq!(names(one), names(other));
    let mut bodies = [one.body.clone(), other.body.clone()];
    for body in &mut bodies {
        for name in ["id", "created_at", "version"] {
            body[name] = Value::Null;
        }
        for name in ["email", "pending_email"] {
            body[name] = json!(body[name].is_string());
        }
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn a_changed_address_is_in_force_once_it_is_verified() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (old, new) = (ana.email(), mail::address());
    let change = |email: &str, password: &str| {
        ana.put_json(
            "/v1/me/email",
            json!({"email": email, "password": password}),
        )
    };
    change(&new, "not the password")
        .await
        .expect_problem(403, "wrong_password");
    let reply = change(&new.to_uppercase(), PASSWORD).await;
    assert!(reply.header("etag").starts_with('"'));
    let me = reply.expect(200);
    assert_eq!(
        (&me["email"], &me["email_verified"], &me["pending_email"]),
        (&json!(old), &json!(true), &json!(new))
    );
    let first = mail::token(app, &new).await;
    login(app, &old).await.expect(201);
    login(app, &new)
        .await
        .expect_problem(401, "invalid_credentials");

    // Called off, and asked for again.
    let me = change(&old, PASSWORD).await.expect(200);
    assert!(me["pending_email"].is_null(), "{me}");
    verify(app, &first)
        .await
        .expect_problem(410, "secret_expired");
    mail::age(app, &ana, &new, "61 seconds").await;
    change(&new, PASSWORD).await.expect(200);
    let second = text(&mail::newest(app, &new, 2).await["token"]).to_owned();
    assert_eq!(verify(app, &second).await.status, 204);
    let me = ana.get("/v1/me").await.expect(200);
    assert_eq!(
        (&me["email"], &me["email_verified"], &me["pending_email"]),
        (&json!(new), &json!(true), &Value::Null)
    );
    login(app, &new).await.expect(201);
    login(app, &old)
        .await
        .expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn a_phone_is_verified_by_a_code_with_five_tries() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let number = mail::number();
    let body = json!({"phone": number, "password": PASSWORD});
    ana.put_json("/v1/me/phone", body).await.expect(200);
    let message = mail::newest(app, &number, 1).await;
    assert_eq!(message["channel"], "sms");
    assert!(message["token"].is_null(), "{message}");
    let code = text(&message["code"]).to_owned();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let proof = |code: &str| json!({"channel": "phone", "code": code});

    app.stranger()
        .post("/v1/verifications", proof(&code))
        .await
        .expect_problem(401, "unauthenticated");
    app.someone("Eve")
        .await
        .post("/v1/verifications", proof(&code))
        .await
        .expect_problem(410, "secret_expired");
    for _ in 0..5 {
        ana.post("/v1/verifications", proof(wrong))
            .await
            .expect_problem(410, "secret_expired");
    }
    ana.post("/v1/verifications", proof(&code))
        .await
        .expect_problem(410, "secret_expired");

    mail::age(app, &ana, &number, "61 seconds").await;
    let again = ana
        .post("/v1/me/verifications", json!({"channel": "phone"}))
        .await;
    assert_eq!(again.status, 202);
    let code = text(&mail::newest(app, &number, 2).await["code"]).to_owned();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        ana.post("/v1/verifications", proof(wrong))
            .await
            .expect_problem(410, "secret_expired");
    }
    assert_eq!(
        ana.post("/v1/verifications", proof(&code)).await.status,
        204
    );
    let me = ana.get("/v1/me").await.expect(200);
    assert_eq!(
        (&me["phone"], &me["phone_verified"]),
        (&json!(number), &json!(true))
    );
    login(app, &number).await.expect(201);
}

#[tokio::test]
async fn codes_tried_at_once_are_no_more_than_five_and_a_link_used_at_once_works_once() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let number = mail::number();
    let body = json!({"phone": number, "password": PASSWORD});
    ana.put_json("/v1/me/phone", body).await.expect(200);
    mail::newest(app, &number, 1).await;
    let tries = (0..20).map(|n| {
        ana.post(
            "/v1/verifications",
            json!({"channel": "phone", "code": format!("{n:06}")}),
        )
    });
    futures::future::join_all(tries).await;
    let tries: i32 = app
        .sql()
        .await
        .query_one(
            "SELECT max(tries) FROM account.verification WHERE account_id = $1",
            &[&ana.id],
        )
        .await
        .expect("the tries")
        .get(0);
    assert!(tries <= 5, "{tries}");

    let email = mail::address();
    mail::newcomer(app, "Nina", &email).await;
    let token = mail::token(app, &email).await;
    let replies = futures::future::join_all((0..8).map(|_| verify(app, &token))).await;
    let good = replies.iter().filter(|r| r.status == 204).count();
    assert_eq!(good, 1, "{replies:?}");
}

#[tokio::test]
async fn whoever_has_only_a_session_does_not_find_the_password() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let guess = |password: &'static str| {
        ana.put_json(
            "/v1/me/email",
            json!({"email": mail::address(), "password": password}),
        )
    };
    for _ in 0..10 {
        guess("a guess, and a bad one")
            .await
            .expect_problem(403, "wrong_password");
    }
    let locked = guess(PASSWORD).await;
    locked.expect_problem(429, "too_many_logins");
    assert!(!locked.header("retry-after").is_empty());
    // The owner is not locked out of what needs no password.
    ana.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn what_is_sealed_in_an_event_is_gone_once_it_was_delivered() {
    let app = shared();
    let email = mail::address();
    let nina = mail::newcomer(app, "Nina", &email).await;
    let token = mail::token(app, &email).await;
    app.events_settled().await;
    let sql = app.sql().await;
    let rows = sql
        .query(
            "SELECT data::text FROM account.outbox WHERE subject = $1 AND kind = 'account.verification_requested'",
            &[&nina.id],
        )
        .await
        .expect("the event");
    assert_eq!(rows.len(), 1);
    let data: String = rows[0].get(0);
    assert!(
        !data.contains("sealed") && !data.contains(&email) && !data.contains(&token),
        "{data}"
    );
    // Nor is the secret anywhere else that `account` keeps.
    for table in ["verification", "audit", "outbox", "idempotency"] {
        let found: i64 = sql
            .query_one(
                &format!(
                    "SELECT count(*) FROM account.{table} t WHERE t::text LIKE '%' || $1 || '%'"
                ),
                &[&token],
            )
            .await
            .expect("the table")
            .get(0);
        assert_eq!(found, 0, "in {table}");
    }
}
