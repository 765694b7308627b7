//! Money under fire: checkouts with every outcome, while processes are killed and servers restart.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{App, text};
use crate::support::goods::{Goods, checkout, goods};
use crate::support::money::{check, give, pay};
use crate::support::{Actor, Reply, until};

/// What becomes of a checkout that waits for its payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Paid,
    /// The webhook comes eight seconds later.
    PaidSlowly,
    /// The webhook comes twice.
    Duplicated,
    /// The webhook names another amount: nothing may move by it.
    WrongAmount,
    /// No webhook at all: whoever asks the provider finds out.
    Unanswered,
    /// The same, and then cancelled: the money goes back.
    UnansweredThenCancelled,
    /// The same, and then paid by another attempt: the first money goes back.
    UnansweredThenPaid,
    Declined,
    DeclinedThenPaid,
    Cancelled,
    /// Cancelled and paid in the same moment.
    CancelledAgainstPaid,
    /// Paid after the cancellation: the money goes back.
    PaidLate,
    /// Never paid.
    Forgotten,
    /// Paid in the moment in which it expires.
    ExpiredAgainstPaid,
}

const FATES: [Fate; 14] = [
    Fate::Paid,
    Fate::PaidSlowly,
    Fate::Duplicated,
    Fate::WrongAmount,
    Fate::Unanswered,
    Fate::UnansweredThenCancelled,
    Fate::UnansweredThenPaid,
    Fate::Declined,
    Fate::DeclinedThenPaid,
    Fate::Cancelled,
    Fate::CancelledAgainstPaid,
    Fate::PaidLate,
    Fate::Forgotten,
    Fate::ExpiredAgainstPaid,
];

/// How many checkouts, and how often something is killed.
fn size() -> (usize, Duration) {
    if std::env::var("STOA_LONG").is_ok_and(|long| long == "1") {
        (2_000, Duration::from_secs(6))
    } else {
        (200, Duration::from_secs(3))
    }
}

/// Repeats a request with one key until it is answered for good.
async fn insist(buyer: &Actor, path: &str, body: &Value) -> Reply {
    let key = Uuid::new_v4().to_string();
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        match buyer.try_post_keyed(path, &key, body).await {
            Some(reply) if reply.status < 500 && reply.code() != "idempotency_in_progress" => {
                return reply;
            }
            _ => {}
        }
        assert!(Instant::now() < deadline, "{path} with {key} got no answer");
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

/// A checkout until it is placed, refused, or waits for its payment.
async fn begin(buyer: &Actor, body: &Value) -> Reply {
    let mut reply = insist(buyer, "/v1/checkouts", body).await;
    let deadline = Instant::now() + Duration::from_secs(120);
    while reply.status == 202 && reply.body["payment"]["pay_url"].is_null() {
        assert!(
            Instant::now() < deadline,
            "it neither waits nor ends: {}",
            reply.raw
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
        let path = format!("/v1/checkouts/{}", text(&reply.body["id"]));
        if let Some(seen) = buyer.try_get(&path).await.filter(|seen| seen.status == 200) {
            let over =
                seen.body["status"] != "awaiting_payment" && seen.body["status"] != "running";
            reply.body = seen.body;
            if over {
                break;
            }
        }
    }
    reply
}

/// Another attempt, which is paid. Whatever is under way then is replaced.
async fn pay_again(buyer: &Actor, waiting: &Value) {
    let path = format!("/v1/payment-sessions/{}/attempts", text(&waiting["id"]));
    let reply = insist(buyer, &path, &json!({"provider": "sandbox"})).await;
    if reply.status < 300 {
        let again = json!({"payment": {"pay_url": reply.body["pay_url"]}});
        pay(buyer, &again, "pay").await;
    }
}

async fn play(buyer: &Actor, waiting: &Value, fate: Fate) {
    let cancel = format!("/v1/checkouts/{}/cancel", text(&waiting["id"]));
    let nothing = json!({});
    match fate {
        Fate::Paid => pay(buyer, waiting, "pay").await,
        Fate::PaidSlowly => pay(buyer, waiting, "slow").await,
        Fate::Duplicated => pay(buyer, waiting, "duplicate").await,
        Fate::WrongAmount => pay(buyer, waiting, "wrong_amount").await,
        Fate::Unanswered => pay(buyer, waiting, "no_answer").await,
        Fate::UnansweredThenCancelled => {
            pay(buyer, waiting, "no_answer").await;
            insist(buyer, &cancel, &nothing).await;
        }
        Fate::UnansweredThenPaid => {
            pay(buyer, waiting, "no_answer").await;
            pay_again(buyer, waiting).await;
        }
        Fate::Declined => pay(buyer, waiting, "decline").await,
        Fate::DeclinedThenPaid => {
            pay(buyer, waiting, "decline").await;
            pay_again(buyer, waiting).await;
        }
        Fate::Cancelled => {
            insist(buyer, &cancel, &nothing).await;
        }
        Fate::CancelledAgainstPaid => {
            futures::future::join(insist(buyer, &cancel, &nothing), pay(buyer, waiting, "pay"))
                .await;
        }
        Fate::PaidLate => {
            insist(buyer, &cancel, &nothing).await;
            pay(buyer, waiting, "pay").await;
        }
        Fate::Forgotten | Fate::ExpiredAgainstPaid => {}
    }
}

struct Shop {
    app: &'static App,
    goods: Vec<Goods>,
    stop: AtomicBool,
    begun: AtomicUsize,
    seed: u64,
    count: usize,
}

/// One buyer: checkouts one after another, each with a fate. Gives those that wait for the end.
async fn shopper(shop: Arc<Shop>, buyer: Actor) -> (BTreeMap<Fate, usize>, Vec<(Actor, Value)>) {
    let mut fates = BTreeMap::new();
    let mut left = Vec::new();
    loop {
        let number = shop.begun.fetch_add(1, Ordering::Relaxed);
        if number >= shop.count {
            return (fates, left);
        }
        let mut random = StdRng::seed_from_u64(shop.seed.wrapping_add(number as u64));
        let fate = FATES[number % FATES.len()];
        let first = random.random_range(0..shop.goods.len());
        let second = (first + random.random_range(1..shop.goods.len())) % shop.goods.len();
        let mut lines = vec![(shop.goods[first].variant.as_str(), 1)];
        if random.random_bool(0.5) {
            lines.push((shop.goods[second].variant.as_str(), 2));
        }
        let mut body = checkout(&lines);
        body["provider"] = "sandbox".into();
        if random.random_bool(0.4) {
            // Sometimes all of it, mostly a part.
            body["use_wallet"] = true.into();
        }
        let reply = begin(&buyer, &body).await;
        *fates.entry(fate).or_default() += 1;
        match reply.status {
            // The wallet was enough.
            201 => {}
            202 if !reply.body["payment"]["pay_url"].is_null() => {
                play(&buyer, &reply.body, fate).await;
                if fate == Fate::ExpiredAgainstPaid {
                    left.push((buyer.clone(), reply.body));
                }
            }
            // Ended meanwhile.
            202 => {}
            _ => panic!("{fate:?}: {}", reply.raw),
        }
    }
}

/// Kills and restarts until it is told to stop.
async fn trouble(
    shop: Arc<Shop>,
    mut random: StdRng,
    pause: Duration,
) -> BTreeMap<&'static str, u32> {
    let mut victims = BTreeMap::new();
    let mut restarted = 0;
    while !shop.stop.load(Ordering::Relaxed) {
        let wait = pause.mul_f64(random.random_range(0.5..1.5));
        tokio::time::sleep(wait).await;
        let progress = shop.begun.load(Ordering::Relaxed) * 3 / shop.count;
        let victims_now: &[&'static str] = if progress > restarted && restarted < 2 {
            restarted += 1;
            if restarted == 1 {
                &["postgres", "redis"]
            } else {
                &["redis", "postgres"]
            }
        } else if random.random_bool(0.3) {
            &["http", "worker"]
        } else if random.random_bool(0.5) {
            &["http"]
        } else {
            &["worker"]
        };
        for victim in victims_now {
            // The way Postgres is restarted: fast shutdown, with open transactions rolled back.
            let signal = if *victim == "postgres" {
                libc::SIGINT
            } else {
                libc::SIGKILL
            };
            shop.app.signal(victim, signal);
            *victims.entry(*victim).or_default() += 1;
        }
        shop.app.answers().await;
    }
    victims
}

/// Waits until nobody has anything to do: no event, no webhook, no workflow that runs.
async fn quiet(app: &App) {
    let statement = "SELECT
        (SELECT count(*) FROM \"order\".workflow WHERE status IN ('running', 'undoing'))
        + (SELECT count(*) FROM payment.workflow WHERE status IN ('running', 'undoing'))
        + (SELECT count(*) FROM payment.sandbox_webhook WHERE sent_at IS NULL)";
    until(
        "the workflows come to rest",
        Duration::from_secs(180),
        || async {
            app.events_settled().await;
            let open: i64 = app.sql().await.query_one(statement, &[]).await.ok()?.get(0);
            (open == 0).then_some(())
        },
    )
    .await;
}

async fn count(app: &App, statement: &str) -> i64 {
    app.sql()
        .await
        .query_one(statement, &[])
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"))
        .get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_adds_up_after_checkouts_of_every_fate_under_kills_and_restarts() {
    let seed: u64 = std::env::var("STOA_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or_else(rand::random);
    println!("STOA_SEED={seed}");
    let (checkouts, pause) = size();
    let app: &'static App = Box::leak(Box::new(App::own("soak", &[])));
    let admin = {
        let mut admin = app.someone("Admin").await;
        app.grant(&admin, "admin").await;
        admin.sign_in().await;
        admin
    };
    let mut things = Vec::new();
    for seller in ["An", "Binh"] {
        let seller = app.someone(seller).await;
        for price in [40_000, 90_000, 250_000] {
            things.push(goods(app, &seller, "Survivor", price, 100_000).await);
        }
    }
    let mut buyers = Vec::new();
    for i in 0..12 {
        let buyer = app.someone(&format!("Buyer{i}")).await;
        give(&admin, &buyer, 1_500_000, "VND").await;
        buyers.push(buyer);
    }
    let shop = Arc::new(Shop {
        app,
        goods: things,
        stop: AtomicBool::new(false),
        begun: AtomicUsize::new(0),
        seed,
        count: checkouts,
    });
    let random = StdRng::seed_from_u64(seed);
    let troubles = tokio::spawn(trouble(Arc::clone(&shop), random, pause));
    let shoppers: Vec<_> = buyers
        .iter()
        .map(|buyer| tokio::spawn(shopper(Arc::clone(&shop), buyer.clone())))
        .collect();
    let mut fates = BTreeMap::<Fate, usize>::new();
    let mut expiring = Vec::new();
    for shopper in shoppers {
        let (its, left) = shopper.await.expect("the shopper got through");
        for (fate, count) in its {
            *fates.entry(fate).or_default() += count;
        }
        expiring.extend(left);
    }
    shop.stop.store(true, Ordering::Relaxed);
    let victims = troubles.await.expect("the trouble ended");
    println!("{fates:?}; killed or restarted: {victims:?}");
    quiet(app).await;

    // Attempts live a quarter of an hour: then the provider is asked.
    app.pass("16 minutes").await;
    quiet(app).await;
    // A day later what was not paid expires, and some people pay in that very moment.
    let paying = expiring.iter().map(|(buyer, body)| pay(buyer, body, "pay"));
    futures::future::join(app.pass("25 hours"), futures::future::join_all(paying)).await;
    until("no checkout waits", Duration::from_secs(180), || async {
        let waiting = count(
            app,
            "SELECT count(*) FROM \"order\".checkout WHERE status = 'awaiting_payment'",
        )
        .await;
        (waiting == 0).then_some(())
    })
    .await;
    quiet(app).await;

    check(app, &["ledger", "check"]);
    check(app, &["inventory", "reconcile"]);
    // Everything is in a final state, or in one that says what it waits for.
    for (what, statement) in [
        (
            "workflows that did not end",
            "SELECT (SELECT count(*) FROM \"order\".workflow WHERE ended_at IS NULL)
                  + (SELECT count(*) FROM payment.workflow WHERE ended_at IS NULL)",
        ),
        ("dead letters", "SELECT (SELECT count(*) FROM \"order\".delivery) + (SELECT count(*) FROM payment.delivery)"),
        ("sessions that are open", "SELECT count(*) FROM payment.session WHERE state = 'open'"),
        ("refunds under way", "SELECT count(*) FROM payment.refund WHERE state = 'pending'"),
        ("uses that are held", "SELECT count(*) FROM promotion.hold WHERE state = 'held'"),
        (
            "orders in a state that nobody can explain",
            "SELECT count(*) FROM \"order\".\"order\" WHERE status NOT IN ('awaiting_confirmation', 'cancelled')",
        ),
        (
            "settled sessions without orders, or orders without a settled session",
            "SELECT count(*) FROM payment.session s
             FULL JOIN (SELECT id FROM \"order\".checkout WHERE status = 'placed') c ON c.id = s.id
             WHERE (s.state = 'settled' AND s.refunded = 0 AND c.id IS NULL) OR (s.id IS NULL AND c.id IS NOT NULL)",
        ),
        (
            "units reserved, or sold otherwise than ordered",
            "SELECT (SELECT coalesce(sum(reserved), 0)::bigint FROM inventory.stock)
                  + abs((SELECT 600000 - sum(on_hand)::bigint FROM inventory.stock)
                    - (SELECT coalesce(sum(l.quantity), 0)::bigint FROM \"order\".line l
                       JOIN \"order\".\"order\" o ON o.id = l.order_id WHERE o.status <> 'cancelled'))",
        ),
        (
            "what the provider took and gave differs from the books",
            "SELECT abs((SELECT coalesce(sum(taken - refunded), 0)::bigint FROM payment.sandbox_payment)
                  + (SELECT coalesce(sum(e.amount), 0)::bigint FROM payment.ledger_entry e
                     JOIN payment.ledger_account a ON a.id = e.account_id
                     WHERE a.kind = 'provider_clearing' AND a.provider = 'sandbox'))",
        ),
    ] {
        assert_eq!(count(app, statement).await, 0, "{what}");
    }
    let placed = count(
        app,
        "SELECT count(*) FROM \"order\".checkout WHERE status = 'placed'",
    )
    .await;
    println!("{checkouts} checkouts, of which {placed} became orders");
    assert!(placed > 0);
}
