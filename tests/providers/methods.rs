//! Cards that Stripe keeps for somebody.

use serde_json::{Value, json};
use uuid::Uuid;

use super::stripe::intent;
use super::{Deal, world};
use crate::emulators::Fault;
use crate::support::app::text;
use crate::support::{Actor, Reply};

async fn save(actor: &Actor, token: &str) -> Reply {
    save_keyed(actor, token, &Uuid::new_v4().to_string()).await
}

async fn save_keyed(actor: &Actor, token: &str, key: &str) -> Reply {
    let body = json!({"provider": "stripe", "token": token, "label": "Visa ending in 4242"});
    actor.post_keyed("/v1/payment-methods", key, &body).await
}

async fn saved(actor: &Actor) -> Vec<Value> {
    let list = actor.get("/v1/payment-methods").await.expect(200);
    list["items"].as_array().expect("methods").clone()
}

/// Looks like a fault of the provider's, not of the client's.
fn is_away(reply: &Reply) {
    reply.expect_problem(503, "unavailable");
}

#[tokio::test]
async fn a_card_is_kept_for_one_account_and_nobody_else_can_save_it() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    let (an, binh) = (
        world().app.someone("An").await,
        world().app.someone("Binh").await,
    );
    let (one, two) = (stripe.card(true), stripe.card(true));
    let reply = save(&an, &one).await;
    assert!(
        !reply.raw.contains("pm_") && !reply.raw.contains("cus_"),
        "{}",
        reply.raw
    );
    let method = reply.expect(201);
    let customers = stripe.customers_of(an.id);
    assert_eq!(customers.len(), 1);
    assert_eq!(stripe.owner_of(&one).as_ref(), Some(&customers[0]));
    // The same account has the same customer, whatever Stripe still knows of keys.
    stripe.days_later();
    save(&an, &two).await.expect(201);
    assert_eq!(stripe.owner_of(&two).as_ref(), Some(&customers[0]));
    assert_eq!(stripe.customers_of(an.id), customers);
    save(&an, &one).await.expect_problem(409, "already_saved");

    // Somebody who knows its name gets nothing by that, whatever they say whose it is.
    let stolen = save(&binh, &one).await;
    stolen.expect_problem(409, "method_refused");
    assert!(!stolen.raw.contains("cus_"), "{}", stolen.raw);
    for token in [
        format!("{}/{one}", customers[0]),
        format!("{one}/{one}"),
        format!("{one}?customer={}", customers[0]),
        "cus_1/pm_1".to_owned(),
        "pm_".to_owned(),
        // Stripe knows no such card.
        "pm_1NExample".to_owned(),
    ] {
        let reply = save(&binh, &token).await;
        reply.expect_problem(422, "validation_failed");
        assert!(reply.raw.contains("/token"), "{token}: {}", reply.raw);
    }
    assert_eq!(saved(&binh).await, Vec::<Value>::new());
    assert_eq!(saved(&an).await.len(), 2);
    let elsewhere = json!({"provider": "vnpay", "token": "1", "label": "Mine"});
    binh.post("/v1/payment-methods", elsewhere)
        .await
        .expect_problem(422, "validation_failed");

    // What is deleted here is still theirs there, and may be saved again.
    let path = format!("/v1/payment-methods/{}", text(&method["id"]));
    assert_eq!(an.delete(&path).await.status, 204);
    save(&binh, &one)
        .await
        .expect_problem(409, "method_refused");
    save(&an, &one).await.expect(201);
    stripe.take_refusals();
}

#[tokio::test]
async fn an_answer_that_is_lost_makes_no_second_customer() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    let (an, binh) = (
        world().app.someone("An").await,
        world().app.someone("Binh").await,
    );
    // The search, and the customer of whom nobody hears.
    let (card, key) = (stripe.card(true), Uuid::new_v4().to_string());
    stripe.faults.next(&[Fault::None, Fault::AnswerLost]);
    is_away(&save_keyed(&an, &card, &key).await);
    save_keyed(&an, &card, &key).await.expect(201);
    assert_eq!(stripe.customers_of(an.id).len(), 1);

    // The search, the customer, and the card that is the customer's before anybody hears of it.
    let card = stripe.card(true);
    stripe
        .faults
        .next(&[Fault::None, Fault::None, Fault::AnswerLost]);
    is_away(&save(&binh, &card).await);
    assert_eq!(saved(&binh).await, Vec::<Value>::new());
    // Days later the search finds the customer, whose key is forgotten.
    stripe.days_later();
    save(&binh, &card).await.expect(201);
    assert_eq!(stripe.customers_of(binh.id).len(), 1);
    assert_eq!(stripe.faults.left(), 0);
    stripe.take_refusals();

    // Too many questions are no refusal either.
    stripe.faults.next(&[Fault::Busy]);
    is_away(&save(&binh, &stripe.card(true)).await);
    assert_eq!(stripe.refusals(), Vec::<String>::new());
}

#[tokio::test]
async fn a_saved_card_pays_at_once_or_is_declined() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    let mut deal = Deal::new().await;
    for good in [true, false] {
        let method = save(&deal.buyer, &stripe.card(good)).await.expect(201);
        let reply = deal
            .begin(
                json!({"provider": "stripe", "method_id": method["id"], "return_url": "/thanks"}),
            )
            .await;
        if good {
            deal.checkout = reply.expect(201);
            deal.is_placed().await;
            let id = text(&intent(&deal)["id"]).to_owned();
            assert_eq!(stripe.took_and_gave(&id), (super::PRICE, 0));
        } else {
            reply.expect_problem(409, "payment_declined");
            assert_eq!(reply.body["reason"], "Your card was declined.");
        }
    }
    assert_eq!(stripe.refusals(), Vec::<String>::new());
}
