//! Several warehouses: what sellers keep where, and what buyers get of it.

mod buyers;
mod low_stock;
mod pieces;
mod transfers;

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Actor;
use crate::support::actor::send;
use crate::support::app::{App, shared, text};
use crate::support::goods::{buy, goods, import, reconciled, stock};
use crate::support::{Reply, until};

/// Makes a warehouse.
async fn warehouse(seller: &Actor, name: &str, priority: i32) -> String {
    let made = seller
        .post(
            "/v1/warehouses",
            json!({"name": name, "priority": priority}),
        )
        .await
        .expect(201);
    text(&made["id"]).to_owned()
}

/// The caller's warehouse of a name.
async fn named(seller: &Actor, name: &str) -> Value {
    of_name(&seller.get("/v1/warehouses").await.expect(200), name)
}

fn of_name(list: &Value, name: &str) -> Value {
    list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|w| w["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {list}"))
        .clone()
}

/// Switches a warehouse on or off, whatever its version, and again while the app is busy.
async fn switch(seller: &Actor, name: &str, active: bool) -> Value {
    let switched = until("it is switched", Duration::from_secs(30), || async {
        let list = seller.get("/v1/warehouses").await;
        if list.status == 503 {
            return None;
        }
        let found = of_name(&list.expect(200), name);
        let path = format!("/v1/warehouses/{}", text(&found["id"]));
        let version = found["version"].as_i64().expect("a version");
        let change = json!({"active": active});
        let reply = seller.patch(&path, version, change).await;
        (reply.status != 503).then_some(reply)
    });
    switched.await.expect(200)
}

/// Puts units on the shelf of a warehouse.
async fn import_to(seller: &Actor, warehouse: &str, variant: &str, quantity: u32) {
    seller
        .post(
            "/v1/stock/imports",
            json!({"warehouse_id": warehouse, "lines": [{"variant_id": variant, "quantity": quantity}]}),
        )
        .await
        .expect(200);
}

/// `(on_hand, reserved, available)` by the name of the warehouse, and in total as `""`.
async fn balance(seller: &Actor, variant: &str, warehouse: &str) -> (i64, i64, i64) {
    let balance = seller
        .get(&format!("/v1/stock/{variant}"))
        .await
        .expect(200);
    let place = if warehouse.is_empty() {
        &balance
    } else {
        balance["warehouses"]
            .as_array()
            .expect("warehouses")
            .iter()
            .find(|w| w["name"] == warehouse)
            .unwrap_or_else(|| panic!("no {warehouse} in {balance}"))
    };
    let number = |name: &str| place[name].as_i64().expect("a number");
    (number("on_hand"), number("reserved"), number("available"))
}

/// What anybody is told of a variant's availability.
async fn availability(app: &App, variant: &str) -> i64 {
    let path = format!("/v1/stock/availability?variant_ids={variant}");
    let list = app.stranger().get(&path).await.expect(200);
    list["items"][0]["available"].as_i64().expect("a number")
}

/// PUT with a body.
async fn put(actor: &Actor, path: &str, body: Value) -> Reply {
    send(actor.request(Method::PUT, path).json(&body)).await
}

/// Sets what the seller wants of a variant.
async fn set(seller: &Actor, variant: &str, tracked: bool, threshold: Option<i32>) -> Reply {
    put(
        seller,
        &format!("/v1/stock/{variant}/settings"),
        json!({"serial_tracked": tracked, "low_stock_threshold": threshold}),
    )
    .await
}

/// Reserves, sells, releases or restocks as `order` does, by the module's own functions.
struct Desk(tokio_postgres::Client);

impl Desk {
    async fn of(app: &App) -> Desk {
        Desk(app.module_sql("inventory").await)
    }

    async fn reserve(&self, seller: &Actor, variant: &str, quantity: u32) -> (Uuid, Value) {
        let order = Uuid::now_v7();
        let groups = json!([{"order_id": order, "seller_id": seller.id,
            "lines": [{"variant_id": variant, "quantity": quantity}]}]);
        let outcome = self
            .call(
                "SELECT inventory.reserve_v1($1::text::uuid, $2::text::jsonb, 900)",
                &Uuid::now_v7().to_string(),
                &groups.to_string(),
            )
            .await;
        (order, outcome)
    }

    async fn commit(&self, order: Uuid) {
        let statement = "SELECT inventory.commit_v1(ARRAY[$1::text::uuid]) WHERE $2::text = ''";
        self.done(statement, order).await;
    }

    async fn release(&self, order: Uuid) {
        let statement =
            "SELECT inventory.release_v1(ARRAY[$1::text::uuid], 'test') WHERE $2::text = ''";
        self.done(statement, order).await;
    }

    async fn restock(&self, order: Uuid) {
        let statement =
            "SELECT inventory.restock_v1(ARRAY[$1::text::uuid], 'test') WHERE $2::text = ''";
        self.done(statement, order).await;
    }

    async fn done(&self, statement: &str, order: Uuid) {
        let outcome = self.call(statement, &order.to_string(), "").await;
        assert_eq!(outcome, json!({"ok": true}), "{statement}");
    }

    async fn call(&self, statement: &str, first: &str, second: &str) -> Value {
        let outcome: String = self
            .0
            .query_one(statement, &[&first, &second])
            .await
            .unwrap_or_else(|e| panic!("{statement}: {e:?}"))
            .get(0);
        serde_json::from_str(&outcome).expect("an outcome")
    }
}

#[tokio::test]
async fn a_seller_makes_and_changes_warehouses_that_nobody_else_sees() {
    let app = shared();
    let (seller, stranger) = (app.someone("Seller").await, app.someone("Stranger").await);
    let cup = goods(app, &seller, "Cup", 1_000, 1).await;
    let body = json!({"name": "North", "priority": 5});
    let made = seller.post_keyed("/v1/warehouses", "north", &body).await;
    assert_eq!(made.header("etag"), "\"1\"");
    let again = seller.post_keyed("/v1/warehouses", "north", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, &again.body), (201, &made.body));
    let north = text(&made.body["id"]).to_owned();
    seller
        .post("/v1/warehouses", json!({"name": "North"}))
        .await
        .expect_problem(409, "warehouse_name_taken");
    for name in ["", " ", " North", "a\nb", &"x".repeat(101)] {
        let reply = seller.post("/v1/warehouses", json!({"name": name})).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(reply.body["errors"][0]["pointer"], "/name");
    }

    let list = seller.get("/v1/warehouses").await.expect(200);
    let names: Vec<&str> = list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|w| text(&w["name"]))
        .collect();
    assert_eq!(names, ["main", "North"]);
    let path = format!("/v1/warehouses/{north}");
    let first = seller
        .patch(&path, 1, json!({"name": "Far north", "priority": 0}))
        .await;
    assert_eq!(first.header("etag"), "\"2\"");
    assert_eq!(first.expect(200)["name"], "Far north");
    seller
        .patch(&path, 1, json!({"priority": 7}))
        .await
        .expect_problem(412, "stale_version");
    seller
        .patch(&path, 2, json!({"name": "main"}))
        .await
        .expect_problem(409, "warehouse_name_taken");
    send(
        seller
            .request(Method::PATCH, &path)
            .json(&json!({"priority": 7})),
    )
    .await
    .expect_problem(428, "precondition_required");

    let theirs = stranger.get("/v1/warehouses").await.expect(200);
    assert_eq!(theirs["items"], json!([]));
    stranger
        .patch(&path, 2, json!({"active": false}))
        .await
        .expect_problem(404, "not_found");
    for (path, body) in [
        (
            "/v1/stock/imports",
            json!({"warehouse_id": north, "lines": [{"variant_id": cup.variant, "quantity": 1}]}),
        ),
        (
            "/v1/stock/adjustments",
            json!({"warehouse_id": north, "variant_id": cup.variant, "delta": 1, "reason": "found"}),
        ),
    ] {
        let reply = stranger.post(path, body).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(reply.body["errors"][0]["pointer"], "/warehouse_id");
    }
    reconciled(app).await;
}

#[tokio::test]
async fn a_seller_has_at_most_fifty_warehouses_and_always_room_for_main() {
    let app = shared();
    let seller = app.someone("Seller").await;
    for n in 0..49 {
        warehouse(&seller, &format!("w{n}"), n).await;
    }
    seller
        .post("/v1/warehouses", json!({"name": "one more"}))
        .await
        .expect_problem(409, "warehouse_limit");
    let cup = goods(app, &seller, "Cup", 1_000, 3).await;
    assert_eq!(balance(&seller, &cup.variant, "main").await, (3, 0, 3));
    let main = named(&seller, "main").await;
    let path = format!("/v1/warehouses/{}", text(&main["id"]));
    seller
        .patch(&path, 1, json!({"name": "hub"}))
        .await
        .expect_problem(409, "warehouse_limit");
    let list = seller.get("/v1/warehouses").await.expect(200);
    assert_eq!(list["items"].as_array().expect("a list").len(), 50);
}

#[tokio::test]
async fn orders_take_from_warehouses_by_priority_and_are_split_where_one_is_not_enough() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let tea = goods(app, &seller, "Tea", 1_000, 0).await;
    for (name, priority, units) in [("last", 9, 4), ("first", 1, 3), ("second", 2, 2)] {
        let id = warehouse(&seller, name, priority).await;
        import_to(&seller, &id, &tea.variant, units).await;
    }
    buy(&buyer, &[(&tea.variant, 4)]).await.expect(201);
    for (name, left) in [("first", 0), ("second", 1), ("last", 4)] {
        assert_eq!(
            balance(&seller, &tea.variant, name).await,
            (left, 0, left),
            "{name}"
        );
    }
    buy(&buyer, &[(&tea.variant, 6)])
        .await
        .expect_problem(409, "insufficient_stock");
    buy(&buyer, &[(&tea.variant, 5)]).await.expect(201);
    assert_eq!(stock(app, &tea.variant).await, (0, 0));
    reconciled(app).await;
}

#[tokio::test]
async fn a_correction_names_its_warehouse_or_takes_the_first_that_can_bear_it() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let tea = goods(app, &seller, "Tea", 1_000, 2).await;
    let north = warehouse(&seller, "north", 1).await;
    import_to(&seller, &north, &tea.variant, 5).await;
    let adjust = async |warehouse: Option<&str>, delta: i32| {
        let body = json!({"warehouse_id": warehouse, "variant_id": tea.variant, "delta": delta, "reason": "count"});
        seller.post("/v1/stock/adjustments", body).await
    };
    adjust(None, -1).await.expect(200);
    adjust(None, -4).await.expect(200);
    assert_eq!(balance(&seller, &tea.variant, "main").await, (1, 0, 1));
    assert_eq!(balance(&seller, &tea.variant, "north").await, (1, 0, 1));
    adjust(Some(&north), -2)
        .await
        .expect_problem(409, "stock_in_use");
    let south = warehouse(&seller, "south", 2).await;
    adjust(Some(&south), -1)
        .await
        .expect_problem(409, "stock_in_use");
    adjust(Some(&south), 6).await.expect(200);
    assert_eq!(balance(&seller, &tea.variant, "").await, (8, 0, 8));
    reconciled(app).await;
}

#[tokio::test]
async fn nothing_more_is_taken_from_an_inactive_warehouse_and_what_is_reserved_there_is_still_sold()
{
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let desk = Desk::of(app).await;
    let tea = goods(app, &seller, "Tea", 1_000, 5).await;
    let north = warehouse(&seller, "north", 1).await;
    import_to(&seller, &north, &tea.variant, 2).await;
    let (sold, outcome) = desk.reserve(&seller, &tea.variant, 2).await;
    assert_eq!(outcome, json!({"ok": true}));
    let (released, _) = desk.reserve(&seller, &tea.variant, 1).await;

    let off = switch(&seller, "main", false).await;
    assert_eq!(off["active"], false);
    assert_eq!(balance(&seller, &tea.variant, "main").await, (5, 3, 0));
    assert_eq!(balance(&seller, &tea.variant, "").await, (7, 3, 2));
    assert_eq!(availability(app, &tea.variant).await, 2);
    let reply = buy(&buyer, &[(&tea.variant, 3)]).await;
    reply.expect_problem(409, "insufficient_stock");
    assert_eq!(reply.body["shortages"][0]["available"], 2);
    buy(&buyer, &[(&tea.variant, 2)]).await.expect(201);
    assert_eq!(availability(app, &tea.variant).await, 0);

    desk.commit(sold).await;
    desk.release(released).await;
    assert_eq!(balance(&seller, &tea.variant, "main").await, (3, 0, 0));
    desk.restock(sold).await;
    assert_eq!(balance(&seller, &tea.variant, "main").await, (5, 0, 0));
    import(&seller, &tea.variant, 1).await;
    assert_eq!(availability(app, &tea.variant).await, 0);

    switch(&seller, "main", true).await;
    assert_eq!(availability(app, &tea.variant).await, 6);
    buy(&buyer, &[(&tea.variant, 6)]).await.expect(201);
    reconciled(app).await;
}

#[tokio::test]
async fn switching_a_warehouse_tells_of_every_variant_that_changes_for_its_buyers() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let (full, empty, elsewhere) = (
        goods(app, &seller, "Full", 1_000, 5).await,
        goods(app, &seller, "Sold out", 1_000, 1).await,
        goods(app, &seller, "Elsewhere", 1_000, 0).await,
    );
    let north = warehouse(&seller, "north", 1).await;
    import_to(&seller, &north, &elsewhere.variant, 3).await;
    import_to(&seller, &north, &full.variant, 2).await;
    let buyer = app.someone("Buyer").await;
    buy(&buyer, &[(&empty.variant, 1)]).await.expect(201);
    let sql = app.sql().await;
    let told = async |variant: &str| -> Vec<(i64, i64)> {
        let statement = "SELECT sequence, (data->>'available')::bigint FROM inventory.outbox
             WHERE kind = 'inventory.stock_changed' AND subject = $1::text::uuid ORDER BY seq";
        let rows = sql.query(statement, &[&variant]).await.expect("the outbox");
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let before = (told(&empty.variant).await, told(&elsewhere.variant).await);
    switch(&seller, "main", false).await;
    switch(&seller, "main", true).await;
    let available: Vec<i64> = told(&full.variant).await.iter().map(|e| e.1).collect();
    assert_eq!(available, [5, 7, 2, 7]);
    assert_eq!(
        (told(&empty.variant).await, told(&elsewhere.variant).await),
        before
    );
    for variant in [&full.variant, &empty.variant, &elsewhere.variant] {
        let sequences: Vec<i64> = told(variant).await.iter().map(|e| e.0).collect();
        assert!(
            sequences.is_sorted_by(|a, b| a < b),
            "in order: {sequences:?}"
        );
    }
    reconciled(app).await;
}
