//! Money on its way back by other people's providers: once, whatever becomes of answers, and to the wallet
//! only when the provider says so itself.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::stripe::{intent, outcome};
use super::vnpay::{send, visit};
use super::{Deal, PRICE, ledger_is_clean, world};
use crate::checkouts::wallet_is;
use crate::emulators::Fault;
use crate::emulators::stripe::event;
use crate::support::app::text;
use crate::support::{Actor, until};
use crate::wallets::staff;

const PART: i64 = 10_000;

/// An order that was paid at a provider, and somebody who gives parts of it back.
struct Sold {
    deal: Deal,
    /// The provider's name for the payment.
    reference: String,
    moderator: Actor,
}

impl Sold {
    async fn at_vnpay() -> Sold {
        let mut deal = Deal::waiting("vnpay").await;
        let reference = visit(&deal);
        assert_eq!(send(&world().vnpay.decide(&reference, true)).await, "00");
        deal.is_placed().await;
        Sold::new(deal, reference).await
    }

    async fn at_stripe() -> Sold {
        let mut deal = Deal::waiting("stripe").await;
        let reference = text(&intent(&deal)["id"]).to_owned();
        assert_eq!(outcome(&world().stripe.pay(&reference)).await, "settled");
        deal.is_placed().await;
        Sold::new(deal, reference).await
    }

    async fn new(deal: Deal, reference: String) -> Sold {
        Sold {
            deal,
            reference,
            moderator: staff(&world().app, "moderator").await,
        }
    }

    /// Gives an amount back the way it came. The refund's id.
    async fn refund(&self, amount: i64) -> String {
        let order = text(&self.deal.checkout["orders"][0]["id"]);
        let path = format!("/v1/escrows/{order}/refunds");
        let body = json!({"amount": amount, "reason": "a scratch", "destination": "original"});
        let key = Uuid::new_v4().to_string();
        let made = self
            .moderator
            .post_keyed(&path, &key, &body)
            .await
            .expect(201);
        text(&made["items"][0]["id"]).to_owned()
    }

    /// The one part of a refund: its state, once it is settled.
    async fn settled(&self, refund: &str) -> String {
        let path = format!("/v1/refunds/{refund}");
        until("the refund is done", Duration::from_secs(90), || async {
            let now = self.deal.buyer.try_get(&path).await?.body;
            (now["state"] == "done").then(|| text(&now["legs"][0]["state"]).to_owned())
        })
        .await
    }

    async fn wallet_is(&self, amount: i64) {
        wallet_is(&world().app, &self.deal.buyer, amount).await;
    }

    /// The workflow of a refund once something holds of it.
    async fn workflow(&self, refund: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/v1/workflows/payment/{refund}");
        until(what, Duration::from_secs(60), || async {
            let now = self.moderator.try_get(&path).await?.body;
            holds(&now).then_some(now)
        })
        .await
    }

    /// It has tried in vain, for a reason.
    async fn fails_for(&self, refund: &str, reason: &str) {
        let what = format!("it fails for {reason:?}");
        self.workflow(refund, &what, |now| {
            now["last_error"]
                .as_str()
                .is_some_and(|error| error.contains(reason))
        })
        .await;
    }

    /// It is left alone until an operator says otherwise.
    async fn pauses(&self, refund: &str) {
        let sql = world().app.sql().await;
        let pause = "UPDATE payment.workflow SET retry_at = shared.real_now() + interval '1 hour'
             WHERE id = $1::text::uuid AND status = 'running' AND lease_until <= shared.real_now()
               AND retry_at > shared.real_now()";
        until("it pauses", Duration::from_secs(30), || async {
            let paused = sql.execute(pause, &[&refund]).await.ok()?;
            (paused == 1).then_some(())
        })
        .await;
    }

    /// A day of trying, of which only the last try happens: it waits for a person then, and nothing has
    /// moved.
    async fn is_stuck_after_a_day(&self, refund: &str) {
        let sql = world().app.sql().await;
        let changed = sql
            .execute(
                "UPDATE payment.workflow w
                 SET failures = w.failures || jsonb_build_object('ask/' || g.id || ':0', 59),
                     retry_at = NULL, lease_until = shared.real_now()
                 FROM payment.refund_leg g
                 WHERE w.id = $1::text::uuid AND g.refund_id = w.id AND w.status = 'running'",
                &[&refund],
            )
            .await
            .expect("it has failed often");
        assert_eq!(changed, 1);
        self.workflow(refund, "it is stuck", |now| now["status"] == "stuck")
            .await;
        let path = format!("/v1/refunds/{refund}");
        let now = self.deal.buyer.get(&path).await.expect(200);
        assert_eq!(
            (&now["state"], &now["legs"][0]["state"]),
            (&json!("pending"), &json!("pending"))
        );
        self.wallet_is(0).await;
    }

    /// An operator does something about its workflow: `retry` or `cancel`.
    async fn operator(&self, refund: &str, does: &str) {
        let path = format!("/v1/workflows/payment/{refund}/{does}");
        let reply = self.moderator.post(&path, json!({})).await;
        assert!(reply.status < 300, "{}", reply.raw);
    }
}

/// What the books call a refund at its provider.
async fn name_of(refund: &str) -> Option<String> {
    world()
        .app
        .sql()
        .await
        .query_one(
            "SELECT provider_ref FROM payment.refund_leg WHERE refund_id = $1::text::uuid",
            &[&refund],
        )
        .await
        .expect("a part")
        .get(0)
}

#[tokio::test]
async fn equal_refunds_at_vnpay_are_as_many_transactions_in_their_order() {
    let _turn = world().turn_at_vnpay.lock().await;
    let vnpay = &world().vnpay;
    let sold = Sold::at_vnpay().await;
    // The first is in trouble; nobody overtakes it.
    vnpay.faults.next(&[Fault::Broken, Fault::Broken]);
    let refunds = [
        sold.refund(PART).await,
        sold.refund(PART).await,
        sold.refund(PART).await,
    ];
    for refund in &refunds {
        assert_eq!(sold.settled(refund).await, "done");
    }
    let made = vnpay.refunds_of(&sold.reference);
    assert_eq!(made.len(), refunds.len(), "{made:?}");
    for (refund, made) in refunds.iter().zip(made) {
        assert_eq!(name_of(refund).await, Some(made.number));
        assert_eq!(made.amount, PART);
    }
    let all = 3 * PART;
    assert_eq!(vnpay.took_and_gave(&sold.reference), (PRICE, all));
    assert_eq!(vnpay.refusals(), Vec::<String>::new());
    sold.wallet_is(0).await;
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn a_refund_at_vnpay_whose_answer_is_lost_is_made_once() {
    let _turn = world().turn_at_vnpay.lock().await;
    let vnpay = &world().vnpay;
    let sold = Sold::at_vnpay().await;
    // VNPAY shows it when it is asked at once; and where it could not be asked, it knows the request.
    vnpay.faults.next(&[Fault::AnswerLost]);
    assert_eq!(sold.settled(&sold.refund(PART).await).await, "done");
    assert_eq!(vnpay.take_refusals(), Vec::<String>::new());
    vnpay.faults.next(&[Fault::AnswerLost, Fault::Broken]);
    assert_eq!(sold.settled(&sold.refund(PART).await).await, "done");
    assert_eq!(vnpay.take_refusals(), ["refund 94: Duplicate request"]);
    assert_eq!(vnpay.took_and_gave(&sold.reference), (PRICE, 2 * PART));
    sold.wallet_is(0).await;
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn what_vnpay_turns_down_goes_to_the_wallet_and_is_not_taken_for_another() {
    let _turn = world().turn_at_vnpay.lock().await;
    let vnpay = &world().vnpay;
    let sold = Sold::at_vnpay().await;
    vnpay.refuses(&sold.reference, true);
    assert_eq!(sold.settled(&sold.refund(PART).await).await, "to_wallet");
    sold.wallet_is(PART).await;
    // The newest transaction there is of the same amount, and is not this one.
    vnpay.refuses(&sold.reference, false);
    vnpay.faults.next(&[Fault::Broken]);
    assert_eq!(sold.settled(&sold.refund(PART).await).await, "done");
    assert_eq!(vnpay.took_and_gave(&sold.reference), (PRICE, PART));
    sold.wallet_is(PART).await;
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn after_its_day_a_refund_is_not_sent_to_vnpay_again() {
    let _turn = world().turn_at_vnpay.lock().await;
    let vnpay = &world().vnpay;
    let sold = Sold::at_vnpay().await;
    vnpay.faults.always(Fault::Broken);
    let refund = sold.refund(PART).await;
    sold.fails_for(&refund, "status 500").await;
    sold.pauses(&refund).await;
    // Its first try was on another day, and nobody knows what became of it.
    let sql = world().app.sql().await;
    let changed = sql
        .execute(
            "UPDATE payment.journal
             SET outcome = jsonb_set(outcome, '{ok,at}', to_jsonb((outcome#>>'{ok,at}')::bigint - 172800))
             WHERE workflow_id = $1::text::uuid AND step = 'turn'",
            &[&refund],
        )
        .await
        .expect("the journal");
    assert_eq!(changed, 1);
    vnpay.day_later();
    vnpay.faults.always(Fault::None);
    sold.operator(&refund, "retry").await;
    sold.fails_for(&refund, "somebody has to look").await;
    let stuck = world().in_order.write().await;
    sold.is_stuck_after_a_day(&refund).await;
    assert_eq!(vnpay.took_and_gave(&sold.reference), (PRICE, 0));
    // Somebody has looked, and gives it up.
    sold.operator(&refund, "cancel").await;
    assert_eq!(sold.settled(&refund).await, "to_wallet");
    sold.wallet_is(PART).await;
    assert_eq!(vnpay.refunds_of(&sold.reference).len(), 0);
    drop(stuck);
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_for_a_day_leaves_it_to_a_person() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    let sold = Sold::at_stripe().await;
    stripe.faults.always(Fault::Broken);
    let refund = sold.refund(PART).await;
    sold.fails_for(&refund, "status 500").await;
    let stuck = world().in_order.write().await;
    sold.is_stuck_after_a_day(&refund).await;
    stripe.faults.always(Fault::None);
    assert_eq!(stripe.took_and_gave(&sold.reference), (PRICE, 0));
    sold.operator(&refund, "retry").await;
    assert_eq!(sold.settled(&refund).await, "done");
    assert_eq!(stripe.took_and_gave(&sold.reference), (PRICE, PART));
    sold.wallet_is(0).await;
    drop(stuck);
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn with_the_keys_of_another_account_no_refund_is_given_up() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    let sold = Sold::at_stripe().await;
    // It is made, and nobody hears of it.
    stripe.faults.next(&[Fault::None, Fault::AnswerLost]);
    stripe.faults.always(Fault::Broken);
    let refund = sold.refund(PART).await;
    sold.fails_for(&refund, "status 500").await;
    let hidden = stripe.hide(&sold.reference);
    stripe.faults.always(Fault::None);
    sold.operator(&refund, "cancel").await;
    sold.fails_for(&refund, "404").await;
    stripe.show(hidden);
    assert_eq!(sold.settled(&refund).await, "done");
    assert_eq!(stripe.took_and_gave(&sold.reference), (PRICE, PART));
    sold.wallet_is(0).await;
    stripe.take_refusals();
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn refunds_at_stripe_are_found_again_among_others() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    let sold = Sold::at_stripe().await;
    let mut made = Vec::new();
    for faults in [
        [Fault::Busy, Fault::None, Fault::None],
        [Fault::None, Fault::Busy, Fault::None],
        // Of this one it is known only later that it was made.
        [Fault::None, Fault::AnswerLost, Fault::Broken],
    ] {
        stripe.faults.next(&faults);
        made.push(sold.refund(PART).await);
        assert_eq!(sold.settled(made.last().expect("one")).await, "done");
    }
    let there = stripe.refunds_of(&sold.reference);
    assert_eq!(there.len(), made.len());
    for (refund, there) in made.iter().zip(there) {
        assert_eq!(name_of(refund).await.as_deref(), there["id"].as_str());
    }
    assert_eq!(stripe.refusals(), Vec::<String>::new());
    sold.wallet_is(0).await;
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn what_the_bank_has_taken_back_is_no_refusal_of_a_refund() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    let sold = Sold::at_stripe().await;
    // The bank was quicker, and the news of it are late.
    let withdrawn = stripe.dispute(&sold.reference, "funds_withdrawn");
    let refund = sold.refund(PART).await;
    sold.fails_for(&refund, "charge_disputed").await;
    sold.wallet_is(0).await;
    assert_eq!(outcome(&withdrawn).await, "charged_back");
    sold.operator(&refund, "cancel").await;
    assert_eq!(sold.settled(&refund).await, "charged_back");
    sold.wallet_is(0).await;
    assert_eq!(stripe.took_and_gave(&sold.reference), (PRICE, 0));
    let refusals = stripe.take_refusals();
    assert!(
        refusals.iter().all(|code| code == "charge_disputed"),
        "{refusals:?}"
    );
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn a_refund_that_fails_after_it_was_made_comes_to_the_wallet_once() {
    let _turn = world().turn.lock().await;
    let stripe = &world().stripe;
    let sold = Sold::at_stripe().await;
    let refund = sold.refund(PART).await;
    assert_eq!(sold.settled(&refund).await, "done");
    let name = name_of(&refund).await.expect("Stripe's name");
    let made = stripe.refunds_of(&sold.reference)[0].clone();
    assert_eq!(outcome(&event("refund.updated", &made)).await, "ignored");
    let failed = stripe.refund_fails(&name);
    let told = event("refund.failed", &failed);
    assert_eq!(outcome(&told).await, "refund_failed");
    assert_eq!(outcome(&told).await, "duplicate");
    // The same news by other events.
    for kind in ["refund.updated", "charge.refund.updated"] {
        assert_eq!(outcome(&event(kind, &failed)).await, "duplicate", "{kind}");
    }
    sold.wallet_is(PART).await;
    assert_eq!(sold.settled(&refund).await, "to_wallet");
    // One that somebody made by hand there concerns no refund of ours.
    let mut by_hand = failed.clone();
    by_hand["metadata"] = json!({});
    assert_eq!(outcome(&event("refund.failed", &by_hand)).await, "ignored");
    sold.wallet_is(PART).await;
    ledger_is_clean(&world().app).await;
}
