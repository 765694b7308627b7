//! Attempts that an operator gives up: they end when their provider has let go of them, or has said that they
//! are paid.

use std::time::Duration;

use serde_json::{Value, json};

use super::stripe::intent;
use super::{Deal, PRICE, ledger_is_clean, sepay, world};
use crate::checkouts::{becomes, wallet_is};
use crate::support::app::text;
use crate::support::{Actor, until};
use crate::wallets::staff;

/// The newest attempt of a deal, and somebody who gives it up.
struct Attempt {
    leg: String,
    moderator: Actor,
}

impl Attempt {
    async fn of(deal: &Deal) -> Attempt {
        Attempt {
            leg: text(&deal.leg().await["id"]).to_owned(),
            moderator: staff(&world().app, "moderator").await,
        }
    }

    async fn give_up(&self) {
        let path = format!("/v1/workflows/payment/{}/cancel", self.leg);
        let reply = self.moderator.post(&path, json!({})).await;
        assert!(reply.status < 300, "{}", reply.raw);
    }

    async fn workflow(&self, what: &str, holds: impl Fn(&Value) -> bool) {
        let path = format!("/v1/workflows/payment/{}", self.leg);
        until(what, Duration::from_secs(60), || async {
            let now = self.moderator.try_get(&path).await?.body;
            holds(&now).then_some(())
        })
        .await;
    }

    /// It is given up again and again, and goes on being so.
    async fn fails_for(&self, reason: &str) {
        let what = format!("it fails for {reason:?}");
        self.workflow(&what, |now| {
            let error = now["last_error"].as_str().unwrap_or_default();
            now["status"] == "undoing" && error.contains(reason)
        })
        .await;
    }

    async fn has_ended(&self) {
        self.workflow("it is given up", |now| now["status"] == "cancelled")
            .await;
    }
}

#[tokio::test]
async fn what_stripe_has_named_and_does_not_show_is_not_let_go() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    let mut deal = Deal::waiting("stripe").await;
    let attempt = Attempt::of(&deal).await;
    let id = text(&intent(&deal)["id"]).to_owned();
    // It is paid, nobody tells of it, and the keys are those of another account for an hour.
    stripe.pay(&id);
    let hidden = stripe.hide(&id);
    attempt.give_up().await;
    attempt.fails_for("404").await;
    stripe.show(hidden);
    deal.is_placed().await;
    attempt.has_ended().await;
    assert_eq!(stripe.took_and_gave(&id), (PRICE, 0));
    stripe.take_refusals();
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn what_stripe_could_not_cancel_is_cancelled_once_it_can() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    let deal = Deal::waiting("stripe").await;
    let attempt = Attempt::of(&deal).await;
    let id = text(&intent(&deal)["id"]).to_owned();
    stripe.becomes(&id, "processing");
    attempt.give_up().await;
    attempt.fails_for("neither cancelled nor paid").await;
    // It has answered so to the key, and would for a day.
    stripe.becomes(&id, "requires_payment_method");
    attempt.has_ended().await;
    assert_eq!(intent(&deal)["status"], "canceled");
    assert_eq!(deal.leg().await["state"], "cancelled");
    stripe.take_refusals();
}

#[tokio::test]
async fn what_comes_by_an_order_that_is_cancelled_at_sepay_is_found() {
    let bank = &world().sepay;
    let deal = Deal::waiting("sepay").await;
    let attempt = Attempt::of(&deal).await;
    let invoice = sepay::visit(&deal).await;
    sepay::cancel(&deal, &invoice).await;
    let told = bank.pay(&invoice, PRICE);
    assert_eq!(told["order"]["order_status"], "CANCELLED");
    attempt.give_up().await;
    attempt.has_ended().await;
    // Nobody wants it any more, and SePay gives nothing back.
    wallet_is(&world().app, &deal.buyer, PRICE).await;
    assert_eq!(deal.leg().await["state"], "late");
    assert_eq!(sepay::outcome(&told).await, "duplicate");
    becomes(&deal.buyer, &deal.checkout, "cancelled").await;
    ledger_is_clean(&world().app).await;
}
