//! Redis may lose everything at any moment: nothing is lost but time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::first_sale::notified;
use crate::support::app::App;
use crate::support::goods::{Goods, buy, goods, reconciled};
use crate::support::{Actor, until};

async fn flush(app: &App) {
    let mut redis = app.redis().await;
    let _: () = redis::cmd("FLUSHALL")
        .query_async(&mut redis)
        .await
        .expect("flushed");
}

async fn sell(buyer: &Actor, item: &Goods) -> String {
    let placed = buy(buyer, &[(&item.variant, 1)]).await.expect(201);
    placed["orders"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_flushed_and_restarted_redis_loses_no_notification_and_no_answer() {
    let app: &'static App = Box::leak(Box::new(App::own("redis", &[])));
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(app, &seller, "Steady", 1_000, 1_000).await;

    // Somebody reads all the while, and is always answered.
    let stop = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicU64::new(0));
    let reader = {
        let (stop, reads, stranger) = (Arc::clone(&stop), Arc::clone(&reads), app.stranger());
        let path = format!("/v1/products/{}", item.product);
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let start = Instant::now();
                assert_eq!(stranger.get(&path).await.status, 200);
                assert!(
                    start.elapsed() < Duration::from_secs(3),
                    "an answer took {:?}",
                    start.elapsed()
                );
                reads.fetch_add(1, Ordering::Relaxed);
            }
        })
    };

    let mut orders = Vec::new();
    // Flushed while idle: one event afterwards arrives within 5 s.
    app.events_settled().await;
    flush(app).await;
    let order = sell(&buyer, &item).await;
    let start = Instant::now();
    notified(&seller, "order.placed", &order).await;
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "it took {:?}",
        start.elapsed()
    );
    orders.push(order);

    // Flushed under load.
    for i in 0..20 {
        orders.push(sell(&buyer, &item).await);
        if i % 5 == 0 {
            flush(app).await;
        }
    }

    // Killed; the supervisor brings it back.
    for _ in 0..2 {
        app.signal("redis", libc::SIGKILL);
        for _ in 0..5 {
            orders.push(sell(&buyer, &item).await);
        }
        app.redis().await;
    }

    // Halted: it answers nobody, but is there. Checkouts go on.
    app.signal("redis", libc::SIGSTOP);
    for _ in 0..3 {
        orders.push(sell(&buyer, &item).await);
    }
    app.signal("redis", libc::SIGCONT);

    app.events_settled().await;
    for order in &orders {
        until(
            &format!("the seller heard of {order} once"),
            Duration::from_secs(30),
            || async {
                let sql = app.sql().await;
                let count: i64 = sql
                    .query_one(
                        "SELECT count(*) FROM notification.notification
                     WHERE account_id = $1 AND kind = 'order.placed' AND data->>'order_id' = $2",
                        &[&seller.id, order],
                    )
                    .await
                    .ok()?
                    .get(0);
                assert!(count <= 1, "{count} notifications of one order");
                (count == 1).then_some(())
            },
        )
        .await;
    }
    stop.store(true, Ordering::Relaxed);
    reader.await.expect("every read was answered");
    println!(
        "{} orders, {} reads",
        orders.len(),
        reads.load(Ordering::Relaxed)
    );
    reconciled(app).await;
}

#[tokio::test]
async fn a_token_that_was_revoked_while_redis_was_halted_does_not_come_back_with_it() {
    let app = App::own("redis-halted", &[]);
    let ana = app.someone("Ana").await;
    let mut other = ana.clone();
    other.sign_in().await;
    app.signal("redis", libc::SIGSTOP);
    // Read from Postgres meanwhile, with Redis to be told: that lies in its sockets until it goes on.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        other.get("/v1/me").await.expect(200);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(other.delete("/v1/sessions/current").await.status, 204);
    let gone = || async { (other.get("/v1/me").await.status == 401).then_some(()) };
    until("the token stops working", Duration::from_secs(5), gone).await;
    app.signal("redis", libc::SIGCONT);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(5) {
        assert_eq!(other.get("/v1/me").await.status, 401, "it works again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ana.get("/v1/me").await.expect(200);
}

/// Orders of the long round below, and how many buyers place them.
const ORDERS: u64 = 500;
const BUYERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_orders_go_on_while_redis_is_killed_flushed_and_halted() {
    let app: &'static App = Box::leak(Box::new(App::own("redis-orders", &[])));
    let seller = app.someone("Seller").await;
    let item = goods(app, &seller, "Steady", 1_000, 10_000).await;
    let placed = Arc::new(AtomicU64::new(0));
    let mut buyers = Vec::new();
    for i in 0..BUYERS {
        let buyer = app.someone(&format!("Buyer{i}")).await;
        let (item, placed) = (item.clone(), Arc::clone(&placed));
        buyers.push(tokio::spawn(async move {
            let mut orders = Vec::new();
            while placed.fetch_add(1, Ordering::Relaxed) < ORDERS {
                // Every single one is answered by 201, at the first try.
                orders.push(sell(&buyer, &item).await);
            }
            orders
        }));
    }

    // Each trouble in turn comes when a twelfth more of the orders is placed.
    for trouble in 0..12_u64 {
        until("the orders go on", Duration::from_secs(60), || async {
            (placed.load(Ordering::Relaxed) >= trouble * ORDERS / 12).then_some(())
        })
        .await;
        match trouble % 3 {
            0 => flush(app).await,
            1 => {
                app.signal("redis", libc::SIGKILL);
                app.redis().await;
            }
            _ => {
                app.signal("redis", libc::SIGSTOP);
                let before = placed.load(Ordering::Relaxed);
                until(
                    "orders are placed without Redis",
                    Duration::from_secs(30),
                    || async {
                        let now = placed.load(Ordering::Relaxed);
                        (now >= before + 8 || now >= ORDERS).then_some(())
                    },
                )
                .await;
                app.signal("redis", libc::SIGCONT);
            }
        }
    }
    let mut orders = Vec::new();
    for buyer in buyers {
        orders.extend(buyer.await.expect("every order was answered"));
    }
    assert_eq!(orders.len() as u64, ORDERS);

    app.events_settled().await;
    let row = app
        .sql()
        .await
        .query_one(
            "SELECT count(*), count(DISTINCT data->>'order_id'),
                    count(*) FILTER (WHERE data->>'order_id' = ANY ($2))
             FROM notification.notification WHERE account_id = $1 AND kind = 'order.placed'",
            &[&seller.id, &orders],
        )
        .await
        .expect("counted");
    let (all, distinct, known): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
    let wanted = i64::try_from(ORDERS).expect("a number");
    assert_eq!(
        (all, distinct, known),
        (wanted, wanted, wanted),
        "one notification for each order"
    );
    reconciled(app).await;
}
