//! Second factors: set up, asked for at login, used once, lost and taken away.

pub mod authenticator;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::actor::{PASSWORD, send};
use crate::support::app::{shared, text};
use crate::support::{Actor, Reply, mail, until};
use authenticator::{Authenticator, forget_steps, login, set_up};

async fn change(actor: &Actor, method: Method, path: &str, password: &str, code: &str) -> Reply {
    let body = json!({"password": password, "code": code});
    send(actor.request(method, path).json(&body)).await
}

#[tokio::test]
async fn signing_in_needs_a_code_from_when_it_is_confirmed_until_it_is_taken_away() {
    let app = shared();
    let ana = app.someone("Ana").await;
    ana.post("/v1/me/totp", json!({"password": "another one"}))
        .await
        .expect_problem(403, "wrong_password");
    ana.post("/v1/me/totp/confirm", json!({"code": "123456"}))
        .await
        .expect_problem(409, "second_factor_off");
    // Set up and never confirmed: not in force.
    ana.post("/v1/me/totp", json!({"password": PASSWORD}))
        .await
        .expect(201);
    login(&ana, &ana, None).await.expect(201);
    assert_eq!(
        ana.get("/v1/me/totp").await.expect(200),
        json!({"enabled": false, "confirmed_at": null, "recovery_codes_left": 0})
    );

    let (authenticator, _) = set_up(&ana).await;
    let standing = ana.get("/v1/me/totp").await.expect(200);
    assert_eq!(
        (&standing["enabled"], &standing["recovery_codes_left"]),
        (&json!(true), &json!(10))
    );
    ana.post("/v1/me/totp", json!({"password": PASSWORD}))
        .await
        .expect_problem(409, "second_factor_on");
    ana.get("/v1/me").await.expect(200);

    login(&ana, &ana, None)
        .await
        .expect_problem(401, "second_factor_required");
    // The code that confirmed it is spent.
    login(&ana, &ana, Some(&authenticator.wrong()))
        .await
        .expect_problem(401, "second_factor_wrong");
    login(&ana, &ana, Some("12345"))
        .await
        .expect_problem(422, "validation_failed");
    login(&ana, &ana, Some(&authenticator.code(1)))
        .await
        .expect(201);

    forget_steps(app, &ana).await;
    change(&ana, Method::DELETE, "/v1/me/totp", "another one", "123456")
        .await
        .expect_problem(403, "wrong_password");
    change(
        &ana,
        Method::DELETE,
        "/v1/me/totp",
        PASSWORD,
        &authenticator.wrong(),
    )
    .await
    .expect_problem(403, "wrong_code");
    let removed = change(
        &ana,
        Method::DELETE,
        "/v1/me/totp",
        PASSWORD,
        &authenticator.code(0),
    )
    .await;
    assert_eq!(removed.status, 204, "{removed:?}");
    login(&ana, &ana, None).await.expect(201);
    change(
        &ana,
        Method::DELETE,
        "/v1/me/totp",
        PASSWORD,
        &authenticator.code(1),
    )
    .await
    .expect_problem(409, "second_factor_off");
}

#[tokio::test]
async fn one_that_is_not_in_force_is_void_after_a_new_password_and_needs_a_verified_address() {
    let app = shared();
    let mut una = Actor::newcomer(app, "Una").await;
    una.sign_in().await;
    una.post("/v1/me/totp", json!({"password": PASSWORD}))
        .await
        .expect_problem(403, "address_unverified");

    let ana = app.someone("Ana").await;
    let shown = ana
        .post("/v1/me/totp", json!({"password": PASSWORD}))
        .await
        .expect(201);
    let changed = ana
        .post(
            "/v1/me/password",
            json!({"current_password": PASSWORD, "new_password": "staple gun sandwich"}),
        )
        .await;
    assert_eq!(changed.status, 204, "{changed:?}");
    let authenticator = Authenticator::scan(text(&shown["secret"]));
    ana.post(
        "/v1/me/totp/confirm",
        json!({"code": authenticator.code(0)}),
    )
    .await
    .expect_problem(409, "second_factor_off");
}

#[tokio::test]
async fn a_code_is_good_once_and_an_older_one_not_after_it() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (authenticator, _) = set_up(&ana).await;
    forget_steps(app, &ana).await;
    let (now, next) = (authenticator.code(0), authenticator.code(1));
    login(&ana, &ana, Some(&next)).await.expect(201);
    for spent in [&next, &now] {
        login(&ana, &ana, Some(spent))
            .await
            .expect_problem(401, "second_factor_wrong");
    }
    for far in [authenticator.code(5), authenticator.code(-5)] {
        login(&ana, &ana, Some(&far))
            .await
            .expect_problem(401, "second_factor_wrong");
    }
}

#[tokio::test]
async fn of_two_uses_of_one_code_at_once_one_wins() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (authenticator, recovery) = set_up(&ana).await;
    forget_steps(app, &ana).await;
    for code in [authenticator.code(0), recovery[0].clone()] {
        let all = futures::future::join_all((0..4).map(|_| login(&ana, &ana, Some(&code)))).await;
        let won = all.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(won, 1, "{all:?}");
        for lost in all.iter().filter(|reply| reply.status != 201) {
            lost.expect_problem(401, "second_factor_wrong");
        }
    }
}

#[tokio::test]
async fn a_recovery_code_signs_in_once_and_new_ones_void_the_old() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (authenticator, codes) = set_up(&ana).await;
    let sloppy = codes[0].to_uppercase().replace('-', " ");
    login(&ana, &ana, Some(&sloppy)).await.expect(201);
    login(&ana, &ana, Some(&codes[0]))
        .await
        .expect_problem(401, "second_factor_wrong");
    let left = ana.get("/v1/me/totp").await.expect(200);
    assert_eq!(left["recovery_codes_left"], 9);

    forget_steps(app, &ana).await;
    let path = "/v1/me/totp/recovery-codes";
    let renewed = change(&ana, Method::POST, path, PASSWORD, &authenticator.code(0))
        .await
        .expect(200);
    login(&ana, &ana, Some(&codes[1]))
        .await
        .expect_problem(401, "second_factor_wrong");
    let fresh = text(&renewed["recovery_codes"][0]).to_owned();
    login(&ana, &ana, Some(&fresh)).await.expect(201);
    // Somebody else's codes open nothing.
    let bob = app.someone("Bob").await;
    set_up(&bob).await;
    login(&bob, &bob, Some(text(&renewed["recovery_codes"][1])))
        .await
        .expect_problem(401, "second_factor_wrong");
}

#[tokio::test]
async fn ten_wrong_codes_lock_the_second_factor_from_wherever_they_come() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (authenticator, codes) = set_up(&ana).await;
    forget_steps(app, &ana).await;
    let email = ana.email();
    for count in 0..10 {
        // By both names that the account has, and from another address each time.
        let identifier = if count % 2 == 0 {
            &ana.username
        } else {
            &email
        };
        app.stranger()
            .post(
                "/v1/sessions",
                json!({"identifier": identifier, "password": PASSWORD, "code": authenticator.wrong()}),
            )
            .await
            .expect_problem(401, "second_factor_wrong");
    }
    for code in [&authenticator.code(0), &codes[0]] {
        let locked = login(&app.stranger(), &ana, Some(code)).await;
        locked.expect_problem(429, "too_many_logins");
        assert!(
            locked
                .header("retry-after")
                .parse::<u32>()
                .is_ok_and(|s| s > 0 && s <= 900),
            "{locked:?}"
        );
    }
    // The lock on codes is none on the password.
    login(&app.stranger(), &ana, None)
        .await
        .expect_problem(401, "second_factor_required");
}

#[tokio::test]
async fn nothing_of_a_second_factor_lies_about() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let shown = ana
        .post("/v1/me/totp", json!({"password": PASSWORD}))
        .await
        .expect(201);
    let secret = text(&shown["secret"]).to_owned();
    let authenticator = Authenticator::scan(&secret);
    let confirmed = ana
        .post(
            "/v1/me/totp/confirm",
            json!({"code": authenticator.code(0)}),
        )
        .await
        .expect(200);
    let sql = app.sql().await;
    let raw: String = authenticator
        .secret
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for table in ["totp", "recovery_code", "audit", "outbox"] {
        let rows: Vec<String> = sql
            .query(&format!("SELECT t::text FROM account.{table} t"), &[])
            .await
            .expect("rows")
            .iter()
            .map(|row| row.get(0))
            .collect();
        let all = rows.join("\n");
        assert!(!all.contains(&secret) && !all.contains(&raw), "in {table}");
        for code in confirmed["recovery_codes"].as_array().expect("codes") {
            assert!(!all.contains(text(code)), "in {table}");
        }
    }
}

#[tokio::test]
async fn the_owner_learns_of_a_login_with_a_device_that_was_never_used() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/";
    let with = |agent: String| {
        let body = json!({"identifier": ana.username, "password": PASSWORD});
        send(
            app.stranger()
                .request(Method::POST, "/v1/sessions")
                .header("user-agent", agent)
                .json(&body),
        )
    };
    with(format!("{browser}121.0")).await.expect(201);
    // Known by now, and an update makes it no other.
    with(format!("{browser}122.0")).await.expect(201);
    ana.clone().sign_in().await;

    let sql = app.sql().await;
    let told: Vec<Value> = sql
        .query(
            "SELECT data::text FROM account.outbox
             WHERE subject = $1 AND kind = 'account.signed_in_from_new_device'",
            &[&ana.id],
        )
        .await
        .expect("events")
        .iter()
        .map(|row| serde_json::from_str(row.get(0)).expect("JSON"))
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (text(&told[0]["device"]), text(&told[0]["channel"])),
        ("Firefox on Linux", "email")
    );
    assert!(!told[0].to_string().contains(&ana.email()), "{told:?}");
    let message = mail::told(app, &ana.email(), "new_device").await;
    assert!(
        text(&message["text"]).contains("Firefox on Linux"),
        "{message}"
    );
    until(
        "the address is gone from the outbox",
        std::time::Duration::from_secs(10),
        || async {
            let sealed: bool = sql
                .query_one(
                    "SELECT bool_or(data ? 'sealed') FROM account.outbox WHERE subject = $1",
                    &[&ana.id],
                )
                .await
                .ok()?
                .get(0);
            (!sealed).then_some(())
        },
    )
    .await;
}
