//! `kill -9` of both processes at random: what was acknowledged exists, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use uuid::Uuid;

use crate::support::app::App;
use crate::support::goods::{checkout, goods, reconciled};
use crate::support::{Actor, until};

/// Orders that are acknowledged before the last kill, at least.
const ORDERS: usize = 500;

/// One client: buys with a new key each time, and repeats a key until it is answered for good.
async fn shopper(
    buyer: Actor,
    variant: String,
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
) -> Vec<(String, Vec<String>)> {
    let mut outcomes = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let key = Uuid::new_v4().to_string();
        let body = checkout(&[(&variant, 1)]);
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut answers = Vec::new();
        // Two final answers: the second has to say the same as the first.
        while answers.len() < 2 {
            assert!(
                Instant::now() < deadline,
                "the key {key} did not end within 60 s"
            );
            match buyer.try_post_keyed("/v1/checkouts", &key, &body).await {
                Some(reply) if reply.status == 201 => {
                    answers.push(reply.body["id"].as_str().expect("an id").to_owned());
                }
                // Killed under it, busy, the first try still holds the lease, or the lane has it.
                Some(reply) => assert!(
                    reply.status >= 500
                        || reply.status == 202
                        || reply.code() == "idempotency_in_progress",
                    "{}",
                    reply.raw
                ),
                None => {}
            }
            if answers.is_empty() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        done.fetch_add(1, Ordering::Relaxed);
        outcomes.push((key, answers));
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_lose_no_acknowledged_write_and_double_none() {
    let seed: u64 = std::env::var("STOA_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or_else(rand::random);
    println!("STOA_SEED={seed}");
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    let app: &'static App = Box::leak(Box::new(App::own("kills", &[])));
    let seller = app.someone("Seller").await;
    let item = goods(app, &seller, "Survivor", 1_000, 100_000).await;
    let mut buyers = Vec::new();
    for i in 0..8 {
        buyers.push(app.someone(&format!("Buyer{i}")).await);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicUsize::new(0));
    let shoppers: Vec<_> = buyers
        .iter()
        .map(|b| {
            let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
            tokio::spawn(shopper(b.clone(), item.variant.clone(), stop, done))
        })
        .collect();

    for round in 0..20_usize {
        // The kills are spread over the orders, each at a moment of its own.
        until("the orders go on", Duration::from_secs(120), || async {
            (done.load(Ordering::Relaxed) >= round * ORDERS / 20).then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(random.random_range(0..400))).await;
        let victim = if round % 2 == 0 { "http" } else { "worker" };
        app.signal(victim, libc::SIGKILL);
        if random.random_bool(0.3) {
            app.signal(
                if victim == "http" { "worker" } else { "http" },
                libc::SIGKILL,
            );
        }
        app.answers().await;
    }
    until(
        "the orders are placed",
        Duration::from_secs(120),
        || async { (done.load(Ordering::Relaxed) >= ORDERS).then_some(()) },
    )
    .await;
    stop.store(true, Ordering::Relaxed);
    let mut acknowledged = Vec::new();
    for shopper in shoppers {
        for (key, answers) in shopper.await.expect("every key ended") {
            assert!(
                answers.windows(2).all(|w| w[0] == w[1]),
                "the key {key} had two outcomes: {answers:?}"
            );
            acknowledged.push(answers[0].clone());
        }
    }
    println!(
        "{} checkouts acknowledged over 20 kills",
        acknowledged.len()
    );
    assert!(acknowledged.len() >= ORDERS);

    app.events_settled().await;
    let sql = app.sql().await;
    let count: i64 = sql
        .query_one("SELECT count(*) FROM \"order\".checkout", &[])
        .await
        .expect("counted")
        .get(0);
    let unique: std::collections::BTreeSet<&String> = acknowledged.iter().collect();
    assert_eq!(
        unique.len(),
        acknowledged.len(),
        "one checkout for each key"
    );
    assert_eq!(
        usize::try_from(count).expect("a count"),
        acknowledged.len(),
        "as many checkouts as acknowledged keys"
    );
    until("every order is committed in stock", Duration::from_secs(30), || async {
        let open: i64 = sql
            .query_one(
                "SELECT count(*) FROM \"order\".\"order\" o LEFT JOIN inventory.reservation r ON r.order_id = o.id
                 WHERE r.state IS DISTINCT FROM 'committed'",
                &[],
            )
            .await
            .ok()?
            .get(0);
        (open == 0).then_some(())
    })
    .await;
    let row = sql
        .query_one(
            "SELECT (SELECT count(*) FROM \"order\".\"order\"),
                    (SELECT count(*) FROM notification.notification WHERE kind = 'order.placed'),
                    (SELECT sum(on_hand)::bigint FROM inventory.stock)",
            &[],
        )
        .await
        .expect("the sums");
    let (orders, notices, left): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
    assert_eq!(orders, notices, "one notification for each order");
    // Reservations of tries that were never repeated do not exist: every key was.
    assert_eq!(left, 100_000 - orders);
    let undone: i64 = sql
        .query_one(
            "SELECT (SELECT count(*) FROM \"order\".delivery) + (SELECT count(*) FROM inventory.delivery)
                  + (SELECT count(*) FROM inventory.reservation r
                     WHERE NOT EXISTS (SELECT FROM \"order\".\"order\" o WHERE o.id = r.order_id)
                       AND (r.state = 'committed' OR r.expires_at <= shared.now() AND r.state = 'reserved'))",
            &[],
        )
        .await
        .expect("counted")
        .get(0);
    assert_eq!(
        undone, 0,
        "no event is left, dead letters included, and no reservation outlives its order"
    );
    reconciled(app).await;
}
