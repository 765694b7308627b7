//! Stock under concurrency: never oversold, never locked up.

use std::time::{Duration, Instant};

use futures::future::join_all;
use uuid::Uuid;

use crate::support::app::shared;
use crate::support::goods::{Goods, checkout, goods, reconciled, stock};
use crate::support::rush::{UNITS, carts_in_opposite_orders, turn};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_buyers_at_once_for_fifty_units_get_exactly_fifty() {
    let app = shared();
    let _turn = turn().await;
    let seller = app.someone("Seller").await;
    let lamp = goods(app, &seller, "Rare lamp", 10_000, 50).await;
    let buyers =
        join_all((0..64).map(|i| async move { app.someone(&format!("Buyer{i}")).await })).await;

    let replies = join_all(buyers.iter().map(|buyer| async {
        let start = Instant::now();
        let key = Uuid::new_v4().to_string();
        let body = checkout(&[(&lamp.variant, 1)]);
        let reply = buyer.post_keyed("/v1/checkouts", &key, &body).await;
        (reply, start.elapsed())
    }))
    .await;

    let sold = replies.iter().filter(|(r, _)| r.status == 201).count();
    let refused: Vec<_> = replies.iter().filter(|(r, _)| r.status != 201).collect();
    assert_eq!((sold, refused.len()), (50, 14), "{refused:?}");
    for (reply, _) in refused {
        reply.expect_problem(409, "insufficient_stock");
        assert_eq!(reply.body["shortages"][0]["available"], 0, "{}", reply.raw);
    }
    let slowest = replies
        .iter()
        .map(|(_, took)| *took)
        .max()
        .expect("64 replies");
    assert!(
        slowest < Duration::from_secs(3),
        "the slowest took {slowest:?}"
    );
    assert_eq!(stock(app, &lamp.variant).await, (0, 0));
    reconciled(app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_carts_of_five_products_in_opposite_orders_get_exactly_what_is_there() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let mut shelf: Vec<Goods> = Vec::new();
    for name in ["A", "B", "C", "D", "E"] {
        shelf.push(goods(app, &seller, name, 1_000, UNITS).await);
    }
    carts_in_opposite_orders(app, &shelf).await;
}

#[tokio::test]
async fn undo_before_do_leaves_a_tombstone_that_refuses_the_reservation() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let cup = goods(app, &seller, "Cup", 1_000, 5).await;
    let sql = app.module_sql("inventory").await;
    let (order, checkout) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    sql.query(
        "SELECT inventory.release_v1(ARRAY[$1::text::uuid], 'cancelled first')",
        &[&order.to_string()],
    )
    .await
    .expect("releasing an unknown order succeeds");
    let groups = serde_json::json!([{"order_id": order, "seller_id": seller.id,
        "lines": [{"variant_id": cup.variant, "quantity": 1}]}]);
    let outcome: String = sql
        .query_one(
            "SELECT inventory.reserve_v1($1::text::uuid, $2::text::jsonb, 900)",
            &[&checkout.to_string(), &groups.to_string()],
        )
        .await
        .expect("reserving answers")
        .get(0);
    assert!(
        outcome.contains("ended") && outcome.contains(&order.to_string()),
        "{outcome}"
    );
    assert_eq!(stock(app, &cup.variant).await, (5, 0));
}

#[tokio::test]
async fn reserving_committing_and_restocking_twice_is_once() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let cup = goods(app, &seller, "Cup", 1_000, 5).await;
    let sql = app.module_sql("inventory").await;
    let (order, checkout) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    let groups = serde_json::json!([{"order_id": order, "seller_id": seller.id,
        "lines": [{"variant_id": cup.variant, "quantity": 2}]}]);
    let steps: [(&str, (i64, i64)); 3] = [
        (
            "SELECT inventory.reserve_v1($2::text::uuid, $3::text::jsonb, 900) WHERE $1::text <> ''",
            (5, 2),
        ),
        (
            "SELECT inventory.commit_v1(ARRAY[$1::text::uuid]) WHERE $2::text <> $3::text",
            (3, 0),
        ),
        (
            "SELECT inventory.restock_v1(ARRAY[$1::text::uuid], 'returned') WHERE $2::text <> $3::text",
            (5, 0),
        ),
    ];
    for (statement, expected) in steps {
        for _ in 0..2 {
            sql.query(
                statement,
                &[
                    &order.to_string(),
                    &checkout.to_string(),
                    &groups.to_string(),
                ],
            )
            .await
            .unwrap_or_else(|e| panic!("{statement}: {e:?}"));
            assert_eq!(stock(app, &cup.variant).await, expected, "{statement}");
        }
    }
    reconciled(app).await;
}
