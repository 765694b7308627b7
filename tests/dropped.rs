//! Instances that are gone at any call to the host, before it or after its effect: what they were doing
//! comes to its end all the same, once.

use std::cell::Cell;
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use crate::support::app::App;
use crate::support::drops::{Drops, When};
use crate::support::goods::{Goods, checkout, goods, reconciled, stock};
use crate::support::money::{ledger_is_clean, pay};
use crate::support::{Actor, until};

/// Nobody waits here until the lease of a runner is over that is known to be gone.
async fn end_leases(sql: &tokio_postgres::Client) {
    sql.batch_execute(
        "UPDATE \"order\".workflow SET lease_until = shared.real_now()
             WHERE status IN ('running', 'undoing');
         UPDATE payment.workflow SET lease_until = shared.real_now()
             WHERE status IN ('running', 'undoing');
         UPDATE \"order\".idempotency SET lease_until = shared.real_now() WHERE status IS NULL;",
    )
    .await
    .expect("the leases are over");
}

/// Orders one unit, repeating the request with its key and paying where that is asked for, until it is
/// placed. What is armed may strike at any of it. Answers whether something was dropped.
async fn order(app: &App, drops: &Drops, buyer: &Actor, item: &Goods, provider: &str) -> bool {
    let sql = app.sql().await;
    let mut body = checkout(&[(&item.variant, 1)]);
    body["provider"] = provider.into();
    let key = Uuid::new_v4().to_string();
    let (paid, ended) = (Cell::new(false), Cell::new(false));
    let placed: Value = until("it is placed", Duration::from_secs(90), || async {
        let reply = buyer.try_post_keyed("/v1/checkouts", &key, &body).await;
        if drops.dropped().is_some() && !ended.replace(true) {
            end_leases(&sql).await;
        }
        let reply = reply?;
        if reply.status == 202 && !reply.body["payment"]["pay_url"].is_null() && !paid.replace(true)
        {
            pay(buyer, &reply.body, "pay").await;
        }
        (reply.status == 201).then_some(reply.body)
    })
    .await;
    assert_eq!(placed["orders"].as_array().map(Vec::len), Some(1));
    drops.disarm().is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkout_whose_runner_is_dropped_at_any_call_is_placed_once() {
    let app = App::own("dropped", &[]);
    let Some(drops) = Drops::of(&app) else { return };
    let seller = app.someone("Seller").await;
    let buyer = app.someone("Buyer").await;
    let item = goods(&app, &seller, "Survivor", 1_000, 1_000).await;
    let mut orders = 0;
    let mut dropped = 0;

    // The request's own calls, one after another, until it makes no more.
    for provider in ["cod", "sandbox"] {
        for when in [When::Before, When::After] {
            for number in 1..=40 {
                drops.arm("order", when, number, &["pg", "http"]);
                orders += 1;
                if !order(&app, &drops, &buyer, &item, provider).await {
                    break;
                }
                dropped += 1;
            }
        }
    }
    assert!(dropped >= 16, "only {dropped} calls were reached");

    // Those of the lanes and of the payment's own requests: which of them strikes is chance.
    for component in ["payment", "order-flows", "payment-flows"] {
        for when in [When::Before, When::After] {
            for number in [1, 2, 3, 5, 8] {
                drops.arm(component, when, number, &["pg", "http"]);
                orders += 1;
                order(&app, &drops, &buyer, &item, "sandbox").await;
            }
        }
    }

    end_leases(&app.sql().await).await;
    app.events_settled().await;
    assert_eq!(stock(&app, &item.variant).await, (1_000 - orders, 0));
    let placed: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT count(*) FROM \"order\".\"order\" WHERE buyer_id = $1",
            &[&buyer.id],
        )
        .await
        .expect("the orders are counted")
        .get(0);
    assert_eq!(placed, orders);
    reconciled(&app).await;
    ledger_is_clean(&app).await;
}
