//! Checkouts that are paid for: how they wait, become orders, and end otherwise.

mod ending;
pub mod prices;

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{App, shared, text};
use crate::support::goods::{checkout, goods, reconciled, stock};
use crate::support::money::{give, ledger_is_clean, pay};
use crate::support::{Actor, Reply, until};

/// The body of a checkout at a provider; `extra` joins it.
pub fn at_provider(lines: &[(&str, u32)], extra: Value) -> Value {
    let mut body = checkout(lines);
    body["provider"] = "sandbox".into();
    let fields = body.as_object_mut().expect("an object");
    fields.extend(extra.as_object().expect("an object").clone());
    fields.retain(|_, value| !value.is_null());
    body
}

/// Begins it with a key, and insists while nobody can say.
pub async fn begin(buyer: &Actor, key: &str, body: &Value) -> Reply {
    until("the checkout is begun", Duration::from_secs(40), || async {
        let reply = buyer.try_post_keyed("/v1/checkouts", key, body).await?;
        let open = reply.status >= 500
            || reply.code() == "idempotency_in_progress"
            || reply.body["status"] == "running";
        (!open).then_some(reply)
    })
    .await
}

/// A checkout that waits for its payment.
pub async fn waiting(buyer: &Actor, body: &Value) -> Value {
    let reply = begin(buyer, &Uuid::new_v4().to_string(), body).await;
    let body = reply.expect(202);
    assert_eq!(body["status"], "awaiting_payment", "{body}");
    body
}

/// The checkout, as soon as it has this status.
pub async fn becomes(buyer: &Actor, checkout: &Value, status: &str) -> Value {
    let path = format!("/v1/checkouts/{}", text(&checkout["id"]));
    until(
        &format!("it is {status}"),
        Duration::from_secs(40),
        || async {
            let seen = buyer.try_get(&path).await?;
            (seen.status == 200 && seen.body["status"] == status).then_some(seen.body)
        },
    )
    .await
}

/// Somebody who may do everything.
pub async fn admin(app: &App) -> Actor {
    let mut admin = app.someone("Admin").await;
    app.grant(&admin, "admin").await;
    admin.sign_in().await;
    admin
}

/// What is in somebody's wallet, in minor units of VND.
pub async fn wallet(app: &App, owner: &Actor) -> i64 {
    app.sql()
        .await
        .query_one(
            "SELECT payment.balance_v1('wallet', $1, 'VND')",
            &[&owner.id],
        )
        .await
        .expect("the balance")
        .get(0)
}

/// Waits until so many units are on the shelf and so many are reserved.
pub async fn stock_is(app: &App, variant: &str, on_hand: i64, reserved: i64) {
    let what = format!("{on_hand} units, {reserved} of them reserved");
    until(&what, Duration::from_secs(30), || async {
        (stock(app, variant).await == (on_hand, reserved)).then_some(())
    })
    .await;
}

pub async fn wallet_is(app: &App, owner: &Actor, amount: i64) {
    until(
        &format!("{amount} in the wallet"),
        Duration::from_secs(30),
        || async { (wallet(app, owner).await == amount).then_some(()) },
    )
    .await;
}

#[tokio::test]
async fn a_wallet_that_covers_it_pays_at_once() {
    let app = shared();
    let (seller, buyer, admin) = (
        app.someone("Seller").await,
        app.someone("Buyer").await,
        admin(app).await,
    );
    let lamp = goods(app, &seller, "Lamp", 40_000, 5).await;
    give(&admin, &buyer, 100_000, "VND").await;
    // With a provider for what is missing, and without.
    for (extra, left) in [
        (json!({"use_wallet": true}), 60_000),
        (json!({"use_wallet": true, "provider": null}), 20_000),
    ] {
        let body = at_provider(&[(&lamp.variant, 1)], extra);
        let placed = begin(&buyer, &Uuid::new_v4().to_string(), &body)
            .await
            .expect(201);
        assert_eq!(placed["status"], "placed");
        assert_eq!(placed["provider"], "wallet");
        assert_eq!(placed["payment"]["from_wallet"]["amount"], 40_000);
        assert_eq!(placed["payment"]["pay_url"], Value::Null);
        assert_eq!(placed["orders"][0]["status"], "awaiting_confirmation");
        assert_eq!(wallet(app, &buyer).await, left);
    }
    let body = at_provider(
        &[(&lamp.variant, 1)],
        json!({"use_wallet": true, "provider": null}),
    );
    // Of a refusal nothing is left: the key is free.
    for _ in 0..2 {
        let poor = begin(&buyer, "poor", &body).await;
        poor.expect_problem(409, "insufficient_funds");
        assert_eq!(poor.body["available"], 20_000);
    }
    stock_is(app, &lamp.variant, 3, 0).await;
    assert_eq!(wallet(app, &buyer).await, 20_000);
    reconciled(app).await;
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn a_key_answers_how_its_checkout_stands_at_every_stage() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let lamp = goods(app, &seller, "Lamp", 40_000, 5).await;
    let body = at_provider(&[(&lamp.variant, 2)], json!({}));
    let key = Uuid::new_v4().to_string();
    let first = begin(&buyer, &key, &body).await;
    assert_eq!(first.status, 202, "{}", first.raw);
    let id = text(&first.body["id"]).to_owned();
    assert_eq!(first.header("location"), format!("/v1/checkouts/{id}"));
    assert_eq!(first.body["total"]["amount"], 80_000);
    assert_eq!(first.body["orders"][0]["status"], Value::Null);
    assert_eq!(first.body["orders"][0]["lines"][0]["quantity"], 2);
    assert_eq!(stock(app, &lamp.variant).await, (5, 2));

    let again = buyer.post_keyed("/v1/checkouts", &key, &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, &again.body), (202, &first.body));
    let other = at_provider(&[(&lamp.variant, 1)], json!({}));
    buyer
        .post_keyed("/v1/checkouts", &key, &other)
        .await
        .expect_problem(422, "idempotency_key_reused");

    pay(&buyer, &first.body, "pay").await;
    let placed = becomes(&buyer, &first.body, "placed").await;
    let again = buyer.post_keyed("/v1/checkouts", &key, &body).await;
    assert_eq!((again.status, &again.body), (201, &placed));
    let order = text(&placed["orders"][0]["id"]);
    assert_eq!(
        order,
        text(&first.body["orders"][0]["id"]),
        "as it was planned"
    );
    let seen = buyer.get(&format!("/v1/orders/{order}")).await.expect(200);
    assert_eq!(
        (&seen["provider"], &seen["total"]["amount"]),
        (&json!("sandbox"), &json!(80_000))
    );
    stock_is(app, &lamp.variant, 3, 0).await;

    let given_up = Uuid::new_v4().to_string();
    let second = begin(&buyer, &given_up, &body).await.expect(202);
    let path = format!("/v1/checkouts/{}/cancel", text(&second["id"]));
    buyer.post(&path, json!({})).await;
    becomes(&buyer, &second, "cancelled").await;
    let again = buyer.post_keyed("/v1/checkouts", &given_up, &body).await;
    assert_eq!(
        (again.status, &again.body["status"]),
        (200, &json!("cancelled"))
    );
    assert_eq!(again.body["id"], second["id"], "and buys nothing");

    let all = buyer.get("/v1/checkouts?limit=1").await.expect(200);
    assert_eq!(all["items"][0]["id"], second["id"], "the newest first");
    let cursor = text(&all["next_cursor"]);
    let next = buyer
        .get(&format!("/v1/checkouts?limit=1&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(
        (&next["items"][0]["id"], &next["next_cursor"]),
        (&placed["id"], &Value::Null)
    );
    for (status, wanted) in [("placed", &placed["id"]), ("cancelled", &second["id"])] {
        let some = buyer
            .get(&format!("/v1/checkouts?status={status}"))
            .await
            .expect(200);
        assert_eq!(some["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(&some["items"][0]["id"], wanted);
    }
    reconciled(app).await;
}

#[tokio::test]
async fn the_wallet_pays_first_and_a_declined_attempt_may_be_followed_by_another() {
    let app = shared();
    let (seller, buyer, admin) = (
        app.someone("Seller").await,
        app.someone("Buyer").await,
        admin(app).await,
    );
    let lamp = goods(app, &seller, "Lamp", 40_000, 5).await;
    give(&admin, &buyer, 15_000, "VND").await;
    let body = at_provider(&[(&lamp.variant, 1)], json!({"use_wallet": true}));
    let first = waiting(&buyer, &body).await;
    assert_eq!(first["payment"]["from_wallet"]["amount"], 15_000);
    assert_eq!(wallet(app, &buyer).await, 0);

    pay(&buyer, &first, "decline").await;
    let attempts = format!("/v1/payment-sessions/{}/attempts", text(&first["id"]));
    let second = until(
        "another attempt is made",
        Duration::from_secs(30),
        || async {
            let key = Uuid::new_v4().to_string();
            let reply = buyer
                .post_keyed(&attempts, &key, &json!({"provider": "sandbox"}))
                .await;
            (reply.status == 201).then_some(reply.body)
        },
    )
    .await;
    let seen = buyer
        .get(&format!("/v1/checkouts/{}", text(&first["id"])))
        .await
        .expect(200);
    assert_eq!(
        seen["status"], "awaiting_payment",
        "one decline is not the end"
    );
    pay(
        &buyer,
        &json!({"payment": {"pay_url": second["pay_url"]}}),
        "pay",
    )
    .await;
    let placed = becomes(&buyer, &first, "placed").await;
    assert_eq!(placed["payment"]["from_wallet"]["amount"], 15_000);
    stock_is(app, &lamp.variant, 4, 0).await;
    app.events_settled().await;
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn one_payment_pays_two_sellers() {
    let app = shared();
    let (first, second, buyer) = (
        app.someone("An").await,
        app.someone("Binh").await,
        app.someone("Chi").await,
    );
    let cup = goods(app, &first, "Cup", 50_000, 5).await;
    let bowl = goods(app, &second, "Bowl", 70_000, 5).await;
    let body = at_provider(&[(&cup.variant, 1), (&bowl.variant, 2)], json!({}));
    let checkout = waiting(&buyer, &body).await;
    for seller in [&first, &second] {
        let sales = seller.get("/v1/sales").await.expect(200);
        assert_eq!(sales["items"], json!([]), "not before it is paid");
    }
    pay(&buyer, &checkout, "duplicate").await;
    let placed = becomes(&buyer, &checkout, "placed").await;
    assert_eq!(placed["orders"].as_array().map(Vec::len), Some(2));
    let escrows: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT coalesce(sum(goods + shipping), 0)::bigint FROM payment.escrow WHERE session_id = $1::text::uuid",
            &[&text(&placed["id"])],
        )
        .await
        .expect("the escrows")
        .get(0);
    assert_eq!(escrows, 190_000);
    for seller in [&first, &second] {
        let sales = seller.get("/v1/sales").await.expect(200);
        assert_eq!(sales["items"].as_array().map(Vec::len), Some(1));
    }
    stock_is(app, &cup.variant, 4, 0).await;
    stock_is(app, &bowl.variant, 3, 0).await;
    app.events_settled().await;
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn what_is_paid_for_and_how_has_to_make_sense() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let lamp = goods(app, &seller, "Lamp", 40_000, 5).await;
    let line = [(lamp.variant.as_str(), 1)];
    for (extra, pointer) in [
        (json!({"provider": null}), "/provider"),
        (json!({"provider": "Sandbox"}), "/provider"),
        (
            json!({"provider": "cod", "use_wallet": true}),
            "/use_wallet",
        ),
        (
            json!({"provider": "cod", "method_id": Uuid::now_v7()}),
            "/method_id",
        ),
        (
            json!({"return_url": "https://elsewhere.example"}),
            "/return_url",
        ),
        (json!({"return_url": "//elsewhere.example"}), "/return_url"),
        (json!({"codes": vec!["A"; 11]}), "/codes"),
        (json!({"codes": ["\u{0}"]}), "/codes/0"),
    ] {
        let body = at_provider(&line, extra);
        let reply = buyer.post_keyed("/v1/checkouts", "senseless", &body).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{}", reply.raw);
    }
    let nowhere = at_provider(&line, json!({"provider": "no_such_bank"}));
    begin(&buyer, "nowhere", &nowhere)
        .await
        .expect_problem(422, "provider_unusable");
    stock_is(app, &lamp.variant, 5, 0).await;
}
