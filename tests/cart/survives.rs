//! A checkout of the cart whose first try died on the way.

use std::time::Duration;

use serde_json::json;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::checkout::of_cart;
use super::{cart, lines, put};
use crate::support::app::{App, shared, text};
use crate::support::goods::{Goods, goods, reconciled, stock};
use crate::support::{Actor, Reply, until};

/// What the first try does before it dies: it claims the key and starts the workflow.
async fn die_after_claiming(app: &App, buyer: &Actor, key: &str) -> Uuid {
    let checkout = Uuid::now_v7();
    let body = of_cart();
    let request = format!("POST /v1/checkouts\n{body}");
    let input = json!({
        "buyer": buyer.id, "key": key, "cart": true, "provider": "cod", "delivery": body["delivery"],
    });
    let sql = app.module_sql("order").await;
    let claimed: String = sql
        .query_one(
            "SELECT lines FROM \"order\".begin_checkout_v1($1::text::uuid, $2,
                 encode(sha256(convert_to($3, 'UTF8')), 'hex'), $4::text::uuid, NULL, $5)",
            &[
                &buyer.id.to_string(),
                &key,
                &request,
                &checkout.to_string(),
                &Json(&input),
            ],
        )
        .await
        .expect("the key is claimed")
        .get(0);
    assert!(claimed.contains("unit_price"), "{claimed}");
    checkout
}

/// From then on it is whoever comes first, the client with its key or the lane.
async fn lease_runs_out(app: &App, checkout: Uuid) {
    let sql = app.module_sql("order").await;
    let rows = sql
        .execute(
            "UPDATE \"order\".workflow SET lease_until = lease_until - interval '1 minute'
             WHERE id = $1::text::uuid",
            &[&checkout.to_string()],
        )
        .await
        .expect("the lease is over");
    assert_eq!(rows, 1);
}

/// And it reserves, under the ids that the next try will find.
async fn reserve(app: &App, checkout: Uuid, seller: &Actor, item: &Goods, quantity: u32) {
    let order = stoa_order::domain::order_id::order_id(checkout, seller.id);
    let groups = json!([{"order_id": order, "seller_id": seller.id,
        "lines": [{"variant_id": item.variant, "quantity": quantity}]}]);
    let outcome: String = app
        .module_sql("inventory")
        .await
        .query_one(
            "SELECT inventory.reserve_v1($1::text::uuid, $2::text::jsonb, 900)",
            &[&checkout.to_string(), &groups.to_string()],
        )
        .await
        .expect("reserving answers")
        .get(0);
    assert!(outcome.contains("ok"), "{outcome}");
}

async fn repeat(buyer: &Actor, key: &str) -> Reply {
    buyer.post_keyed("/v1/checkouts", key, &of_cart()).await
}

/// Repeats it until nobody runs it any more.
async fn insist(buyer: &Actor, key: &str) -> Reply {
    until("the key is answered", Duration::from_secs(40), || async {
        let reply = repeat(buyer, key).await;
        let runs = reply.status == 202 || reply.code() == "idempotency_in_progress";
        (!runs).then_some(reply)
    })
    .await
}

#[tokio::test]
async fn what_the_first_try_began_with_is_bought_whatever_is_in_the_cart_by_then() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let lamp = goods(app, &seller, "Lamp", 10_000, 9).await;
    let extra = goods(app, &seller, "Extra", 5_000, 9).await;
    put(&buyer, &lamp.variant, 2).await.expect(200);
    let checkout = die_after_claiming(app, &buyer, "died").await;
    reserve(app, checkout, &seller, &lamp, 2).await;
    assert_eq!(stock(app, &lamp.variant).await, (9, 2));

    put(&buyer, &lamp.variant, 5).await.expect(200);
    put(&buyer, &extra.variant, 1).await.expect(200);
    repeat(&buyer, "died")
        .await
        .expect_problem(409, "idempotency_in_progress");
    lease_runs_out(app, checkout).await;
    let placed = insist(&buyer, "died").await.expect(201);
    assert_eq!(text(&placed["id"]), checkout.to_string());
    assert_eq!(placed["total"]["amount"], 20_000);
    until(
        "reserved once, sold once",
        Duration::from_secs(20),
        || async { (stock(app, &lamp.variant).await == (7, 0)).then_some(()) },
    )
    .await;
    assert_eq!(stock(app, &extra.variant).await, (9, 0));
    let left = [(lamp.variant.clone(), 3), (extra.variant.clone(), 1)];
    assert_eq!(lines(&cart(&buyer).await), left);
    let again = repeat(&buyer, "died").await;
    assert_eq!(again.expect(201)["id"], placed["id"]);
    assert_eq!(lines(&cart(&buyer).await), left);
    reconciled(app).await;
}

#[tokio::test]
async fn a_try_that_is_refused_after_one_that_died_gives_back_what_that_had_reserved() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let lamp = goods(app, &seller, "Lamp", 10_000, 3).await;
    put(&buyer, &lamp.variant, 2).await.expect(200);
    let checkout = die_after_claiming(app, &buyer, "died").await;
    reserve(app, checkout, &seller, &lamp, 2).await;
    super::reprice(&seller, &lamp, 12_000).await;
    lease_runs_out(app, checkout).await;
    insist(&buyer, "died")
        .await
        .expect_problem(409, "price_changed");
    until("the goods are back", Duration::from_secs(20), || async {
        (stock(app, &lamp.variant).await == (3, 0)).then_some(())
    })
    .await;
    assert_eq!(lines(&cart(&buyer).await), [(lamp.variant.clone(), 2)]);

    // The key is free, and begins anew with the cart of this moment.
    put(&buyer, &lamp.variant, 3).await.expect(200);
    let placed = repeat(&buyer, "died").await.expect(201);
    assert_ne!(text(&placed["id"]), checkout.to_string());
    assert_eq!(placed["total"]["amount"], 36_000);
    assert_eq!(stock(app, &lamp.variant).await, (0, 0));
    assert!(lines(&cart(&buyer).await).is_empty());
    reconciled(app).await;
}
