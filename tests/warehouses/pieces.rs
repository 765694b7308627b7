//! Variants that are tracked by serial number.

use std::time::Duration;

use serde_json::{Value, json};

use super::{balance, named, set, warehouse};
use crate::support::app::{shared, text};
use crate::support::goods::{Goods, buy, goods, import, reconciled, stock};
use crate::support::{Actor, App, Reply, until};

/// A product whose units have serial numbers, these ones in `main`.
async fn tracked(app: &App, seller: &Actor, serials: &[&str]) -> Goods {
    let camera = goods(app, seller, "Camera", 1_000, 0).await;
    set(seller, &camera.variant, true, None).await.expect(200);
    arrive(seller, None, &camera.variant, serials)
        .await
        .expect(200);
    camera
}

async fn arrive(seller: &Actor, warehouse: Option<&str>, variant: &str, serials: &[&str]) -> Reply {
    let body = json!({"warehouse_id": warehouse, "lines": [
        {"variant_id": variant, "quantity": serials.len(), "serials": serials}]});
    seller.post("/v1/stock/imports", body).await
}

/// Brings pieces to another state.
async fn bring(seller: &Actor, variant: &str, serials: &[&str], to: &str) -> Reply {
    let body = json!({"serials": serials, "to": to, "reason": "by hand"});
    seller
        .post(&format!("/v1/stock/{variant}/serials/state"), body)
        .await
}

/// `serial state` of the pieces of a list.
async fn pieces(seller: &Actor, variant: &str, query: &str) -> Vec<String> {
    let path = format!("/v1/stock/{variant}/serials?limit=100&{query}");
    let list = seller.get(&path).await.expect(200);
    list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|p| format!("{} {}", text(&p["serial"]), text(&p["state"])))
        .collect()
}

#[tokio::test]
async fn an_order_gets_the_lowest_pieces_and_its_cancellation_gives_them_back() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let camera = tracked(app, &seller, &["C3", "C1", "C2"]).await;
    let north = warehouse(&seller, "north", 1).await;
    arrive(&seller, Some(&north), &camera.variant, &["A2", "A1"])
        .await
        .expect(200);

    let placed = buy(&buyer, &[(&camera.variant, 4)]).await.expect(201);
    let order = text(&placed["orders"][0]["id"]).to_owned();
    let of_order = format!("order_id={order}");
    // All of `main`, and the lowest of the next warehouse.
    until("the pieces are sold", Duration::from_secs(10), || async {
        (pieces(&seller, &camera.variant, &of_order).await
            == ["A1 sold", "C1 sold", "C2 sold", "C3 sold"])
        .then_some(())
    })
    .await;
    assert_eq!(
        pieces(&seller, &camera.variant, "state=available").await,
        ["A2 available"]
    );
    assert_eq!(balance(&seller, &camera.variant, "").await, (1, 0, 1));
    reconciled(app).await;

    let path = format!("/v1/orders/{order}/cancel");
    buyer.post(&path, json!({})).await.expect(200);
    until("the pieces are back", Duration::from_secs(10), || async {
        (stock(app, &camera.variant).await == (5, 0)).then_some(())
    })
    .await;
    assert!(pieces(&seller, &camera.variant, &of_order).await.is_empty());
    assert_eq!(
        pieces(&seller, &camera.variant, "state=available")
            .await
            .len(),
        5
    );
    assert_eq!(balance(&seller, &camera.variant, "north").await, (2, 0, 2));
    app.events_settled().await;
    reconciled(app).await;
}

#[tokio::test]
async fn a_sold_piece_comes_back_through_returned_and_is_not_counted_twice() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let camera = tracked(app, &seller, &["S1", "S2", "S3"]).await;
    let placed = buy(&buyer, &[(&camera.variant, 2)]).await.expect(201);
    let order = text(&placed["orders"][0]["id"]).to_owned();
    until("the pieces are sold", Duration::from_secs(10), || async {
        (stock(app, &camera.variant).await == (1, 0)).then_some(())
    })
    .await;
    for to in ["available", "reserved", "damaged"] {
        let reply = bring(&seller, &camera.variant, &["S3", "S1"], to).await;
        reply.expect_problem(409, "wrong_pieces");
        assert_eq!(reply.body["pieces"][0]["serial"], "S1");
        assert_eq!(reply.body["pieces"][0]["state"], "sold");
    }
    bring(&seller, &camera.variant, &["S1"], "returned")
        .await
        .expect(200);
    assert_eq!(balance(&seller, &camera.variant, "").await, (1, 0, 1));
    let back = bring(&seller, &camera.variant, &["S1"], "available")
        .await
        .expect(200);
    assert_eq!(back["balance"]["on_hand"], 2);
    assert_eq!(back["items"][0]["order_id"], Value::Null);
    let ledger = seller
        .get(&format!("/v1/stock/{}/movements?limit=1", camera.variant))
        .await
        .expect(200);
    assert_eq!(ledger["items"][0]["kind"], "return");
    assert_eq!(ledger["items"][0]["order_id"], json!(order));

    let path = format!("/v1/orders/{order}/cancel");
    buyer.post(&path, json!({})).await.expect(200);
    until("the rest is back", Duration::from_secs(10), || async {
        (stock(app, &camera.variant).await == (3, 0)).then_some(())
    })
    .await;
    app.events_settled().await;
    assert_eq!(stock(app, &camera.variant).await, (3, 0));
    reconciled(app).await;
}

#[tokio::test]
async fn the_count_follows_the_pieces_and_never_takes_what_orders_hold() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let desk = super::Desk::of(app).await;
    let camera = tracked(app, &seller, &["P1", "P2", "P3"]).await;
    let variant = &camera.variant;
    let (order, _) = desk.reserve(&seller, variant, 2).await;
    bring(&seller, variant, &["P1", "P2"], "damaged")
        .await
        .expect_problem(409, "stock_in_use");
    bring(&seller, variant, &["P1"], "damaged")
        .await
        .expect(200);
    assert_eq!(balance(&seller, variant, "").await, (2, 2, 0));
    let reply = bring(&seller, variant, &["P1", "P9"], "available").await;
    reply.expect_problem(422, "validation_failed");
    assert_eq!(reply.body["errors"][0]["pointer"], "/serials/1");
    bring(&seller, variant, &["P2"], "returned")
        .await
        .expect_problem(409, "wrong_pieces");
    bring(&seller, variant, &["P1"], "available")
        .await
        .expect(200);
    // Already there: nothing happens.
    bring(&seller, variant, &["P1"], "available")
        .await
        .expect(200);
    assert_eq!(balance(&seller, variant, "").await, (3, 2, 1));
    let reply = bring(&seller, variant, &["P1", "P1"], "damaged").await;
    assert_eq!(reply.body["errors"][0]["pointer"], "/serials/1");
    desk.commit(order).await;
    assert_eq!(
        pieces(&seller, variant, "").await,
        ["P1 sold", "P2 sold", "P3 available"]
    );
    let body = json!({"variant_id": variant, "delta": 1, "reason": "found"});
    seller
        .post("/v1/stock/adjustments", body)
        .await
        .expect_problem(409, "serial_tracked");
    let stranger = app.someone("Stranger").await;
    bring(&stranger, variant, &["P3"], "damaged")
        .await
        .expect_problem(404, "not_found");
    reconciled(app).await;
}

#[tokio::test]
async fn tracked_goods_arrive_with_numbers_and_other_goods_without() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let camera = tracked(app, &seller, &["N1"]).await;
    let tea = goods(app, &seller, "Tea", 1_000, 1).await;
    let refused = async |line: Value, pointer: &str, code: &str| {
        let reply = seller
            .post("/v1/stock/imports", json!({"lines": [line]}))
            .await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(
            (
                text(&reply.body["errors"][0]["pointer"]),
                text(&reply.body["errors"][0]["code"])
            ),
            (pointer, code),
            "{}",
            reply.raw
        );
    };
    let (tracked, other) = (&camera.variant, &tea.variant);
    for (line, pointer, code) in [
        (
            json!({"variant_id": tracked, "quantity": 2}),
            "/lines/0/serials",
            "serials_required",
        ),
        (
            json!({"variant_id": tracked, "quantity": 2, "serials": ["N2"]}),
            "/lines/0/serials",
            "wrong_count",
        ),
        (
            json!({"variant_id": tracked, "quantity": 2, "serials": ["N2", "N2"]}),
            "/lines/0/serials/1",
            "duplicate",
        ),
        (
            json!({"variant_id": tracked, "quantity": 1, "serials": ["-"]}),
            "/lines/0/serials/0",
            "invalid",
        ),
        (
            json!({"variant_id": tracked, "quantity": 1, "serials": ["N2"], "generate_serials": true}),
            "/lines/0/generate_serials",
            "not_both",
        ),
        (
            json!({"variant_id": tracked, "quantity": 10_001, "generate_serials": true}),
            "/lines",
            "too_many_pieces",
        ),
        (
            json!({"variant_id": other, "quantity": 1, "serials": ["N2"]}),
            "/lines/0/serials",
            "not_tracked",
        ),
        (
            json!({"variant_id": other, "quantity": 1, "generate_serials": true}),
            "/lines/0/generate_serials",
            "not_tracked",
        ),
    ] {
        refused(line, pointer, code).await;
    }
    let reply = arrive(&seller, None, tracked, &["N2", "N1"]).await;
    reply.expect_problem(409, "serial_taken");
    assert_eq!(reply.body["serials"], json!(["N1"]));

    let body = json!({"lines": [{"variant_id": tracked, "quantity": 3, "generate_serials": true}]});
    let made = seller.post("/v1/stock/imports", body).await.expect(200);
    let numbers = made["pieces"][0]["serials"].as_array().expect("numbers");
    assert_eq!(numbers.len(), 3);
    assert!(
        numbers.is_sorted_by(|a, b| text(a) < text(b)),
        "{numbers:?}"
    );
    let mut listed = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/stock/{tracked}/serials?state=available&limit=2{cursor}");
        let page = seller.get(&path).await.expect(200);
        listed.extend(page["items"].as_array().expect("a page").clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(listed.len(), 4);
    assert_eq!(balance(&seller, tracked, "").await, (4, 0, 4));
    reconciled(app).await;
}

#[tokio::test]
async fn pieces_move_with_their_goods() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let camera = tracked(app, &seller, &["T1", "T2", "T3", "T4"]).await;
    let main = text(&named(&seller, "main").await["id"]).to_owned();
    let north = warehouse(&seller, "north", 1).await;
    let transfer = async |from: &str, to: &str, quantity: u32, serials: &[&str]| {
        let body = json!({"from_warehouse_id": from, "to_warehouse_id": to,
            "lines": [{"variant_id": camera.variant, "quantity": quantity, "serials": serials}]});
        seller.post("/v1/stock/transfers", body).await
    };
    let named = transfer(&main, &north, 2, &["T4", "T2"]).await.expect(200);
    assert_eq!(named["pieces"][0]["serials"], json!(["T2", "T4"]));
    let lowest = transfer(&main, &north, 1, &[]).await.expect(200);
    assert_eq!(lowest["pieces"][0]["serials"], json!(["T1"]));
    let reply = transfer(&main, &north, 1, &["T4"]).await;
    reply.expect_problem(409, "wrong_pieces");
    let reply = transfer(&main, &north, 1, &["T9"]).await;
    reply.expect_problem(422, "validation_failed");
    assert_eq!(reply.body["errors"][0]["pointer"], "/lines/0/serials/0");
    assert_eq!(balance(&seller, &camera.variant, "main").await, (1, 0, 1));
    assert_eq!(balance(&seller, &camera.variant, "north").await, (3, 0, 3));
    reconciled(app).await;
}

#[tokio::test]
async fn tracking_begins_where_every_unit_has_its_piece_and_leaves_the_pieces_when_it_ends() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let camera = goods(app, &seller, "Camera", 1_000, 2).await;
    let variant = &camera.variant;
    let reply = set(&seller, variant, true, None).await;
    reply.expect_problem(409, "serials_differ");
    assert_eq!(reply.body["warehouses"][0]["on_hand"], 2);
    let placed = buy(&buyer, &[(variant, 2)]).await.expect(201);
    let order = text(&placed["orders"][0]["id"]).to_owned();
    until("all is sold", Duration::from_secs(10), || async {
        (stock(app, variant).await == (0, 0)).then_some(())
    })
    .await;
    set(&seller, variant, true, None).await.expect(200);
    arrive(&seller, None, variant, &["B1"]).await.expect(200);

    // What was sold without numbers comes back with new ones.
    let path = format!("/v1/orders/{order}/cancel");
    buyer.post(&path, json!({})).await.expect(200);
    until("the goods are back", Duration::from_secs(10), || async {
        (stock(app, variant).await == (3, 0)).then_some(())
    })
    .await;
    assert_eq!(pieces(&seller, variant, "state=available").await.len(), 3);
    reconciled(app).await;

    set(&seller, variant, false, None).await.expect(200);
    import(&seller, variant, 1).await;
    assert_eq!(pieces(&seller, variant, "").await.len(), 3);
    bring(&seller, variant, &["B1"], "damaged")
        .await
        .expect_problem(409, "serials_not_tracked");
    set(&seller, variant, true, None)
        .await
        .expect_problem(409, "serials_differ");
    reconciled(app).await;
}
