//! A code with a hundred uses and a budget for a hundred, and five hundred checkouts at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{App, shared, text};
use crate::support::goods::{checkout, goods, reconciled, stock};
use crate::support::money::{ledger_is_clean, pay};
use crate::support::rush::turn;
use crate::support::{Actor, Reply, until};

const USES: i64 = 100;
const OFF: i64 = 10_000;
const PRICE: i64 = 100_000;
const BUYERS: usize = 25;

/// Checkouts with the code, all at once, in turn for the buyers.
async fn rush(buyers: &[Actor], variant: &str, code: &str, count: usize) -> Vec<(Actor, Reply)> {
    let mut body = checkout(&[(variant, 1)]);
    body["provider"] = "sandbox".into();
    body["codes"] = json!([code]);
    join_all((0..count).map(|i| {
        let (buyer, body) = (&buyers[i % buyers.len()], &body);
        async move {
            let key = Uuid::new_v4().to_string();
            // Busy is no answer: whoever is refused by 503 comes again with the same key.
            for _ in 0..100 {
                let reply = buyer.try_post_keyed("/v1/checkouts", &key, body).await;
                match reply {
                    Some(reply)
                        if reply.status < 500 && reply.code() != "idempotency_in_progress" =>
                    {
                        return (buyer.clone(), settled(buyer, reply).await);
                    }
                    _ => tokio::time::sleep(Duration::from_millis(200)).await,
                }
            }
            panic!("the key {key} got no answer");
        }
    }))
    .await
}

/// What becomes of a checkout that takes longer than its request.
async fn settled(buyer: &Actor, mut reply: Reply) -> Reply {
    if reply.body["status"] == "running" {
        let path = format!("/v1/checkouts/{}", text(&reply.body["id"]));
        reply.body = until("the checkout gets on", Duration::from_secs(90), || async {
            let seen = buyer
                .try_get(&path)
                .await
                .filter(|seen| seen.status == 200)?;
            (seen.body["status"] != "running").then_some(seen.body)
        })
        .await;
    }
    // Refused when nobody waited for the answer any more: it says by what.
    if reply.body["status"] == "failed" {
        reply.status = 409;
    }
    reply
}

fn waiting(replies: &[(Actor, Reply)]) -> Vec<(Actor, Value)> {
    replies
        .iter()
        .filter(|(_, reply)| reply.status == 202)
        .map(|(buyer, reply)| (buyer.clone(), reply.body.clone()))
        .collect()
}

/// `(held, spent)` uses, and what they cost.
async fn usage(app: &App, promotion: &str) -> ((i64, i64), (i64, i64)) {
    let row = app
        .sql()
        .await
        .query_one(
            "SELECT held_uses, spent_uses, held_amount, spent_amount FROM promotion.used_v1($1::text::uuid)",
            &[&promotion],
        )
        .await
        .expect("the promotion");
    ((row.get(0), row.get(1)), (row.get(2), row.get(3)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_checkouts_use_a_code_of_a_hundred_a_hundred_times() {
    let app = shared();
    let _turn = turn().await;
    let seller = app.someone("Seller").await;
    let item = goods(app, &seller, "Wanted", PRICE, 1_000).await;
    let code = format!("RUSH-{}", &Uuid::new_v4().simple().to_string()[..8]).to_uppercase();
    let made = seller
        .post(
            "/v1/promotions",
            json!({
                "kind": "product_discount", "title": "A tenth off", "code": code, "currency": "VND",
                "rule": {"off": {"per_unit": OFF}},
                "starts_at": "2020-01-01T00:00:00Z",
                "usage_limit": USES, "budget": USES * OFF,
            }),
        )
        .await
        .expect(201);
    let promotion = text(&made["id"]).to_owned();
    let mut buyers = Vec::new();
    for i in 0..BUYERS {
        buyers.push(app.someone(&format!("Buyer{i}")).await);
    }

    // Somebody looks all the while.
    let stop = AtomicBool::new(false);
    let look = async {
        let mut looks = 0_u32;
        while !stop.load(Ordering::Relaxed) {
            let ((held, spent), (held_amount, spent_amount)) = usage(app, &promotion).await;
            assert!(held + spent <= USES, "{held} held and {spent} spent");
            assert!(held_amount + spent_amount <= USES * OFF);
            looks += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        looks
    };
    let play = async {
        let replies = rush(&buyers, &item.variant, &code, 500).await;
        let first = waiting(&replies);
        assert_eq!(first.len(), USES as usize, "as many as there are uses");
        for (_, reply) in replies.iter().filter(|(_, reply)| reply.status != 202) {
            assert_eq!(reply.status, 409, "{}", reply.raw);
            assert!(
                ["promotion_gone", "code_unusable"].contains(&reply.code()),
                "{}",
                reply.raw
            );
        }
        // Forty change their minds, and sixty pay.
        let (given_up, paid) = first.split_at(40);
        for (buyer, body) in given_up {
            let path = format!("/v1/checkouts/{}/cancel", text(&body["id"]));
            let reply = buyer
                .post_keyed(&path, &Uuid::new_v4().to_string(), &json!({}))
                .await;
            assert!(reply.status < 300, "{}", reply.raw);
        }
        until("the uses are back", Duration::from_secs(60), || async {
            (usage(app, &promotion).await.0 == (60, 0)).then_some(())
        })
        .await;
        for (buyer, body) in paid {
            pay(buyer, body, "pay").await;
        }
        // A hundred more come for the forty.
        let replies = rush(&buyers, &item.variant, &code, 100).await;
        let second = waiting(&replies);
        assert_eq!(second.len(), 40, "as many as were given back");
        for (buyer, body) in &second {
            pay(buyer, body, "pay").await;
        }
        until("all uses are spent", Duration::from_secs(60), || async {
            let (uses, amounts) = usage(app, &promotion).await;
            (uses == (0, USES) && amounts == (0, USES * OFF)).then_some(())
        })
        .await;
        stop.store(true, Ordering::Relaxed);
    };
    let (looks, ()) = futures::future::join(look, play).await;
    println!("{looks} looks");
    until("the orders are placed", Duration::from_secs(60), || async {
        (stock(app, &item.variant).await == (1_000 - USES, 0)).then_some(())
    })
    .await;
    app.events_settled().await;
    reconciled(app).await;
    ledger_is_clean(app).await;
}
