//! Letters by e-mail: carried by other people's services, which emulators stand in for, and shown by the mailbox
//! of development.

pub mod world;

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::emulators::Fault;
use crate::support::actor::{PASSWORD, send};
use crate::support::app::{shared, text};
use crate::support::{Actor, mail, until};
use world::{ends, forgive, hurry, in_order, letter, moderator, newcomer, only, world};

/// The token of the link in a text.
fn token(text: &str) -> String {
    let (_, rest) = text.split_once("#token=").expect("a link");
    rest.split_whitespace()
        .next()
        .expect("a token")
        .trim_end_matches('.')
        .to_owned()
}

#[tokio::test]
async fn a_letter_goes_out_once_and_nothing_secret_stays_behind() {
    let _turn = in_order().await;
    let world = world();
    let (nina, email) = newcomer("vi").await;
    let mail = only(&world.resend, &email).await;
    assert_eq!(mail.subject, "Xác nhận địa chỉ của bạn");
    let token = token(&mail.text);
    let link = format!("https://shop.example/verify#token={token}");
    assert!(mail.html.contains(&format!("href=\"{link}\"")), "{mail:?}");
    assert!(mail.text.contains("Bạn nhận được thư này vì"), "{mail:?}");

    let row = ends(&nina, "sent").await;
    assert_eq!(
        (&row["provider"], &row["provider_ref"], &row["tries"]),
        (&json!("resend"), &json!(mail.id), &json!(1))
    );
    assert_eq!(row["id"], mail.key);
    let all = row.to_string();
    assert!(
        row["sealed"].is_null() && !all.contains(&email) && !all.contains(&token),
        "{all}"
    );
    let sql = world.app.sql().await;
    let shown: i64 = sql
        .query_one("SELECT count(*) FROM notification.mailbox", &[])
        .await
        .expect("the mailbox")
        .get(0);
    assert_eq!(shown, 0, "the mailbox is off");

    let verify = |token: String| {
        let stranger = world.app.stranger();
        async move {
            stranger
                .post("/v1/verifications", json!({"token": token}))
                .await
        }
    };
    assert_eq!(verify(token).await.status, 204);
    assert!(world.sendgrid.sent_to(&email).is_empty());
    assert_eq!(world.resend.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn when_one_carrier_is_down_the_next_takes_the_letter() {
    let _turn = in_order().await;
    let world = world();
    for fault in [Fault::Broken, Fault::Busy, Fault::Silent] {
        world.resend.faults.always(fault);
        let (nina, email) = newcomer("en").await;
        let mail = only(&world.sendgrid, &email).await;
        assert_eq!(mail.subject, "Confirm your address");
        let row = ends(&nina, "sent").await;
        assert_eq!(
            (&row["provider"], &row["provider_ref"]),
            (&json!("sendgrid"), &json!(mail.id)),
            "{fault:?}"
        );
        assert!(world.resend.sent_to(&email).is_empty());
    }
    assert_eq!(world.sendgrid.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn a_letter_that_nobody_takes_dies_after_ten_tries_and_a_moderator_sends_it_again() {
    let _turn = in_order().await;
    let world = world();
    world.resend.faults.always(Fault::Broken);
    world.sendgrid.faults.always(Fault::Broken);
    let (nina, email) = newcomer("en").await;
    let sql = world.app.sql().await;
    let dead = until("it gives up", Duration::from_secs(60), || async {
        hurry(&sql, &nina).await;
        let row = letter(&sql, &nina).await?;
        (row["state"] == "dead").then_some(row)
    })
    .await;
    assert_eq!(
        (&dead["reason"], &dead["tries"]),
        (&json!("gave_up"), &json!(10))
    );
    let error = text(&dead["error"]);
    assert!(
        error.contains("resend") && error.contains("sendgrid"),
        "{error}"
    );

    let moderator = moderator().await;
    nina.get("/v1/messages")
        .await
        .expect_problem(403, "forbidden");
    world
        .app
        .stranger()
        .get("/v1/messages")
        .await
        .expect_problem(401, "unauthenticated");
    let list = moderator
        .get("/v1/messages?state=dead&limit=100")
        .await
        .expect(200);
    let id = text(&dead["id"]);
    let seen = list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|message| message["id"] == id)
        .expect("it is among the dead");
    assert_eq!(
        (&seen["retriable"], &seen["account_id"], &seen["channel"]),
        (&json!(true), &json!(nina.id), &json!("email"))
    );
    assert!(!list.to_string().contains(&email) && seen["sealed"].is_null());

    world.resend.faults.always(Fault::None);
    forgive(&world.app).await;
    let path = format!("/v1/messages/{id}/retry");
    let key = Uuid::new_v4().to_string();
    nina.post_keyed(&path, &key, &json!({}))
        .await
        .expect_problem(403, "forbidden");
    let queued = moderator.post_keyed(&path, &key, &json!({})).await;
    assert_eq!(queued.clone().expect(200)["state"], "queued");
    only(&world.resend, &email).await;
    ends(&nina, "sent").await;
    let again = moderator.post_keyed(&path, &key, &json!({})).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.raw, queued.raw);
    let another = Uuid::new_v4().to_string();
    let late = moderator.post_keyed(&path, &another, &json!({})).await;
    late.expect_problem(409, "wrong_state");
    assert_eq!(late.body["message_status"], "sent");
    let nowhere = format!("/v1/messages/{}/retry", Uuid::now_v7());
    moderator
        .post_keyed(&nowhere, &another, &json!({}))
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn an_address_at_which_there_is_nobody_is_tried_once() {
    let _turn = in_order().await;
    let world = world();
    let email = mail::address();
    world.resend.knows_nobody_at(&email);
    let nina = mail::newcomer(&world.app, "Nina", &email).await;
    let row = ends(&nina, "dead").await;
    assert_eq!(
        (
            &row["reason"],
            &row["tries"],
            &row["provider"],
            &row["error"]
        ),
        (
            &json!("refused"),
            &json!(1),
            &json!("resend"),
            &json!("422 validation_error")
        )
    );
    assert!(
        !row.to_string().contains(&email),
        "the carrier quotes the address: {row}"
    );
    assert!(world.sendgrid.sent_to(&email).is_empty());

    // The other one says it in its own way.
    world.resend.faults.always(Fault::Broken);
    let email = mail::address();
    world.sendgrid.knows_nobody_at(&email);
    let nina = mail::newcomer(&world.app, "Nina", &email).await;
    let row = ends(&nina, "dead").await;
    assert_eq!(
        (&row["reason"], &row["provider"], &row["error"]),
        (
            &json!("refused"),
            &json!("sendgrid"),
            &json!("400 personalizations.0.to.0.email")
        )
    );
}

#[tokio::test]
async fn what_has_expired_is_never_sent() {
    let _turn = in_order().await;
    let world = world();
    world.resend.faults.always(Fault::Broken);
    world.sendgrid.faults.always(Fault::Broken);
    let (nina, email) = newcomer("en").await;
    let sql = world.app.sql().await;
    until("it was tried", Duration::from_secs(20), || async {
        let expired = "UPDATE notification.message SET expires_at = shared.real_now()
             WHERE account_id = $1 AND tries > 0 AND lease IS NULL AND state = 'queued'";
        let rows = sql.execute(expired, &[&nina.id]).await.ok()?;
        (rows == 1).then_some(())
    })
    .await;
    world.resend.faults.always(Fault::None);
    forgive(&world.app).await;
    let row = ends(&nina, "dead").await;
    assert_eq!(
        (&row["reason"], &row["sealed"]),
        (&json!("expired"), &Value::Null)
    );
    let path = format!("/v1/messages/{}/retry", text(&row["id"]));
    moderator()
        .await
        .post(&path, json!({}))
        .await
        .expect_problem(409, "message_expired");
    assert!(world.resend.sent_to(&email).is_empty());
}

#[tokio::test]
async fn the_mailbox_is_not_there_unless_it_is_wanted() {
    let stranger = world().app.stranger();
    for path in [
        "/mailbox",
        "/mailbox/messages",
        "/mailbox/messages?to=a@b.c",
    ] {
        stranger.get(path).await.expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn letters_are_listed_a_page_at_a_time() {
    let _turn = in_order().await;
    let moderator = moderator().await;
    let mut mine = Vec::new();
    for _ in 0..3 {
        let (nina, _) = newcomer("en").await;
        mine.push(text(&ends(&nina, "sent").await["id"]).to_owned());
    }
    let mut seen = Vec::new();
    let mut path = "/v1/messages?state=sent&limit=2".to_owned();
    for _ in 0..2 {
        let page = moderator.get(&path).await.expect(200);
        for message in page["items"].as_array().expect("a page") {
            assert_eq!(message["state"], "sent");
            seen.push(text(&message["id"]).to_owned());
        }
        path = format!(
            "/v1/messages?state=sent&limit=2&cursor={}",
            text(&page["next_cursor"])
        );
    }
    mine.reverse();
    assert_eq!(seen[..3], mine[..]);
    moderator
        .get("/v1/messages?state=lost")
        .await
        .expect_problem(422, "validation_failed");
}

#[tokio::test]
async fn the_mailbox_shows_letters_as_their_readers_get_them() {
    let app = shared();
    let email = mail::address();
    mail::newcomer_in(app, "Nina", &email, "vi-VN").await;
    let mail = mail::newest(app, &email, 1).await;
    assert_eq!(
        (&mail["template"], &mail["channel"], &mail["to"]),
        (&json!("verify"), &json!("email"), &json!(email))
    );
    assert_eq!(mail["subject"], "Xác nhận địa chỉ của bạn");
    assert!(text(&mail["text"]).contains(text(&mail["link"])), "{mail}");
    assert!(text(&mail["html"]).contains("<html lang=\"vi\">"), "{mail}");
    assert!(text(&mail["sent_at"]).ends_with('Z'), "{mail}");
    // Letters may come from others between the two.
    let seen = until("the page shows it", Duration::from_secs(20), || async {
        let page = app.stranger().get("/mailbox").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(
            page.header("content-security-policy")
                .contains("default-src 'none'")
        );
        page.raw.contains("<article>").then_some(page.raw)
    })
    .await;
    assert!(seen.contains("#token="), "{seen}");

    // What is kept for it is sealed.
    let token = text(&mail["token"]);
    let sql = app.sql().await;
    for table in ["mailbox", "message", "inbox"] {
        let found: i64 = sql
            .query_one(
                &format!(
                    "SELECT count(*) FROM notification.{table} t WHERE t::text LIKE '%' || $1 || '%'"
                ),
                &[&token],
            )
            .await
            .expect("the table")
            .get(0);
        assert_eq!(found, 0, "in {table}");
    }
    app.stranger()
        .get(&format!("/mailbox/messages?to={}", "x".repeat(300)))
        .await
        .expect_problem(422, "validation_failed");
}

#[tokio::test]
async fn whoever_has_a_verified_address_hears_of_a_new_password_and_of_a_new_device() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let change = json!({"current_password": PASSWORD, "new_password": "staple gun sandwich"});
    assert_eq!(ana.post("/v1/me/password", change).await.status, 204);
    let mail = mail::told(app, &ana.email(), "password_changed").await;
    assert_eq!(mail["subject"], "Your password was changed");
    assert!(
        text(&mail["text"]).contains("by somebody who was signed in"),
        "{mail}"
    );
    assert!(mail["token"].is_null() && mail["code"].is_null(), "{mail}");

    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    let login = app
        .stranger()
        .request(Method::POST, "/v1/sessions")
        .header("user-agent", firefox)
        .json(&json!({"identifier": ana.username, "password": "staple gun sandwich"}));
    send(login).await.expect(201);
    let mail = mail::told(app, &ana.email(), "new_device").await;
    assert!(text(&mail["text"]).contains("Firefox"), "{mail}");

    // Somebody without one hears nothing.
    let nobody = Actor::newcomer(app, "Nina").await;
    let sent: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT count(*) FROM notification.message WHERE account_id = $1",
            &[&nobody.id],
        )
        .await
        .expect("the letters")
        .get(0);
    assert_eq!(sent, 0);
}
