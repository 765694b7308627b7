//! Instances that are gone at any call to the host, before it or after its effect: what they were doing
//! comes to its end all the same, once.
//!
//! Which calls there are is not written anywhere: each way that something can go is recorded first, and
//! then it goes this way again, for each of the recorded calls, before it and after it. In an ordinary run
//! for each kind of call once, in a long one for every single call.

mod checkouts;
mod payment;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use redis::AsyncCommands as _;
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::app::App;
use crate::support::drops::{Drops, When};
use crate::support::goods::{Goods, checkout, goods, reconciled, stock};
use crate::support::money::{ledger_is_clean, pay};
use crate::support::{Actor, until};

/// How often a call is tried to be hit that did not come.
const TRIES: usize = 3;

fn long() -> bool {
    std::env::var("STOA_LONG").is_ok_and(|long| long == "1")
}

/// Sees to it that nobody waits for somebody who is known to be gone.
struct Watch {
    drops: Drops,
    sql: Client,
    redis: redis::aio::MultiplexedConnection,
    buried: Cell<bool>,
}

impl Watch {
    /// `None` where nothing can be dropped.
    async fn of(app: &App) -> Option<Watch> {
        Some(Watch {
            drops: Drops::of(app)?,
            sql: app.sql().await,
            redis: app.redis().await,
            buried: Cell::new(false),
        })
    }

    fn arm(&self, component: &str, when: When, target: &Target) {
        self.buried.set(false);
        self.drops
            .arm_at(component, when, target.number, &target.call);
    }

    /// Once an instance was dropped, what it had is anybody's. To be called while waiting.
    async fn bury(&self) {
        if self.drops.dropped().is_some() && !self.buried.replace(true) {
            self.end_leases().await;
            self.ring().await;
        }
    }

    async fn end_leases(&self) {
        self.sql
            .batch_execute(
                "UPDATE \"order\".workflow SET lease_until = shared.real_now()
                     WHERE status IN ('running', 'undoing') AND lease_until > shared.real_now();
                 UPDATE payment.workflow SET lease_until = shared.real_now()
                     WHERE status IN ('running', 'undoing') AND lease_until > shared.real_now();
                 UPDATE \"order\".idempotency SET lease_until = shared.real_now() WHERE status IS NULL;
                 UPDATE payment.idempotency SET lease_until = shared.real_now() WHERE status IS NULL;
                 UPDATE payment.sandbox_webhook SET due_at = shared.real_now()
                     WHERE sent_at IS NULL AND tries < 10;",
            )
            .await
            .expect("the leases are over");
    }

    /// Wakes the lanes.
    async fn ring(&self) {
        let mut redis = self.redis.clone();
        for lane in ["order-flows", "payment-flows"] {
            // Losing a ring loses half a second.
            let _: redis::RedisResult<()> = redis.publish(format!("stoa:bell:{lane}"), "1").await;
        }
    }

    /// Waits until `payment` has no workflow under way, whatever they wait for: so that those that went
    /// before are in nobody's recording, and nothing is left at the end.
    async fn payments_end(&self, app: &App) {
        let open = "SELECT count(*) FROM payment.workflow WHERE ended_at IS NULL";
        until("all payments end", Duration::from_secs(120), || async {
            for _ in 0..40 {
                self.bury().await;
                let open: i64 = self.sql.query_one(open, &[]).await.ok()?.get(0);
                if open == 0 {
                    return Some(());
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            // Attempts are looked after when their time is over, and once more an hour later.
            app.pass("1 hour").await;
            self.ring().await;
            None
        })
        .await;
    }

    /// Whether an instance was dropped. What all wakes of a lane do may still come.
    async fn struck(&self) -> bool {
        for _ in 0..40 {
            if self.drops.dropped().is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        let struck = self.drops.disarm().is_some();
        self.bury().await;
        struck
    }
}

/// A call that is to be hit: its `number`th time.
struct Target {
    call: String,
    number: usize,
}

/// Which calls were somebody's last.
#[derive(Default)]
struct Tally {
    armed: usize,
    struck: usize,
    /// By whose they are, and what: whether before, and whether after.
    calls: BTreeMap<(String, String), [bool; 2]>,
}

impl Tally {
    /// What is to be hit of a recording.
    fn targets(&mut self, whose: &str, recorded: Vec<String>) -> Vec<Target> {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        let mut targets = Vec::new();
        for call in recorded {
            let number = times.entry(call.clone()).or_default();
            *number += 1;
            let key = (whose.to_owned(), call.clone());
            let is_new = !self.calls.contains_key(&key);
            self.calls.entry(key).or_default();
            if is_new || long() {
                let number = *number;
                targets.push(Target { call, number });
            }
        }
        targets
    }

    /// Whether it is to be tried again.
    fn note(&mut self, whose: &str, when: When, target: &Target, struck: bool) -> bool {
        self.armed += 1;
        if struck {
            self.struck += 1;
            let key = (whose.to_owned(), target.call.clone());
            let hit = self.calls.entry(key).or_default();
            hit[usize::from(when == When::After)] = true;
        }
        !struck && !long()
    }

    /// Most of what was armed has struck, and all calls were hit. A recording may have some that came by
    /// chance.
    fn is_complete(&self) {
        let missed: Vec<_> = self
            .calls
            .iter()
            .filter(|(_, hit)| **hit != [true; 2])
            .collect();
        println!(
            "{} calls, {} of {} armed were hit, never: {missed:?}",
            self.calls.len(),
            self.struck,
            self.armed
        );
        assert!(
            self.struck * 10 >= self.armed * 8,
            "only {} of {} were hit",
            self.struck,
            self.armed
        );
        assert!(
            missed.len() <= 1 + self.calls.len() / 40,
            "never hit before and after: {missed:#?}"
        );
    }
}

/// Orders one unit, repeating the request with its key and paying where that is asked for, until it is
/// placed. What is armed may strike at any of it. Answers whether something was dropped.
async fn order(watch: &Watch, buyer: &Actor, item: &Goods, provider: &str) -> bool {
    let mut body = checkout(&[(&item.variant, 1)]);
    body["provider"] = provider.into();
    let key = Uuid::new_v4().to_string();
    let paid = Cell::new(false);
    let placed: Value = until("it is placed", Duration::from_secs(90), || async {
        let reply = buyer.try_post_keyed("/v1/checkouts", &key, &body).await;
        watch.bury().await;
        let reply = reply?;
        if reply.status == 202 && !reply.body["payment"]["pay_url"].is_null() && !paid.replace(true)
        {
            pay(buyer, &reply.body, "pay").await;
        }
        (reply.status == 201).then_some(reply.body)
    })
    .await;
    assert_eq!(placed["orders"].as_array().map(Vec::len), Some(1));
    watch.drops.disarm().is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkout_whose_request_is_dropped_at_any_call_is_placed_once() {
    let app = App::own("dropped", &[]);
    let Some(watch) = Watch::of(&app).await else {
        return;
    };
    let seller = app.someone("Seller").await;
    let buyer = app.someone("Buyer").await;
    let item = goods(&app, &seller, "Survivor", 1_000, 1_000).await;
    let mut orders = 0;
    let mut dropped = 0;

    // The request's own calls, one after another, until it makes no more.
    for provider in ["cod", "sandbox"] {
        for when in [When::Before, When::After] {
            for number in 1..=40 {
                watch.buried.set(false);
                watch.drops.arm("order", when, number, &["pg", "http"]);
                orders += 1;
                if !order(&watch, &buyer, &item, provider).await {
                    break;
                }
                dropped += 1;
            }
        }
    }
    assert!(dropped >= 16, "only {dropped} calls were reached");

    watch.end_leases().await;
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
