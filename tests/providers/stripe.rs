//! At Stripe.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Deal, PRICE, ledger_is_clean, tell, world};
use crate::emulators::Fault;
use crate::emulators::stripe::{WEBHOOK_SECRET, event, now, signature};
use crate::support::Reply;
use crate::support::app::text;

/// Sends an event as Stripe does.
async fn send(event: &Value) -> Reply {
    let body = event.to_string();
    let header = signature(WEBHOOK_SECRET, now(), &body);
    tell("stripe", &[("stripe-signature", &header)], &body).await
}

pub async fn outcome(event: &Value) -> String {
    let answer = send(event).await.expect(200);
    text(&answer["outcome"]).to_owned()
}

/// The one PaymentIntent of a deal.
pub fn intent(deal: &Deal) -> Value {
    let intents = world().stripe.of_session(deal.id());
    assert_eq!(intents.len(), 1, "{intents:?}");
    intents[0].clone()
}

#[tokio::test]
async fn a_payment_settles_and_a_declined_order_gives_it_back() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    let mut deal = Deal::waiting("stripe").await;
    let intent = intent(&deal);
    let id = text(&intent["id"]);
    // Dong have no smaller unit, there as here.
    assert_eq!(
        (&intent["amount"], &intent["currency"]),
        (&json!(PRICE), &json!("vnd"))
    );
    let leg = deal.leg().await;
    assert_eq!(leg["client_data"]["client_secret"], intent["client_secret"]);
    assert_eq!(intent["metadata"]["leg"], leg["id"]);

    let paid = stripe.pay(id);
    assert_eq!(outcome(&paid).await, "settled");
    assert_eq!(outcome(&paid).await, "duplicate");
    // The same news as another event.
    let again = event("payment_intent.succeeded", &paid["data"]["object"]);
    assert_eq!(outcome(&again).await, "duplicate");
    deal.is_placed().await;
    deal.is_declined().await;
    assert_eq!(stripe.took_and_gave(id), (PRICE, PRICE));
    assert_eq!(stripe.refusals(), Vec::<String>::new());
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn a_declined_card_leaves_the_checkout_waiting() {
    let _turn = world().turn.lock().await;
    let mut deal = Deal::waiting("stripe").await;
    let id = text(&intent(&deal)["id"]).to_owned();
    assert_eq!(outcome(&world().stripe.decline(&id)).await, "failed");
    deal.still_waits().await;
    let leg = deal.leg().await;
    assert_eq!(
        (&leg["state"], &leg["reason"]),
        (&json!("failed"), &json!("Your card was declined."))
    );
    // And the same page may be paid by another card.
    assert_eq!(outcome(&world().stripe.pay(&id)).await, "settled");
    deal.is_placed().await;
}

#[tokio::test]
async fn what_is_forged_stale_or_wrong_moves_nothing() {
    let _turn = world().turn.lock().await;
    let deal = Deal::waiting("stripe").await;
    let intent = intent(&deal);
    let mut paid = intent.clone();
    paid["status"] = "succeeded".into();
    paid["amount_received"] = paid["amount"].clone();
    let body = event("payment_intent.succeeded", &paid).to_string();
    let headers = [
        String::new(),
        "t=1,v1=00".into(),
        signature("whsec_of_another", now(), &body),
        signature(WEBHOOK_SECRET, now() - 301, &body),
        // Far enough ahead for a request that is slow to arrive.
        signature(WEBHOOK_SECRET, now() + 330, &body),
        signature(
            WEBHOOK_SECRET,
            now(),
            &body.replace("succeeded", "processing"),
        ),
    ];
    for header in &headers {
        let reply = tell("stripe", &[("stripe-signature", header)], &body).await;
        reply.expect_problem(401, "bad_signature");
    }
    tell("stripe", &[], &body)
        .await
        .expect_problem(401, "bad_signature");

    let with = |field: &str, value: Value| {
        let mut changed = paid.clone();
        changed[field] = value;
        event("payment_intent.succeeded", &changed)
    };
    for wrong in [
        with("amount_received", json!(PRICE - 1)),
        with("amount_received", json!(PRICE + 1)),
        with("currency", json!("jpy")),
    ] {
        assert_eq!(outcome(&wrong).await, "amount_mismatch");
    }
    let strange = with("metadata", json!({"leg": Uuid::new_v4()}));
    assert_eq!(outcome(&strange).await, "unknown_reference");
    assert_eq!(outcome(&with("metadata", json!({}))).await, "not_ours");
    assert_eq!(
        outcome(&event("customer.created", &json!({"id": "cus_1"}))).await,
        "not_ours"
    );
    let processing = event("payment_intent.processing", &intent);
    assert_eq!(outcome(&processing).await, "ignored");
    let broken = event("payment_intent.succeeded", &json!({"id": 5}));
    send(&broken).await.expect_problem(400, "malformed_request");
    deal.still_waits().await;
}

#[tokio::test]
async fn lost_answers_charge_and_give_back_once() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    stripe.faults.next(&[Fault::Silent, Fault::AnswerLost]);
    let mut deal = Deal::waiting("stripe").await;
    assert_eq!(stripe.faults.left(), 0, "both calls went wrong");
    let id = text(&intent(&deal)["id"]).to_owned();
    assert_eq!(outcome(&stripe.pay(&id)).await, "settled");
    deal.is_placed().await;
    // Nobody knows whether there was a refund; there was none; nobody knows whether there is one now.
    stripe
        .faults
        .next(&[Fault::Broken, Fault::None, Fault::AnswerLost]);
    deal.is_declined().await;
    assert_eq!(stripe.faults.left(), 0);
    assert_eq!(stripe.took_and_gave(&id), (PRICE, PRICE));
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn a_cancelled_checkout_cancels_the_intent() {
    let _turn = world().turn.lock().await;
    let deal = Deal::waiting("stripe").await;
    let path = format!("/v1/checkouts/{}/cancel", deal.id());
    let reply = deal.buyer.post(&path, json!({})).await;
    assert!(reply.status < 300, "{}", reply.raw);
    crate::checkouts::becomes(&deal.buyer, &deal.checkout, "cancelled").await;
    crate::support::until(
        "Stripe knows",
        std::time::Duration::from_secs(20),
        || async { (intent(&deal)["status"] == "canceled").then_some(()) },
    )
    .await;
}

#[tokio::test]
async fn money_that_the_bank_takes_back_is_in_the_books() {
    let _turn = world().turn.lock().await;
    let mut deal = Deal::waiting("stripe").await;
    let id = text(&intent(&deal)["id"]).to_owned();
    assert_eq!(outcome(&world().stripe.pay(&id)).await, "settled");
    deal.is_placed().await;
    let dispute = |kind: &str| world().stripe.dispute(&id, kind);
    // A dispute is news. What it does to the money is told apart from that.
    assert_eq!(outcome(&dispute("created")).await, "ignored");
    let withdrawn = dispute("funds_withdrawn");
    assert_eq!(outcome(&withdrawn).await, "charged_back");
    assert_eq!(outcome(&withdrawn).await, "duplicate");
    ledger_is_clean(&world().app).await;
    let reinstated = dispute("funds_reinstated");
    assert_eq!(outcome(&reinstated).await, "reinstated");
    assert_eq!(outcome(&reinstated).await, "duplicate");
    assert_eq!(outcome(&dispute("closed")).await, "ignored");
    ledger_is_clean(&world().app).await;
}
