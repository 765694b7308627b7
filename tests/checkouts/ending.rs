//! Checkouts that end without orders: given up, not paid in time, or paid too late.

use std::time::Duration;

use futures::future::join;
use serde_json::{Value, json};
use uuid::Uuid;

use super::prices::uses_are;
use super::{admin, at_provider, becomes, begin, stock_is, waiting, wallet, wallet_is};
use crate::promotions::{a_tenth_off, code};
use crate::support::app::{App, shared, text};
use crate::support::goods::{goods, reconciled, stock};
use crate::support::money::{give, ledger_is_clean, pay};
use crate::support::{Actor, until};

async fn cancel(buyer: &Actor, checkout: &Value) -> crate::support::Reply {
    let path = format!("/v1/checkouts/{}/cancel", text(&checkout["id"]));
    let key = Uuid::new_v4().to_string();
    buyer
        .post_keyed(&path, &key, &json!({"reason": "changed my mind"}))
        .await
}

#[tokio::test]
async fn giving_up_gives_everything_back_and_is_the_buyers_alone() {
    let app = shared();
    let (seller, buyer, stranger, admin) = (
        app.someone("Seller").await,
        app.someone("Buyer").await,
        app.someone("Stranger").await,
        admin(app).await,
    );
    let lamp = goods(app, &seller, "Lamp", 40_000, 5).await;
    give(&admin, &buyer, 10_000, "VND").await;
    let code = code();
    let mut body = a_tenth_off(json!({"usage_limit": 1}));
    body["code"] = code.clone().into();
    let promotion = seller.post("/v1/promotions", body).await.expect(201);
    let promotion = text(&promotion["id"]);
    let body = at_provider(
        &[(&lamp.variant, 2)],
        json!({"use_wallet": true, "codes": [code]}),
    );
    let checkout = waiting(&buyer, &body).await;
    assert_eq!(checkout["total"]["amount"], 72_000);
    assert_eq!(wallet(app, &buyer).await, 0);
    assert_eq!(stock(app, &lamp.variant).await, (5, 2));
    uses_are(app, promotion, 1, 0).await;
    let path = format!("/v1/checkouts/{}", text(&checkout["id"]));
    stranger.get(&path).await.expect_problem(404, "not_found");
    cancel(&stranger, &checkout)
        .await
        .expect_problem(404, "not_found");
    assert_eq!(
        stranger.get("/v1/checkouts").await.expect(200)["items"],
        json!([])
    );

    let cancelled = cancel(&buyer, &checkout).await;
    assert!(cancelled.status < 300, "{}", cancelled.raw);
    let cancelled = becomes(&buyer, &checkout, "cancelled").await;
    assert_eq!(cancelled["reason"], "changed my mind");
    assert_eq!(cancelled["payment"]["pay_url"], Value::Null);
    wallet_is(app, &buyer, 10_000).await;
    stock_is(app, &lamp.variant, 5, 0).await;
    uses_are(app, promotion, 0, 0).await;
    let again = cancel(&buyer, &checkout).await.expect(200);
    assert_eq!(again["status"], "cancelled", "as often as one likes");

    // The use is there for another checkout, which cannot be given up once it is placed.
    let checkout = waiting(&buyer, &body).await;
    pay(&buyer, &checkout, "pay").await;
    becomes(&buyer, &checkout, "placed").await;
    let late = cancel(&buyer, &checkout).await;
    late.expect_problem(409, "wrong_state");
    assert_eq!(late.body["checkout_status"], "placed");
    uses_are(app, promotion, 0, 1).await;
    app.events_settled().await;
    reconciled(app).await;
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn a_payment_after_giving_up_goes_back() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let lamp = goods(app, &seller, "Lamp", 40_000, 5).await;
    let checkout = waiting(&buyer, &at_provider(&[(&lamp.variant, 1)], json!({}))).await;
    cancel(&buyer, &checkout).await;
    becomes(&buyer, &checkout, "cancelled").await;
    pay(&buyer, &checkout, "pay").await;
    refunded_if_paid(app, &checkout).await;
    stock_is(app, &lamp.variant, 5, 0).await;
    app.events_settled().await;
    ledger_is_clean(app).await;
}

/// Waits until the sandbox has given back whatever it took for a checkout.
async fn refunded_if_paid(app: &App, checkout: &Value) {
    let sql = app.sql().await;
    until("what came late is given back", Duration::from_secs(40), || async {
        let row = sql
            .query_one(
                "SELECT (SELECT count(*) FROM payment.sandbox_webhook WHERE sent_at IS NULL),
                        (SELECT count(*) FROM payment.refund WHERE session_id = $1::text::uuid AND state = 'pending'),
                        (SELECT count(*) FROM \"order\".\"order\" WHERE checkout_id = $1::text::uuid)",
                &[&text(&checkout["id"])],
            )
            .await
            .ok()?;
        let (webhooks, refunds, orders): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        assert_eq!(orders, 0);
        (webhooks == 0 && refunds == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn giving_up_and_paying_at_once_comes_to_one_of_both() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let lamp = goods(app, &seller, "Lamp", 40_000, 50).await;
    let mut placed = 0;
    for round in 0..8 {
        let checkout = waiting(&buyer, &at_provider(&[(&lamp.variant, 1)], json!({}))).await;
        let late = Duration::from_millis(15 * round);
        let cancelling = async {
            tokio::time::sleep(late).await;
            cancel(&buyer, &checkout).await
        };
        join(cancelling, pay(&buyer, &checkout, "pay")).await;
        let path = format!("/v1/checkouts/{}", text(&checkout["id"]));
        let status = until("it is decided", Duration::from_secs(40), || async {
            let seen = buyer.get(&path).await.expect(200);
            (seen["status"] != "awaiting_payment").then(|| text(&seen["status"]).to_owned())
        })
        .await;
        match status.as_str() {
            "placed" => placed += 1,
            "cancelled" => refunded_if_paid(app, &checkout).await,
            other => panic!("{other}"),
        }
    }
    println!("{placed} of 8 were paid in time");
    stock_is(app, &lamp.variant, 50 - placed, 0).await;
    app.events_settled().await;
    reconciled(app).await;
    ledger_is_clean(app).await;
}

async fn published(app: &App, checkout: &Value, kind: &str) -> i64 {
    app.sql()
        .await
        .query_one(
            "SELECT count(*) FROM \"order\".outbox WHERE subject = $1::text::uuid AND kind = $2",
            &[&text(&checkout["id"]), &kind],
        )
        .await
        .expect("the events")
        .get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_pay_is_reminded_three_times_and_then_it_expires() {
    let app = App::own("expiry", &[]);
    let (seller, buyer, admin) = (
        app.someone("Seller").await,
        app.someone("Buyer").await,
        admin(&app).await,
    );
    let lamp = goods(&app, &seller, "Lamp", 40_000, 5).await;
    give(&admin, &buyer, 10_000, "VND").await;
    let body = at_provider(&[(&lamp.variant, 1)], json!({"use_wallet": true}));
    let checkout = waiting(&buyer, &body).await;
    for (number, time) in ["4 hours 1 second", "8 hours", "10 hours"]
        .iter()
        .enumerate()
    {
        app.pass(time).await;
        let wanted = i64::try_from(number).expect("small") + 1;
        until("the reminder goes out", Duration::from_secs(30), || async {
            (published(&app, &checkout, "checkout.reminder_due").await == wanted).then_some(())
        })
        .await;
        let path = format!("/v1/checkouts/{}", text(&checkout["id"]));
        assert_eq!(
            buyer.get(&path).await.expect(200)["status"],
            "awaiting_payment"
        );
    }
    app.pass("2 hours").await;
    let expired = becomes(&buyer, &checkout, "expired").await;
    assert_eq!(expired["reason"], "not paid in time");
    wallet_is(&app, &buyer, 10_000).await;
    stock_is(&app, &lamp.variant, 5, 0).await;
    assert_eq!(published(&app, &checkout, "checkout.expired").await, 1);
    assert_eq!(published(&app, &checkout, "checkout.reminder_due").await, 3);
    let again = cancel(&buyer, &checkout).await.expect(200);
    assert_eq!(again["status"], "expired");

    // Who pays now has it back.
    pay(&buyer, &checkout, "pay").await;
    refunded_if_paid(&app, &checkout).await;
    assert_eq!(wallet(&app, &buyer).await, 10_000);
    app.events_settled().await;
    let open: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT count(*) FROM \"order\".workflow WHERE ended_at IS NULL",
            &[],
        )
        .await
        .expect("counted")
        .get(0);
    assert_eq!(open, 0, "nothing waits any more");
    reconciled(&app).await;
    ledger_is_clean(&app).await;
}

#[tokio::test]
async fn an_operator_may_cancel_what_waits() {
    let app = shared();
    let (seller, buyer, admin) = (
        app.someone("Seller").await,
        app.someone("Buyer").await,
        admin(app).await,
    );
    let lamp = goods(app, &seller, "Lamp", 40_000, 5).await;
    let key = Uuid::new_v4().to_string();
    let body = at_provider(&[(&lamp.variant, 1)], json!({}));
    let checkout = begin(&buyer, &key, &body).await.expect(202);
    let path = format!("/v1/workflows/order/{}", text(&checkout["id"]));
    buyer.get(&path).await.expect_problem(403, "forbidden");
    let seen = admin.get(&path).await.expect(200);
    let steps: Vec<&str> = seen["journal"]
        .as_array()
        .expect("a journal")
        .iter()
        .map(|entry| text(&entry["step"]))
        .collect();
    assert_eq!(steps, ["price", "reserve", "open_session", "await_payment"]);
    admin
        .post(&format!("{path}/cancel"), json!({}))
        .await
        .expect(200);
    let cancelled = becomes(&buyer, &checkout, "cancelled").await;
    assert_eq!(cancelled["reason"], "cancelled by the shop");
    stock_is(app, &lamp.variant, 5, 0).await;
}
