//! Disputes at Stripe: the bank takes an order's money back, and perhaps gives it back again.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_order::domain::order_state::OrderStatus;
use uuid::Uuid;

use super::{Deal, PRICE, ledger_is_clean, tell, world};
use crate::checkouts::wallet_is;
use crate::emulators::stripe::{WEBHOOK_SECRET, event, now, signature};
use crate::orders::Sale;
use crate::support::app::text;
use crate::support::until;

/// An order that was paid at Stripe, and Stripe's name for the payment.
async fn paid() -> (Deal, String) {
    let mut deal = Deal::waiting("stripe").await;
    let intents = world().stripe.of_session(deal.id());
    let id = text(&intents[0]["id"]).to_owned();
    assert_eq!(outcome(&world().stripe.pay(&id)).await, "settled");
    deal.is_placed().await;
    (deal, id)
}

/// Sends an event as Stripe does: what came of it.
async fn outcome(event: &Value) -> String {
    let body = event.to_string();
    let header = signature(WEBHOOK_SECRET, now(), &body);
    let answer = tell("stripe", &[("stripe-signature", &header)], &body).await;
    text(&answer.expect(200)["outcome"]).to_owned()
}

/// Stripe moves all of a payment for a dispute: away for -1, and back for 1.
fn moved(kind: &str, intent: &str, direction: i64) -> Value {
    let dispute = json!({
        "id": format!("dp_{}", Uuid::new_v4().simple()), "object": "dispute", "amount": PRICE,
        "currency": "vnd", "charge": "ch_1", "payment_intent": intent, "reason": "fraudulent",
        "status": "needs_response", "metadata": {},
        "balance_transactions": [{
            "id": "txn_1", "object": "balance_transaction", "amount": direction * PRICE, "created": now(),
            "currency": "vnd", "fee": 0, "net": direction * PRICE, "reporting_category": "dispute",
        }],
    });
    event(kind, &dispute)
}

async fn taken(intent: &str) {
    let event = moved("charge.dispute.funds_withdrawn", intent, -1);
    assert_eq!(outcome(&event).await, "charged_back");
    assert_eq!(outcome(&event).await, "duplicate");
}

#[tokio::test]
async fn a_declined_order_that_is_disputed_is_not_given_back_once_more() {
    let _turn = world().turn.lock().await;
    let (deal, intent) = paid().await;
    taken(&intent).await;
    deal.is_declined().await;
    let refunds = deal.buyer.get("/v1/refunds").await.expect(200);
    let parts = &refunds["items"][0]["legs"];
    assert_eq!(
        (&parts[0]["state"], &parts[0]["amount"]),
        (&json!("charged_back"), &json!(PRICE))
    );
    assert_eq!(world().stripe.took_and_gave(&intent), (PRICE, 0));
    wallet_is(&world().app, &deal.buyer, 0).await;
    assert_eq!(world().stripe.refusals(), Vec::<String>::new());
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn a_completed_order_is_paid_out_when_the_dispute_is_won() {
    let _turn = world().turn.lock().await;
    let app = &world().app;
    let (deal, intent) = paid().await;
    // Told in another order: Stripe has to tell the second again.
    let early = moved("charge.dispute.funds_reinstated", &intent, 1);
    let body = early.to_string();
    let header = signature(WEBHOOK_SECRET, now(), &body);
    tell("stripe", &[("stripe-signature", &header)], &body)
        .await
        .expect_problem(503, "unavailable");
    taken(&intent).await;
    let sale = Sale {
        seller: deal.seller.clone(),
        buyer: deal.buyer.clone(),
        order: text(&deal.checkout["orders"][0]["id"]).to_owned(),
        variant: String::new(),
    };
    sale.lead_to(app, OrderStatus::Completed).await;
    let path = format!("/v1/escrows/{}", sale.order);
    let escrow = until("the payout is due", Duration::from_secs(30), || async {
        let escrow = deal.seller.try_get(&path).await?.body;
        (escrow["release_due"] == true).then_some(escrow)
    })
    .await;
    wallet_is(app, &deal.seller, 0).await;

    assert_eq!(outcome(&early).await, "reinstated");
    assert_eq!(outcome(&early).await, "duplicate");
    let payout = escrow["payout"].as_i64().expect("a number");
    wallet_is(app, &deal.seller, payout).await;
    ledger_is_clean(app).await;
}
