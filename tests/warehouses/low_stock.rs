//! Shelves that run low.

use serde_json::json;

use super::{import_to, set, switch, warehouse};
use crate::first_sale::notified;
use crate::support::app::{App, shared, text};
use crate::support::goods::{buy, goods, import, reconciled};
use crate::support::{Actor, Reply};

/// How often the seller has been told that a variant runs low.
async fn told(app: &App, seller: &Actor, variant: &str) -> usize {
    app.events_settled().await;
    let list = seller.get("/v1/notifications?limit=100").await.expect(200);
    list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|n| n["kind"] == "inventory.low" && n["data"].to_string().contains(variant))
        .count()
}

async fn adjust(seller: &Actor, variant: &str, delta: i32) -> Reply {
    let body = json!({"variant_id": variant, "delta": delta, "reason": "count"});
    seller.post("/v1/stock/adjustments", body).await
}

#[tokio::test]
async fn the_seller_is_told_once_when_stock_falls_to_the_threshold_and_again_after_it_was_above() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let tea = goods(app, &seller, "Tea", 1_000, 10).await;
    set(&seller, &tea.variant, false, Some(5)).await.expect(200);
    buy(&buyer, &[(&tea.variant, 4)]).await.expect(201);
    assert_eq!(told(app, &seller, &tea.variant).await, 0);
    buy(&buyer, &[(&tea.variant, 1)]).await.expect(201);
    let notice = notified(&seller, "inventory.low", &tea.variant).await;
    assert_eq!(
        (&notice["data"]["available"], &notice["data"]["threshold"]),
        (&json!(5), &json!(5))
    );
    buy(&buyer, &[(&tea.variant, 1)]).await.expect(201);
    adjust(&seller, &tea.variant, -1).await.expect(200);
    // A threshold tells nobody anything by itself.
    set(&seller, &tea.variant, false, Some(8)).await.expect(200);
    assert_eq!(told(app, &seller, &tea.variant).await, 1);

    import(&seller, &tea.variant, 10).await;
    adjust(&seller, &tea.variant, -6).await.expect(200);
    assert_eq!(told(app, &seller, &tea.variant).await, 2);
    reconciled(app).await;
}

#[tokio::test]
async fn an_order_given_back_lifts_the_shelf_above_the_threshold_again() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let tea = goods(app, &seller, "Tea", 1_000, 6).await;
    set(&seller, &tea.variant, false, Some(5)).await.expect(200);
    for times in 1..=2 {
        let placed = buy(&buyer, &[(&tea.variant, 1)]).await.expect(201);
        assert_eq!(told(app, &seller, &tea.variant).await, times);
        let path = format!("/v1/orders/{}/cancel", text(&placed["orders"][0]["id"]));
        buyer.post(&path, json!({})).await.expect(200);
        app.events_settled().await;
    }
    reconciled(app).await;
}

#[tokio::test]
async fn switching_a_warehouse_off_may_leave_too_little() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let tea = goods(app, &seller, "Tea", 1_000, 10).await;
    let north = warehouse(&seller, "north", 1).await;
    import_to(&seller, &north, &tea.variant, 3).await;
    set(&seller, &tea.variant, false, Some(3)).await.expect(200);
    switch(&seller, "main", false).await;
    assert_eq!(told(app, &seller, &tea.variant).await, 1);
    switch(&seller, "main", true).await;
    switch(&seller, "north", false).await;
    assert_eq!(told(app, &seller, &tea.variant).await, 1);
    reconciled(app).await;
}

#[tokio::test]
async fn settings_are_the_sellers_own_and_have_a_version() {
    let app = shared();
    let (seller, other) = (app.someone("Seller").await, app.someone("Other").await);
    let tea = goods(app, &seller, "Tea", 1_000, 1).await;
    let path = format!("/v1/stock/{}/settings", tea.variant);
    let none = seller.get(&path).await;
    assert_eq!(none.header("etag"), "\"0\"");
    assert_eq!(
        none.expect(200),
        json!({"variant_id": tea.variant, "serial_tracked": false, "low_stock_threshold": null, "version": 0})
    );
    let first = set(&seller, &tea.variant, false, Some(0)).await.expect(200);
    assert_eq!(
        (&first["low_stock_threshold"], &first["version"]),
        (&json!(0), &json!(1))
    );
    let same = set(&seller, &tea.variant, false, Some(0)).await.expect(200);
    assert_eq!(same["version"], 1);
    let stale = crate::support::actor::send(
        seller
            .request(reqwest::Method::PUT, &path)
            .header("if-match", "\"0\"")
            .json(&json!({"serial_tracked": false, "low_stock_threshold": 9})),
    )
    .await;
    stale.expect_problem(412, "stale_version");
    for threshold in [-1, 1_000_001] {
        let reply = set(&seller, &tea.variant, false, Some(threshold)).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(reply.body["errors"][0]["pointer"], "/low_stock_threshold");
    }
    let theirs = other.get(&path).await.expect(200);
    assert_eq!(theirs["version"], 0);
}
