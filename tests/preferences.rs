//! Favorites, devices, and what somebody wants to be told.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::PASSWORD;
use crate::support::app::{App, shared, text};
use crate::support::events::{consume, event};
use crate::support::{Actor, mail, until};

#[tokio::test]
async fn favorites_come_newest_first_page_by_page_and_each_once() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let products: Vec<Uuid> = (0..5).map(|_| Uuid::now_v7()).collect();
    for product in products.iter().chain([&products[0]]) {
        let reply = ana.put(&format!("/v1/me/favorites/{product}")).await;
        assert_eq!(reply.status, 204, "{reply:?}");
    }
    let mut seen = Vec::new();
    let mut path = "/v1/me/favorites?limit=2".to_owned();
    loop {
        let page = ana.get(&path).await.expect(200);
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= 2);
        seen.extend(
            items
                .iter()
                .map(|item| text(&item["product_id"]).to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/v1/me/favorites?limit=2&cursor={cursor}");
    }
    let expected: Vec<String> = products.iter().rev().map(Uuid::to_string).collect();
    assert_eq!(seen, expected);
    for _ in 0..2 {
        let gone = ana
            .delete(&format!("/v1/me/favorites/{}", products[2]))
            .await;
        assert_eq!(gone.status, 204);
    }
    let left = ana.get("/v1/me/favorites").await.expect(200);
    assert_eq!(left["items"].as_array().map(Vec::len), Some(4));
    let other = app.someone("Other").await.get("/v1/me/favorites").await;
    assert_eq!(other.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn there_are_a_thousand_favorites_at_most() {
    let app = shared();
    let ana = app.someone("Ana").await;
    app.sql()
        .await
        .execute(
            "INSERT INTO account.favorite (account_id, product_id, id, created_at)
             SELECT $1, gen_random_uuid(), shared.uuid_v7(), shared.now() FROM generate_series(1, 999)",
            &[&ana.id],
        )
        .await
        .expect("favorites");
    let paths: Vec<String> = (0..4)
        .map(|_| format!("/v1/me/favorites/{}", Uuid::now_v7()))
        .collect();
    let replies = futures::future::join_all(paths.iter().map(|path| ana.put(path))).await;
    let kept = replies.iter().filter(|reply| reply.status == 204).count();
    assert_eq!(kept, 1, "{replies:?}");
    ana.put(&paths[0]).await;
    ana.put(&format!("/v1/me/favorites/{}", Uuid::now_v7()))
        .await
        .expect_problem(409, "too_many_favorites");
}

async fn put_device(actor: &Actor, token: &str, name: &str) -> Value {
    actor
        .put_json(
            "/v1/me/devices",
            json!({"token": token, "platform": "ios", "name": name}),
        )
        .await
        .expect(200)
}

#[tokio::test]
async fn a_device_is_whoevers_signed_in_on_it_last() {
    let app = shared();
    let (ana, ben) = (app.someone("Ana").await, app.someone("Ben").await);
    let token = format!("push:{}", Uuid::new_v4());
    let first = put_device(&ana, &token, "Ana's phone").await;
    assert!(!first.to_string().contains(&token));
    let again = put_device(&ana, &token, "Ana's old phone").await;
    assert_eq!(again["id"], first["id"]);
    let bens = put_device(&ben, &token, "Ben's phone").await;
    assert_ne!(bens["id"], first["id"]);
    assert_eq!(ana.get("/v1/me/devices").await.expect(200), json!([]));
    let listed = ben.get("/v1/me/devices").await.expect(200);
    assert_eq!(listed[0]["name"], "Ben's phone");
    let path = format!("/v1/me/devices/{}", text(&bens["id"]));
    assert_eq!(ana.delete(&path).await.status, 204);
    assert_eq!(
        ben.get("/v1/me/devices")
            .await
            .expect(200)
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(ben.delete(&path).await.status, 204);
    assert_eq!(ben.get("/v1/me/devices").await.expect(200), json!([]));
    // The twenty-first takes the place of the first.
    for n in 0..21 {
        put_device(&ana, &format!("push:{}", Uuid::new_v4()), &n.to_string()).await;
    }
    let listed = ana.get("/v1/me/devices").await.expect(200);
    let names: Vec<&str> = listed
        .as_array()
        .expect("devices")
        .iter()
        .map(|device| text(&device["name"]))
        .collect();
    assert_eq!((names.len(), names[0], names[19]), (20, "20", "1"));
}

/// Hands notification what it would hear of an order of somebody's, and answers how many notifications they
/// have of it.
async fn told_of_an_order(app: &App, buyer: &Actor) -> i64 {
    let order = Uuid::now_v7();
    let data = json!({"order_id": order, "buyer_id": buyer.id, "seller_id": Uuid::now_v7()});
    let confirmed = event(Uuid::now_v7(), "order.confirmed", order, 2, data);
    consume(app, "notification", &[confirmed]).await;
    app.sql()
        .await
        .query_one(
            "SELECT count(*) FROM notification.notification
             WHERE account_id = $1 AND data->>'order_id' = $2",
            &[&buyer.id, &order.to_string()],
        )
        .await
        .expect("a count")
        .get(0)
}

#[tokio::test]
async fn what_somebody_switches_off_they_are_not_told() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let path = "/v1/me/notification-preferences";
    let all = ana.get(path).await.expect(200);
    assert_eq!(
        all["orders"],
        json!({"in_app": true, "email": true, "sms": true, "push": true})
    );
    assert_eq!(all.as_object().map(serde_json::Map::len), Some(5));
    for bad in [
        json!({"security": {"email": false}}),
        json!({"orders": {"fax": false}}),
        json!({"orders": {"email": "no"}}),
    ] {
        ana.put_json(path, bad)
            .await
            .expect_problem(422, "validation_failed");
    }
    assert_eq!(told_of_an_order(app, &ana).await, 1);
    let put = ana
        .put_json(
            path,
            json!({"orders": {"in_app": false}, "money": {"sms": false}}),
        )
        .await
        .expect(200);
    assert_eq!(put, ana.get(path).await.expect(200));
    assert_eq!(put["orders"]["in_app"], false);
    heard(app, &ana, 2).await;
    assert_eq!(told_of_an_order(app, &ana).await, 0);
    // Everything again: what is left out is told.
    ana.put_json(path, json!({})).await.expect(200);
    heard(app, &ana, 0).await;
    assert_eq!(told_of_an_order(app, &ana).await, 1);
}

/// Waits until notification knows of so many things that somebody has switched off.
async fn heard(app: &App, actor: &Actor, count: i32) {
    let sql = app.sql().await;
    until("notification has heard", Duration::from_secs(15), || async {
        let known = "SELECT cardinality(switched_off) FROM notification.preference WHERE account_id = $1";
        let row = sql.query_opt(known, &[&actor.id]).await.ok().flatten()?;
        (row.get::<_, i32>(0) == count).then_some(())
    })
    .await;
}

#[tokio::test]
async fn letters_about_security_come_whatever_was_switched_off() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let off = json!({"in_app": false, "email": false, "sms": false, "push": false});
    ana.put_json(
        "/v1/me/notification-preferences",
        json!({"orders": off, "money": off, "reminders": off, "selling": off, "follows": off}),
    )
    .await
    .expect(200);
    heard(app, &ana, 20).await;
    ana.post(
        "/v1/me/password",
        json!({"current_password": PASSWORD, "new_password": "staple gun sandwich"}),
    )
    .await;
    mail::told(app, &ana.email(), "password_changed").await;
}
