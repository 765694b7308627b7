//! Goods that go from one warehouse to another.

use serde_json::{Value, json};

use super::{Desk, availability, balance, named, switch, warehouse};
use crate::support::app::{shared, text};
use crate::support::goods::{goods, reconciled};

#[tokio::test]
async fn a_transfer_moves_available_units_all_lines_or_none() {
    let app = shared();
    let (seller, stranger) = (app.someone("Seller").await, app.someone("Stranger").await);
    let desk = Desk::of(app).await;
    let (tea, cup) = (
        goods(app, &seller, "Tea", 1_000, 5).await,
        goods(app, &seller, "Cup", 1_000, 2).await,
    );
    let north = warehouse(&seller, "north", 1).await;
    let main = text(&named(&seller, "main").await["id"]).to_owned();
    let body = |from: &str, to: &str, lines: &[(&str, u32)]| -> Value {
        let lines: Vec<Value> = lines
            .iter()
            .map(|(variant, quantity)| json!({"variant_id": variant, "quantity": quantity}))
            .collect();
        json!({"from_warehouse_id": from, "to_warehouse_id": to, "lines": lines, "reason": "restocking the north"})
    };
    let path = "/v1/stock/transfers";
    let (reserved, _) = desk.reserve(&seller, &tea.variant, 2).await;

    let reply = seller
        .post(
            path,
            body(&main, &north, &[(&tea.variant, 4), (&cup.variant, 1)]),
        )
        .await;
    reply.expect_problem(409, "stock_short");
    assert_eq!(
        reply.body["shortages"],
        json!([{"variant_id": tea.variant, "wanted": 4, "available": 3}])
    );
    assert_eq!(balance(&seller, &cup.variant, "main").await, (2, 0, 2));

    let lines = [(cup.variant.as_str(), 1), (tea.variant.as_str(), 3)];
    let moved = seller
        .post_keyed(path, "north-1", &body(&main, &north, &lines))
        .await;
    let again = seller
        .post_keyed(path, "north-1", &body(&main, &north, &lines))
        .await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((moved.status, &moved.body), (200, &again.body));
    assert_eq!(balance(&seller, &tea.variant, "main").await, (2, 2, 0));
    assert_eq!(balance(&seller, &tea.variant, "north").await, (3, 0, 3));
    assert_eq!(balance(&seller, &cup.variant, "north").await, (1, 0, 1));
    desk.commit(reserved).await;

    let ledger = seller
        .get(&format!("/v1/stock/{}/movements", tea.variant))
        .await
        .expect(200);
    let transfers: Vec<(&str, i64)> = ledger["items"]
        .as_array()
        .expect("a ledger")
        .iter()
        .filter(|m| m["kind"] == "transfer")
        .map(|m| {
            (
                text(&m["warehouse_id"]),
                m["on_hand_delta"].as_i64().expect("a number"),
            )
        })
        .collect();
    assert_eq!(
        transfers,
        [(north.as_str(), 3), (main.as_str(), -3)],
        "{ledger}"
    );

    for (who, from, to, pointer) in [
        (&seller, &north, &north, "/to_warehouse_id"),
        (&stranger, &main, &north, "/from_warehouse_id"),
    ] {
        let reply = who.post(path, body(from, to, &[(&tea.variant, 1)])).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(reply.body["errors"][0]["pointer"], pointer);
    }
    let reply = seller
        .post(
            path,
            body(&north, &main, &[(&tea.variant, 1), (&tea.variant, 1)]),
        )
        .await;
    assert_eq!(reply.body["errors"][0]["pointer"], "/lines/1/variant_id");
    reconciled(app).await;
}

#[tokio::test]
async fn goods_moved_to_an_inactive_warehouse_are_no_longer_for_sale() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let tea = goods(app, &seller, "Tea", 1_000, 5).await;
    let store = warehouse(&seller, "store", 1).await;
    let main = text(&named(&seller, "main").await["id"]).to_owned();
    switch(&seller, "store", false).await;
    let body = |from: &str, to: &str| {
        json!({"from_warehouse_id": from, "to_warehouse_id": to,
               "lines": [{"variant_id": tea.variant, "quantity": 5}]})
    };
    seller
        .post("/v1/stock/transfers", body(&main, &store))
        .await
        .expect(200);
    assert_eq!(availability(app, &tea.variant).await, 0);
    assert_eq!(balance(&seller, &tea.variant, "store").await, (5, 0, 0));
    seller
        .post("/v1/stock/transfers", body(&store, &main))
        .await
        .expect(200);
    assert_eq!(availability(app, &tea.variant).await, 5);
    reconciled(app).await;
}
