//! What is kept of somebody: handed out, and erased.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::second_factor::authenticator::{forget_steps, set_up};
use crate::support::actor::{PASSWORD, send};
use crate::support::app::{App, shared, text};
use crate::support::events::{consume, event};
use crate::support::goods::{buy, goods};
use crate::support::{Actor, Reply, until};

async fn erase(actor: &Actor, body: Value) -> Reply {
    send(actor.request(Method::DELETE, "/v1/me").json(&body)).await
}

async fn add_contact(actor: &Actor) {
    actor
        .post(
            "/v1/me/contacts",
            json!({"receiver": "Nguyen Thi Lan", "phone": "+84912345678",
                   "address_lines": ["12 Hang Bac"], "city": "Ha Noi", "country": "VN"}),
        )
        .await
        .expect(201);
}

/// How many rows of a table are an account's.
async fn rows(app: &App, table: &str, column: &str, id: Uuid) -> i64 {
    app.sql()
        .await
        .query_one(
            &format!("SELECT count(*) FROM {table} WHERE {column} = $1"),
            &[&id],
        )
        .await
        .expect("a count")
        .get(0)
}

#[tokio::test]
async fn everything_that_is_kept_is_handed_out_but_secrets() {
    let app = shared();
    let (ana, ben) = (app.someone("Ana").await, app.someone("Ben").await);
    add_contact(&ana).await;
    let product = Uuid::now_v7();
    ana.put(&format!("/v1/me/favorites/{product}")).await;
    ana.put(&format!("/v1/me/following/{}", ben.id)).await;
    ana.put_json(
        "/v1/me/devices",
        json!({"token": "push:ana", "platform": "web", "name": "Browser"}),
    )
    .await;
    let key = ana
        .post(
            "/v1/me/api-keys",
            json!({"name": "sync", "scopes": ["read"], "password": PASSWORD}),
        )
        .await
        .expect(201);
    let reply = ana.post("/v1/me/export", Value::Null).await;
    assert!(
        reply
            .header("content-disposition")
            .starts_with("attachment")
    );
    let raw = reply.raw.clone();
    let document = reply.expect(200);
    assert_eq!(document["account"]["email"], json!(ana.email()));
    assert_eq!(document["contacts"][0]["receiver"], "Nguyen Thi Lan");
    assert_eq!(document["favorites"][0]["product_id"], json!(product));
    assert_eq!(document["following"][0]["account_id"], json!(ben.id));
    assert_eq!(document["devices"][0]["name"], "Browser");
    assert_eq!(document["api_keys"][0]["prefix"], key["prefix"]);
    assert_eq!(document["sessions"].as_array().map(Vec::len), Some(1));
    let actions = document["audit"].to_string();
    assert!(
        actions.contains("registered") && actions.contains("exported"),
        "{actions}"
    );
    for secret in ["argon2", "password_hash", "chain_key", text(&key["key"])] {
        assert!(!raw.contains(secret), "{secret} in {raw}");
    }
    // Where the rest is, and that it is there.
    for path in document["elsewhere"].as_array().expect("routes") {
        let path = text(path);
        let reply = ana.get(path).await;
        assert!(matches!(reply.status, 200), "{path}: {reply:?}");
    }
}

#[tokio::test]
async fn an_erased_account_leaves_its_id_and_its_orders() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let thing = goods(app, &seller, "Lamp", 50_000, 5).await;
    let placed = buy(&buyer, &[(&thing.variant, 1)]).await.expect(201);
    let order = text(&placed["orders"][0]["id"]).to_owned();
    add_contact(&seller).await;
    seller.put(&format!("/v1/me/following/{}", buyer.id)).await;
    buyer.put(&format!("/v1/me/following/{}", seller.id)).await;
    seller
        .put(&format!("/v1/me/favorites/{}", thing.product))
        .await;
    app.events_settled().await;

    erase(&seller, json!({"password": "another one"}))
        .await
        .expect_problem(403, "wrong_password");
    erase(&seller, json!({}))
        .await
        .expect_problem(422, "validation_failed");
    assert_eq!(
        erase(&seller, json!({"password": PASSWORD})).await.status,
        204
    );

    // At once.
    let stranger = app.stranger();
    stranger
        .post(
            "/v1/sessions",
            json!({"identifier": seller.username, "password": PASSWORD}),
        )
        .await
        .expect_problem(401, "invalid_credentials");
    stranger
        .get(&format!("/v1/accounts/{}", seller.id))
        .await
        .expect_problem(404, "not_found");
    stranger
        .post(
            "/v1/sessions/refresh",
            json!({"refresh_token": seller.refresh_token}),
        )
        .await
        .expect_problem(401, "invalid_refresh_token");
    buyer
        .put(&format!("/v1/me/following/{}", seller.id))
        .await
        .expect_problem(404, "not_found");
    until("its token ends", Duration::from_secs(5), || async {
        (seller.get("/v1/me").await.status == 401).then_some(())
    })
    .await;
    for (table, column) in [
        ("account.session", "account_id"),
        ("account.contact", "account_id"),
        ("account.favorite", "account_id"),
        ("account.known_device", "account_id"),
        ("account.follow", "follower_id"),
        ("account.follow", "seller_id"),
    ] {
        assert_eq!(rows(app, table, column, seller.id).await, 0, "{table}");
    }
    let left: Value = app
        .sql()
        .await
        .query_one(
            "SELECT to_jsonb(a) FROM account.account a WHERE id = $1",
            &[&seller.id],
        )
        .await
        .expect("the row")
        .get(0);
    assert_eq!(left["name"], "Deleted account");
    assert!(!left.to_string().contains(&seller.username), "{left}");

    // Elsewhere, a few seconds later.
    let product = format!("/v1/products/{}", thing.product);
    until("it is not for sale", Duration::from_secs(30), || async {
        (stranger.get(&product).await.status == 404).then_some(())
    })
    .await;
    app.events_settled().await;
    let name: String = app
        .sql()
        .await
        .query_one(
            "SELECT name FROM catalog.seller WHERE id = $1",
            &[&seller.id],
        )
        .await
        .expect("the seller")
        .get(0);
    assert_eq!(name, "Deleted account");
    for table in ["notification.notification", "notification.message"] {
        assert_eq!(
            rows(app, table, "account_id", seller.id).await,
            0,
            "{table}"
        );
    }
    assert_eq!(
        rows(app, "notification.follow", "follower_id", seller.id).await
            + rows(app, "notification.follow", "seller_id", seller.id).await,
        0
    );
    // The buyer has what was bought.
    let order = buyer.get(&format!("/v1/orders/{order}")).await.expect(200);
    assert_eq!(order["lines"][0]["name"], "Lamp");

    // The name and the address are free again.
    let mut new = app.stranger();
    new.username = seller.username.clone();
    new.prepare(
        "/v1/accounts",
        &json!({"username": seller.username, "password": PASSWORD, "name": "New",
                "country": "VN", "locale": "en"}),
    )
    .await
    .expect(201);
}

#[tokio::test]
async fn what_comes_late_does_not_bring_an_erased_account_back() {
    let app = shared();
    let (id, other) = (Uuid::now_v7(), Uuid::now_v7());
    let named = |sequence: i64, name: &str| {
        let data = json!({"account_id": id, "name": name, "locale": "en"});
        event(
            Uuid::now_v7(),
            "account.profile_updated",
            id,
            sequence,
            data,
        )
    };
    let erased = event(
        Uuid::now_v7(),
        "account.erased",
        id,
        3,
        json!({"account_id": id}),
    );
    let follow = Uuid::now_v7();
    let followed = event(
        Uuid::now_v7(),
        "account.followed",
        follow,
        1,
        json!({"follower_id": other, "seller_id": id}),
    );
    let batch = [
        named(1, "Ana"),
        erased.clone(),
        erased,
        named(9, "Ana"),
        followed,
    ];
    for outcome in consume(app, "notification", &batch).await {
        assert!(!outcome.to_string().contains("error"), "{outcome}");
    }
    let sql = app.sql().await;
    let name: String = sql
        .query_one("SELECT name FROM notification.person WHERE id = $1", &[&id])
        .await
        .expect("the person")
        .get(0);
    assert_eq!(name, "Deleted account");
    assert_eq!(rows(app, "notification.follow", "seller_id", id).await, 0);
    for module in ["order", "payment"] {
        let again = event(
            Uuid::now_v7(),
            "account.erased",
            id,
            3,
            json!({"account_id": id}),
        );
        for outcome in consume(app, module, &[again.clone(), again]).await {
            assert!(
                !outcome.to_string().contains("error"),
                "{module}: {outcome}"
            );
        }
    }
}

#[tokio::test]
async fn the_staff_is_dismissed_before_and_a_second_factor_is_asked_for() {
    let app = shared();
    let mut moderator = app.someone("Mo").await;
    app.grant(&moderator, "moderator").await;
    moderator.sign_in().await;
    erase(&moderator, json!({"password": PASSWORD}))
        .await
        .expect_problem(409, "staff_stays");

    let ana = app.someone("Ana").await;
    let (authenticator, _) = set_up(&ana).await;
    forget_steps(app, &ana).await;
    erase(&ana, json!({"password": PASSWORD}))
        .await
        .expect_problem(401, "second_factor_required");
    erase(
        &ana,
        json!({"password": PASSWORD, "code": authenticator.wrong()}),
    )
    .await
    .expect_problem(403, "wrong_code");
    let gone = erase(
        &ana,
        json!({"password": PASSWORD, "code": authenticator.code(0)}),
    )
    .await;
    assert_eq!(gone.status, 204, "{gone:?}");
    let actions: Vec<String> = app
        .sql()
        .await
        .query(
            "SELECT action FROM account.audit WHERE account_id = $1 ORDER BY id DESC LIMIT 1",
            &[&ana.id],
        )
        .await
        .expect("the log")
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(actions, ["erased"]);
}
