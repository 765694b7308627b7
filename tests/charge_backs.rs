//! What becomes of an order whose buyer's bank takes the money back: whoever decides what, nobody is paid
//! twice, and the books say who bears it.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use stoa_order::domain::order_state::OrderStatus;
use uuid::Uuid;

use crate::checkouts::{at_provider, begin, wallet_is};
use crate::orders::Sale;
use crate::support::app::{App, shared, text};
use crate::support::goods::goods;
use crate::support::money::ledger_is_clean;
use crate::support::{Actor, Reply, until};
use crate::wallets::{available, staff};

const PRICE: i64 = 100_000;

/// An order that was paid at the sandbox.
struct Deal {
    sale: Sale,
    /// Its payment.
    leg: Uuid,
}

impl Deal {
    async fn paid(app: &App) -> Deal {
        let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
        let item = goods(app, &seller, "Radio", PRICE, 5).await;
        let body = at_provider(
            &[(&item.variant, 1)],
            json!({"provider": "sandbox_instant"}),
        );
        let placed = begin(&buyer, &Uuid::new_v4().to_string(), &body)
            .await
            .expect(201);
        let checkout: Uuid = text(&placed["id"]).parse().expect("an id");
        let row = app
            .sql()
            .await
            .query_one(
                "SELECT id FROM payment.leg WHERE session_id = $1",
                &[&checkout],
            )
            .await
            .expect("a leg");
        Deal {
            sale: Sale {
                order: text(&placed["orders"][0]["id"]).to_owned(),
                variant: item.variant,
                seller,
                buyer,
            },
            leg: row.get(0),
        }
    }

    /// The provider tells something of the payment: what came of it.
    async fn told(&self, app: &App, event: Uuid, kind: &str, refund_leg: Option<Uuid>) -> String {
        app.module_sql("payment")
            .await
            .query_one(
                "SELECT payment.report_v1(l.provider, $1, $2, l.id, NULL, l.amount, 'VND', NULL, $3)
                 FROM payment.leg l WHERE l.id = $4",
                &[&event.to_string(), &kind, &refund_leg, &self.leg],
            )
            .await
            .expect("a report")
            .get(0)
    }

    async fn taken_back(&self, app: &App) {
        let event = Uuid::new_v4();
        assert_eq!(
            self.told(app, event, "charged_back", None).await,
            "charged_back"
        );
        assert_eq!(
            self.told(app, event, "charged_back", None).await,
            "duplicate"
        );
        let twice = Uuid::new_v4();
        assert_eq!(
            self.told(app, twice, "charged_back", None).await,
            "amount_mismatch"
        );
    }

    async fn escrow(&self, actor: &Actor) -> Value {
        actor.get(&self.path("")).await.expect(200)
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/escrows/{}{rest}", self.sale.order)
    }

    /// The order is complete, and its money stays.
    async fn completes_and_is_due(&self, app: &App) {
        self.sale.lead_to(app, OrderStatus::Completed).await;
        until("the payout is due", Duration::from_secs(30), || async {
            let escrow = self.escrow(&self.sale.seller).await;
            (escrow["release_due"] == true).then_some(())
        })
        .await;
        assert_eq!(available(&self.sale.seller, "VND").await, 0);
    }

    async fn thaw(&self, actor: &Actor, key: &str) -> Reply {
        let body = json!({"reason": "the parcel was signed for"});
        actor.post_keyed(&self.path("/thaw"), key, &body).await
    }

    /// Its only refund, once it is done.
    async fn refund(&self) -> Value {
        until("the refund is done", Duration::from_secs(30), || async {
            let list = self.sale.buyer.try_get("/v1/refunds").await?.body;
            let refund = list["items"].as_array()?.first()?.clone();
            (refund["state"] == "done").then_some(refund)
        })
        .await
    }

    /// What the sandbox has given back of the payment.
    async fn given(&self, app: &App) -> i64 {
        app.sql()
            .await
            .query_one(
                "SELECT refunded FROM payment.sandbox_payment WHERE leg_id = $1",
                &[&self.leg],
            )
            .await
            .expect("the sandbox's books")
            .get(0)
    }

    /// What the platform has lost by it so far.
    async fn lost(&self, app: &App) -> i64 {
        app.sql()
            .await
            .query_one(
                "SELECT charged_back - covered FROM payment.leg WHERE id = $1",
                &[&self.leg],
            )
            .await
            .expect("the leg")
            .get(0)
    }
}

fn parts(refund: &Value) -> Vec<(&str, i64)> {
    refund["legs"]
        .as_array()
        .expect("legs")
        .iter()
        .map(|leg| {
            (
                text(&leg["state"]),
                leg["amount"].as_i64().expect("a number"),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_buyer_whose_bank_took_the_money_back_gets_no_refund_for_a_cancelled_order() {
    let app = shared();
    let deal = Deal::paid(app).await;
    deal.taken_back(app).await;
    let sellers = deal.escrow(&deal.sale.seller).await;
    assert!(
        sellers["frozen_at"].is_string() && sellers["release_due"] == false,
        "{sellers}"
    );
    let buyers = deal.escrow(&deal.sale.buyer).await;
    assert!(
        buyers["frozen_at"].is_null() && buyers["release_due"].is_null(),
        "{buyers}"
    );

    deal.sale.lead_to(app, OrderStatus::Cancelled).await;
    let refund = deal.refund().await;
    assert_eq!(parts(&refund), [("charged_back", PRICE)]);
    assert_eq!(available(&deal.sale.buyer, "VND").await, 0);
    assert_eq!(available(&deal.sale.seller, "VND").await, 0);
    assert_eq!((deal.given(app).await, deal.lost(app).await), (0, 0));
    let escrow = deal.escrow(&deal.sale.seller).await;
    assert!(
        escrow["state"] == "refunded" && escrow["frozen_at"].is_null(),
        "{escrow}"
    );
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn a_seller_who_was_paid_bears_it_when_staff_refund_the_order() {
    let app = shared();
    let (deal, moderator) = (Deal::paid(app).await, staff(app, "moderator").await);
    deal.sale.lead_to(app, OrderStatus::Completed).await;
    let payout = deal.escrow(&deal.sale.seller).await["payout"]
        .as_i64()
        .expect("a number");
    wallet_is(app, &deal.sale.seller, payout).await;
    deal.taken_back(app).await;
    assert_eq!(deal.lost(app).await, PRICE);
    let escrow = deal.escrow(&moderator).await;
    assert!(escrow["frozen_at"].is_null(), "it is paid out: {escrow}");
    deal.thaw(&moderator, "late")
        .await
        .expect_problem(409, "not_frozen");

    // In two parts, and never mind where it should go.
    for (amount, destination) in [(40_000, "original"), (PRICE - 40_000, "wallet")] {
        let body =
            json!({"amount": amount, "reason": "not as described", "destination": destination});
        let key = Uuid::new_v4().to_string();
        let asked = moderator
            .post_keyed(&deal.path("/refunds"), &key, &body)
            .await
            .expect(201);
        assert_eq!(parts(&asked["items"][0]), [("charged_back", amount)]);
    }
    assert_eq!(available(&deal.sale.buyer, "VND").await, 0);
    assert_eq!(available(&deal.sale.seller, "VND").await, 0);
    assert_eq!((deal.given(app).await, deal.lost(app).await), (0, 0));
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn a_completed_order_whose_money_was_taken_back_is_paid_out_once_staff_say_so() {
    let app = shared();
    let (deal, moderator) = (Deal::paid(app).await, staff(app, "moderator").await);
    deal.taken_back(app).await;
    deal.completes_and_is_due(app).await;
    ledger_is_clean(app).await;

    for actor in [&deal.sale.buyer, &deal.sale.seller] {
        deal.thaw(actor, "mine")
            .await
            .expect_problem(403, "forbidden");
    }
    let mut seller = deal.sale.seller.clone();
    app.grant(&seller, "moderator").await;
    seller.sign_in().await;
    deal.thaw(&seller, "mine too")
        .await
        .expect_problem(403, "own_affair");
    let body = json!({"reason": "x"});
    moderator
        .post(&deal.path("/thaw"), body.clone())
        .await
        .expect_problem(400, "idempotency_key_required");
    let nowhere = format!("/v1/escrows/{}/thaw", Uuid::now_v7());
    moderator
        .post_keyed(&nowhere, "nowhere", &body)
        .await
        .expect_problem(404, "not_found");

    // Many who decide at once, each twice.
    let keys: Vec<String> = (0..12)
        .map(|n| format!("decided {} {}", deal.sale.order, n / 2))
        .collect();
    let replies = join_all(keys.iter().map(|key| deal.thaw(&moderator, key))).await;
    let mut decided = None;
    for (key, reply) in keys.iter().zip(replies) {
        match reply.status {
            200 => decided = Some((key.clone(), reply.body)),
            503 => {}
            _ => assert!(
                ["not_frozen", "idempotency_in_progress"].contains(&reply.code()),
                "{}",
                reply.raw
            ),
        }
    }
    let (key, answer) = decided.expect("somebody decided");
    assert_eq!(answer["state"], "released");
    assert_eq!(
        deal.thaw(&moderator, &key).await.expect(200),
        answer,
        "as it was"
    );
    let payout = answer["payout"].as_i64().expect("a number");
    wallet_is(app, &deal.sale.seller, payout).await;
    assert_eq!(deal.lost(app).await, PRICE, "the platform bears it");
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn money_that_the_bank_gives_back_releases_a_completed_order_by_itself() {
    let app = shared();
    let deal = Deal::paid(app).await;
    deal.taken_back(app).await;
    deal.completes_and_is_due(app).await;
    let event = Uuid::new_v4();
    assert_eq!(
        deal.told(app, event, "reinstated", None).await,
        "reinstated"
    );
    assert_eq!(deal.told(app, event, "reinstated", None).await, "duplicate");
    let other = Uuid::new_v4();
    assert_eq!(deal.told(app, other, "reinstated", None).await, "too_early");
    let escrow = deal.escrow(&deal.sale.seller).await;
    assert!(
        escrow["state"] == "released" && escrow["frozen_at"].is_null(),
        "{escrow}"
    );
    wallet_is(
        app,
        &deal.sale.seller,
        escrow["payout"].as_i64().expect("a number"),
    )
    .await;
    assert_eq!(deal.lost(app).await, 0);
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn a_refund_that_fails_at_the_provider_afterwards_comes_to_the_wallet_once() {
    let app = shared();
    let deal = Deal::paid(app).await;
    deal.sale.lead_to(app, OrderStatus::Cancelled).await;
    assert_eq!(parts(&deal.refund().await), [("done", PRICE)]);
    assert_eq!(deal.given(app).await, PRICE);
    assert_eq!(available(&deal.sale.buyer, "VND").await, 0);

    let leg: Uuid = app
        .sql()
        .await
        .query_one(
            "SELECT id FROM payment.refund_leg WHERE leg_id = $1",
            &[&deal.leg],
        )
        .await
        .expect("a leg of the refund")
        .get(0);
    let told =
        join_all((0..6).map(|_| deal.told(app, Uuid::new_v4(), "refund_failed", Some(leg)))).await;
    let done = told.iter().filter(|told| *told == "refund_failed").count();
    assert_eq!(done, 1, "{told:?}");
    assert_eq!(parts(&deal.refund().await), [("to_wallet", PRICE)]);
    assert_eq!(available(&deal.sale.buyer, "VND").await, PRICE);
    ledger_is_clean(app).await;
}
