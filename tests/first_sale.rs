//! The first sale, from a listing that a follower hears of to stock that is right at the end.

use std::time::Duration;

use serde_json::Value;

use crate::support::app::{shared, text};
use crate::support::goods::{buy, goods, import, reconciled, stock};
use crate::support::{Actor, until};

/// The notification of a kind about a thing, as soon as it is there.
pub async fn notified(actor: &Actor, kind: &str, about: &str) -> Value {
    until(
        &format!("{} hears {kind} about {about}", actor.username),
        Duration::from_secs(15),
        || async {
            let list = actor.try_get("/v1/notifications?limit=100").await?.body;
            let hits: Vec<Value> = list["items"]
                .as_array()?
                .iter()
                .filter(|n| n["kind"] == kind && n["data"].to_string().contains(about))
                .cloned()
                .collect();
            assert!(hits.len() <= 1, "heard more than once: {hits:?}");
            hits.into_iter().next()
        },
    )
    .await
}

#[tokio::test]
async fn a_follower_hears_of_a_listing_buys_and_the_seller_confirms() {
    let app = shared();
    let (seller, buyer) = (app.someone("Minh").await, app.someone("Lan").await);

    assert_eq!(
        buyer
            .put(&format!("/v1/me/following/{}", seller.id))
            .await
            .status,
        204
    );
    let lamp = goods(app, &seller, "Paper lamp", 120_000, 0).await;
    import(&seller, &lamp.variant, 10).await;
    notified(&buyer, "product.listed", &lamp.product).await;

    let placed = buy(&buyer, &[(&lamp.variant, 2)]).await.expect(201);
    assert_eq!(placed["total"]["amount"], 240_000);
    let order = text(&placed["orders"][0]["id"]).to_owned();
    assert_eq!(placed["orders"][0]["status"], "awaiting_confirmation");
    assert_eq!(stock(app, &lamp.variant).await, (8, 0));

    notified(&seller, "order.placed", &order).await;
    let sale = seller.get(&format!("/v1/sales/{order}")).await.expect(200);
    assert_eq!(sale["lines"][0]["quantity"], 2);
    assert_eq!(sale["delivery"]["receiver"], "Lan");
    let confirmed = seller
        .post_keyed(
            &format!("/v1/sales/{order}/confirm"),
            "confirm-1",
            &serde_json::json!({}),
        )
        .await
        .expect(200);
    assert_eq!(confirmed["status"], "confirmed");
    notified(&buyer, "order.confirmed", &order).await;

    let seen = buyer.get(&format!("/v1/orders/{order}")).await.expect(200);
    let states: Vec<&str> = seen["history"]
        .as_array()
        .expect("a history")
        .iter()
        .map(|h| text(&h["to"]))
        .collect();
    assert_eq!(states, ["awaiting_confirmation", "confirmed"]);
    assert_eq!(stock(app, &lamp.variant).await, (8, 0));
    reconciled(app).await;

    let count = buyer
        .get("/v1/notifications/unread-count")
        .await
        .expect(200);
    assert_eq!(count["count"], 2, "the listing and the confirmation");
}

#[tokio::test]
async fn one_checkout_from_two_sellers_becomes_two_orders() {
    let app = shared();
    let (first, second, buyer) = (
        app.someone("An").await,
        app.someone("Binh").await,
        app.someone("Chi").await,
    );
    let cup = goods(app, &first, "Cup", 50_000, 5).await;
    let bowl = goods(app, &second, "Bowl", 70_000, 5).await;
    let placed = buy(&buyer, &[(&cup.variant, 1), (&bowl.variant, 2)])
        .await
        .expect(201);
    assert_eq!(placed["orders"].as_array().expect("orders").len(), 2);
    assert_eq!(placed["total"]["amount"], 190_000);
    for seller in [&first, &second] {
        let sales = seller.get("/v1/sales").await.expect(200);
        assert_eq!(sales["items"].as_array().expect("sales").len(), 1);
    }
}

#[tokio::test]
async fn a_declined_and_a_cancelled_order_give_their_stock_back() {
    let app = shared();
    let (seller, buyer) = (app.someone("Dung").await, app.someone("Em").await);
    let vase = goods(app, &seller, "Vase", 90_000, 4).await;
    let mut orders = Vec::new();
    for _ in 0..2 {
        let placed = buy(&buyer, &[(&vase.variant, 2)]).await.expect(201);
        orders.push(text(&placed["orders"][0]["id"]).to_owned());
    }
    assert_eq!(stock(app, &vase.variant).await, (0, 0));
    let reply = seller
        .post(
            &format!("/v1/sales/{}/decline", orders[0]),
            serde_json::json!({"reason": "cracked"}),
        )
        .await;
    assert_eq!(reply.expect(200)["status"], "cancelled");
    let reply = buyer
        .post(
            &format!("/v1/orders/{}/cancel", orders[1]),
            serde_json::json!({}),
        )
        .await;
    assert_eq!(reply.expect(200)["status"], "cancelled");
    until("the stock is back", Duration::from_secs(10), || async {
        (stock(app, &vase.variant).await == (4, 0)).then_some(())
    })
    .await;
    notified(&buyer, "order.declined", &orders[0]).await;
    notified(&seller, "order.cancelled", &orders[1]).await;
    let again = seller
        .post(
            &format!("/v1/sales/{}/confirm", orders[1]),
            serde_json::json!({}),
        )
        .await;
    again.expect_problem(409, "wrong_state");
    app.events_settled().await;
    assert_eq!(
        stock(app, &vase.variant).await,
        (4, 0),
        "the events changed nothing more"
    );
    reconciled(app).await;
}

#[tokio::test]
async fn what_changed_since_the_buyer_looked_is_refused_and_named() {
    let app = shared();
    let (seller, buyer) = (app.someone("Giang").await, app.someone("Hoa").await);
    let tea = goods(app, &seller, "Tea", 30_000, 3).await;

    let mut body = crate::support::goods::checkout(&[(&tea.variant, 1)]);
    body["lines"][0]["unit_price"] = 25_000.into();
    let reply = buyer.post_keyed("/v1/checkouts", "old-price", &body).await;
    reply.expect_problem(409, "price_changed");
    assert!(
        reply.raw.contains("30000") && reply.raw.contains(&tea.variant),
        "{}",
        reply.raw
    );

    let reply = buy(&buyer, &[(&tea.variant, 4)]).await;
    reply.expect_problem(409, "insufficient_stock");
    assert_eq!(reply.body["shortages"][0]["available"], 3, "{}", reply.raw);

    buy(&seller, &[(&tea.variant, 1)])
        .await
        .expect_problem(409, "own_goods");

    let page = seller.get(&format!("/v1/products/{}", tea.product)).await;
    let version = page.body["version"].as_i64().expect("a version");
    seller
        .act(&format!("/v1/products/{}/hide", tea.product), version)
        .await
        .expect(200);
    let reply = buy(&buyer, &[(&tea.variant, 1)]).await;
    reply.expect_problem(409, "line_unavailable");
    buyer
        .get(&format!("/v1/products/{}", tea.product))
        .await
        .expect_problem(404, "not_found");
    assert_eq!(stock(app, &tea.variant).await, (3, 0));
}

#[tokio::test]
async fn the_same_key_is_the_same_checkout_and_another_body_is_refused() {
    let app = shared();
    let (seller, buyer, other) = (
        app.someone("Khoa").await,
        app.someone("Linh").await,
        app.someone("Mai").await,
    );
    let pen = goods(app, &seller, "Pen", 9_000, 10).await;
    let body = crate::support::goods::checkout(&[(&pen.variant, 1)]);
    let first = buyer.post_keyed("/v1/checkouts", "k-1", &body).await;
    let again = buyer.post_keyed("/v1/checkouts", "k-1", &body).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body["id"], again.body["id"]);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let changed = crate::support::goods::checkout(&[(&pen.variant, 2)]);
    buyer
        .post_keyed("/v1/checkouts", "k-1", &changed)
        .await
        .expect_problem(422, "idempotency_key_reused");
    let foreign = other.post_keyed("/v1/checkouts", "k-1", &body).await;
    assert_ne!(
        foreign.expect(201)["id"],
        first.body["id"],
        "a key belongs to its account"
    );
    buyer
        .post("/v1/checkouts", body)
        .await
        .expect_problem(400, "idempotency_key_required");
    assert_eq!(stock(app, &pen.variant).await, (8, 0));
}

#[tokio::test]
async fn an_order_is_its_buyers_and_its_sellers_and_nobody_elses() {
    let app = shared();
    let (seller, buyer, stranger) = (
        app.someone("Nam").await,
        app.someone("Oanh").await,
        app.someone("Phuc").await,
    );
    let mat = goods(app, &seller, "Mat", 60_000, 3).await;
    let placed = buy(&buyer, &[(&mat.variant, 1)]).await.expect(201);
    let order = text(&placed["orders"][0]["id"]);
    let checkout = text(&placed["id"]);
    for path in [
        format!("/v1/orders/{order}"),
        format!("/v1/sales/{order}"),
        format!("/v1/checkouts/{checkout}"),
    ] {
        stranger.get(&path).await.expect_problem(404, "not_found");
        app.stranger()
            .get(&path)
            .await
            .expect_problem(401, "unauthenticated");
    }
    seller
        .get(&format!("/v1/orders/{order}"))
        .await
        .expect_problem(404, "not_found");
    buyer
        .get(&format!("/v1/sales/{order}"))
        .await
        .expect_problem(404, "not_found");
    let reply = stranger
        .post(&format!("/v1/sales/{order}/confirm"), serde_json::json!({}))
        .await;
    reply.expect_problem(404, "not_found");
}
