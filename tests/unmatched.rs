//! Money that settles nothing, because it is not what was asked for: staff find it, and it goes to the payer's
//! wallet or back, once.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::checkouts::{at_provider, becomes, waiting, wallet_is};
use crate::emulators::stripe::event;
use crate::providers::{Deal, PRICE, ledger_is_clean, sepay, stripe, world};
use crate::support::app::{App, text};
use crate::support::goods::goods;
use crate::support::money::pay;
use crate::support::{Actor, Reply, until};
use crate::wallets::{available, staff};

const LIST: &str = "/v1/unmatched-payments";

/// What there is of a session in a state, page by page.
async fn listed(moderator: &Actor, session: &str, state: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut page = format!("{LIST}?state={state}&limit=2");
    loop {
        let list = moderator.get(&page).await.expect(200);
        let items = list["items"].as_array().expect("a list");
        assert!(items.len() <= 2 && items.iter().all(|it| it["state"] == state));
        found.extend(
            items
                .iter()
                .filter(|it| it["session_id"] == session)
                .cloned(),
        );
        let Some(cursor) = list["next_cursor"].as_str() else {
            return found;
        };
        page = format!("{LIST}?state={state}&limit=2&cursor={cursor}");
    }
}

async fn decide(actor: &Actor, payment: &Value, what: &str, key: &str) -> Reply {
    let path = format!("{LIST}/{}/{what}", text(&payment["id"]));
    actor
        .post_keyed(&path, key, &json!({"reason": "looked at it"}))
        .await
}

fn key() -> String {
    Uuid::new_v4().to_string()
}

/// Many decide at once, every two with one key: the answer of the one that was first, and its key.
async fn all_at_once(moderator: &Actor, payment: &Value, what: &str) -> (String, Value) {
    let keys: Vec<String> = (0..6).map(|_| key()).collect();
    let asked = keys.iter().chain(&keys);
    let replies = join_all(
        asked.map(|key| async move { (key, decide(moderator, payment, what, key).await) }),
    )
    .await;
    let mut first = None;
    for (key, reply) in replies {
        match reply.status {
            200 => {
                let seen = (key.clone(), reply.body);
                assert!(first.is_none() || first.as_ref() == Some(&seen), "{seen:?}");
                first = Some(seen);
            }
            503 => {}
            _ => assert!(
                ["wrong_state", "idempotency_in_progress"].contains(&reply.code()),
                "{}",
                reply.raw
            ),
        }
    }
    first.expect("somebody decided")
}

#[tokio::test]
async fn a_price_in_two_transfers_comes_to_the_wallet_and_buys_from_there() {
    let (app, bank) = (&world().app, &world().sepay);
    let moderator = staff(app, "moderator").await;
    let deal = Deal::waiting("sepay").await;
    let invoice = sepay::visit(&deal).await;
    for part in [70_000, PRICE - 70_000] {
        let told = bank.pay(&invoice, part);
        assert_eq!(sepay::outcome(&told).await, "amount_mismatch");
        assert_eq!(sepay::outcome(&told).await, "duplicate");
    }
    deal.still_waits().await;
    // Who gives the checkout up makes SePay say what it has: the price. It is known already.
    let path = format!("/v1/checkouts/{}/cancel", deal.id());
    assert!(deal.buyer.post(&path, json!({})).await.status < 300);
    becomes(&deal.buyer, &deal.checkout, "cancelled").await;
    let open = listed(&moderator, deal.id(), "open").await;
    let amounts: Vec<_> = open.iter().map(|it| it["amount"].as_i64()).collect();
    assert_eq!(amounts, [Some(70_000), Some(PRICE - 70_000)]);
    assert_eq!(open[0]["payer_id"], deal.buyer.id.to_string());
    assert_eq!(
        open[0]["asked"],
        json!({"amount": PRICE, "currency": "VND"})
    );
    assert_eq!(available(&deal.buyer, "VND").await, 0);

    for payment in &open {
        let answer = decide(&moderator, payment, "credit", &key())
            .await
            .expect(200);
        assert_eq!(answer["state"], "credited");
        assert_eq!(answer["decided_by"], moderator.id.to_string());
    }
    wallet_is(app, &deal.buyer, PRICE).await;
    let bought = deal
        .begin(json!({"provider": null, "use_wallet": true}))
        .await
        .expect(201);
    assert_eq!(bought["status"], "placed", "{bought}");
    wallet_is(app, &deal.buyer, 0).await;
    assert_eq!(bank.took(&invoice), PRICE);
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn another_amount_is_credited_once_by_a_moderator_whose_own_it_is_not() {
    let app = &world().app;
    let _turn = world().turn.lock().await;
    let moderator = staff(app, "moderator").await;
    let deal = Deal::waiting("stripe").await;
    let mut paid = stripe::intent(&deal);
    paid["status"] = "succeeded".into();
    paid["amount_received"] = (PRICE - 1).into();
    // The same payment by two events.
    for _ in 0..2 {
        let told = event("payment_intent.succeeded", &paid);
        assert_eq!(stripe::outcome(&told).await, "amount_mismatch");
    }
    let open = listed(&moderator, deal.id(), "open").await;
    assert_eq!(open.len(), 1, "{open:?}");
    let payment = &open[0];
    assert_eq!(payment["provider_ref"], paid["id"]);

    let path = format!("{LIST}/{}/credit", text(&payment["id"]));
    let body = json!({"reason": "looked at it"});
    let stranger = app.stranger();
    stranger
        .get(LIST)
        .await
        .expect_problem(401, "unauthenticated");
    decide(&stranger, payment, "credit", "a")
        .await
        .expect_problem(401, "unauthenticated");
    deal.buyer.get(LIST).await.expect_problem(403, "forbidden");
    let mut own = deal.buyer.clone();
    for what in ["credit", "return"] {
        decide(&own, payment, what, what)
            .await
            .expect_problem(403, "forbidden");
    }
    app.grant(&own, "moderator").await;
    own.sign_in().await;
    for what in ["credit", "return"] {
        decide(&own, payment, what, &key())
            .await
            .expect_problem(403, "own_affair");
        let nowhere = json!({"id": Uuid::now_v7()});
        decide(&moderator, &nowhere, what, &key())
            .await
            .expect_problem(404, "not_found");
    }
    moderator
        .post(&path, body.clone())
        .await
        .expect_problem(400, "idempotency_key_required");
    moderator
        .post_keyed(&path, &key(), &json!({"reason": " "}))
        .await
        .expect_problem(422, "validation_failed");

    let (first, answer) = all_at_once(&moderator, payment, "credit").await;
    assert_eq!(answer["state"], "credited");
    assert_eq!(
        decide(&moderator, payment, "credit", &first)
            .await
            .expect(200),
        answer,
        "as it was"
    );
    moderator
        .post_keyed(&path, &first, &json!({"reason": "another"}))
        .await
        .expect_problem(422, "idempotency_key_reused");
    let late = decide(&moderator, payment, "return", &key()).await;
    late.expect_problem(409, "wrong_state");
    assert_eq!(late.body["unmatched_status"], "credited");
    wallet_is(app, &deal.buyer, PRICE - 1).await;
    let statement = deal.buyer.get("/v1/wallets/VND/entries").await.expect(200);
    let entry = &statement["items"][0];
    assert_eq!(
        (&entry["kind"], &entry["note"], &entry["reference"]),
        (&json!("unmatched"), &json!("looked at it"), &payment["id"])
    );
    assert!(listed(&moderator, deal.id(), "open").await.is_empty());
    assert_eq!(listed(&moderator, deal.id(), "credited").await, [answer]);
    deal.still_waits().await;
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn what_no_wallet_can_hold_is_returned_and_moves_nothing() {
    let app = &world().app;
    let moderator = staff(app, "moderator").await;
    let deal = Deal::waiting("sepay").await;
    let invoice = sepay::visit(&deal).await;
    let mut told = world().sepay.pay(&invoice, 5);
    told["transaction"]["transaction_currency"] = "XDONG".into();
    assert_eq!(sepay::outcome(&told).await, "amount_mismatch");
    let open = listed(&moderator, deal.id(), "open").await;
    assert_eq!(open[0]["currency"], "XDONG");
    let refused = decide(&moderator, &open[0], "credit", &key()).await;
    refused.expect_problem(409, "not_for_wallets");
    assert_eq!(refused.body["currency"], "XDONG");

    let (first, answer) = all_at_once(&moderator, &open[0], "return").await;
    assert_eq!(
        (&answer["state"], &answer["reason"]),
        (&json!("returned"), &json!("looked at it"))
    );
    let again = decide(&moderator, &open[0], "return", &first).await;
    assert_eq!(again.expect(200), answer, "as it was");
    let wallets = deal.buyer.get("/v1/wallets").await.expect(200);
    assert_eq!(wallets["items"], json!([]), "nothing was posted");
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn a_second_transfer_that_is_voided_leaves_the_order_alone() {
    let (app, bank) = (&world().app, &world().sepay);
    let moderator = staff(app, "moderator").await;
    let mut deal = Deal::waiting("sepay").await;
    let invoice = sepay::visit(&deal).await;
    assert_eq!(sepay::outcome(&bank.pay(&invoice, PRICE)).await, "settled");
    deal.is_placed().await;
    let mut again = bank.pay(&invoice, PRICE);
    assert_eq!(sepay::outcome(&again).await, "duplicate");
    let open = listed(&moderator, deal.id(), "open").await;
    assert_eq!(open.len(), 1, "{open:?}");
    // Staff void it at SePay, and say so.
    decide(&moderator, &open[0], "return", &key())
        .await
        .expect(200);
    again["notification_type"] = "TRANSACTION_VOID".into();
    assert_eq!(sepay::outcome(&again).await, "unmatched_returned");
    assert_eq!(sepay::outcome(&again).await, "duplicate");
    let order = text(&deal.checkout["orders"][0]["id"]);
    let escrow = deal
        .buyer
        .get(&format!("/v1/escrows/{order}"))
        .await
        .expect(200);
    assert!(
        escrow["state"] == "held" && escrow["frozen_at"].is_null(),
        "{escrow}"
    );
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn what_the_sandbox_gives_back_by_itself_needs_nobody() {
    // It moves the clock, so it has a database of its own.
    let app = App::own("unmatched-sandbox", &[]);
    let moderator = staff(&app, "moderator").await;
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(&app, &seller, "Lamp", PRICE, 5).await;
    let body = at_provider(&[(&item.variant, 1)], json!({}));
    // One is given up by the buyer, who has paid; the other waits for its end.
    let given_up = waiting(&buyer, &body).await;
    let left = waiting(&buyer, &body).await;
    for checkout in [&given_up, &left] {
        pay(&buyer, checkout, "wrong_amount").await;
        let session = text(&checkout["id"]);
        until("it is noted", Duration::from_secs(20), || async {
            (listed(&moderator, session, "open").await.len() == 1).then_some(())
        })
        .await;
    }
    let path = format!("/v1/checkouts/{}/cancel", text(&given_up["id"]));
    assert!(buyer.post(&path, json!({})).await.status < 300);
    becomes(&buyer, &given_up, "cancelled").await;
    for checkout in [&given_up, &left] {
        let open = listed(&moderator, text(&checkout["id"]), "open").await;
        let early = decide(&moderator, &open[0], "credit", &key()).await;
        early.expect_problem(409, "wrong_state");
        assert_eq!(early.body["unmatched_status"], "open");
        assert!(early.body["attempt_status"].is_string(), "{}", early.raw);
    }

    app.pass("16 minutes").await;
    for checkout in [&given_up, &left] {
        let session = text(&checkout["id"]);
        let returned = until("it is given back", Duration::from_secs(40), || async {
            listed(&moderator, session, "returned").await.pop()
        })
        .await;
        assert!(returned["decided_by"].is_null(), "{returned}");
        assert_eq!(returned["amount"], PRICE - 1);
    }
    assert_eq!(available(&buyer, "VND").await, 0);
    // The checkout that waits may still be paid.
    let path = format!("/v1/payment-sessions/{}/attempts", text(&left["id"]));
    let reply = buyer
        .prepare(&path, &json!({"provider": "sandbox_instant"}))
        .await;
    assert!(reply.status < 300, "{}", reply.raw);
    becomes(&buyer, &left, "placed").await;
    crate::support::money::ledger_is_clean(&app).await;
}
