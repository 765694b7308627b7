//! The sandbox: its page, each way in which a payment can go there, and its books beside ours.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::checkouts::{at_provider, becomes, begin, waiting};
use crate::support::app::{App, shared, text};
use crate::support::goods::goods;
use crate::support::money::ledger_is_clean;
use crate::support::{Actor, until};

const PRICE: i64 = 120_000;

/// Somebody's checkout that waits for its payment at the sandbox.
async fn checkout(app: &App, extra: Value) -> (Actor, Value) {
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(app, &seller, "Lamp", PRICE, 5).await;
    let body = at_provider(&[(&item.variant, 1)], extra);
    let checkout = waiting(&buyer, &body).await;
    (buyer, checkout)
}

fn browser() -> Client {
    Client::builder()
        .redirect(Policy::none())
        .build()
        .expect("a client")
}

/// Presses a button on the page.
async fn choose(checkout: &Value, choice: &str) -> Response {
    browser()
        .post(text(&checkout["payment"]["pay_url"]))
        .form(&[("choice", choice)])
        .send()
        .await
        .expect("the app answers")
}

fn location(response: &Response) -> String {
    response.headers()["location"]
        .to_str()
        .expect("text")
        .to_owned()
}

/// What the sandbox says it took and gave for a checkout.
async fn took_and_gave(app: &App, checkout: &Value) -> (i64, i64) {
    let row = app
        .sql()
        .await
        .query_one(
            "SELECT sum(taken)::bigint, sum(refunded)::bigint FROM payment.sandbox_payment
             WHERE session_id = $1::text::uuid",
            &[&text(&checkout["id"])],
        )
        .await
        .expect("the sandbox's books");
    (row.get(0), row.get(1))
}

/// What our books say that the sandbox owes us for a checkout.
async fn owed(app: &App, checkout: &Value) -> i64 {
    app.sql()
        .await
        .query_one(
            "SELECT coalesce(-sum(e.amount), 0)::bigint
             FROM payment.ledger_entry e
             JOIN payment.ledger_account a ON a.id = e.account_id AND a.kind = 'provider_clearing'
             JOIN payment.ledger_transaction t ON t.id = e.transaction_id
             WHERE t.reference = $1::text::uuid
                OR t.reference IN (SELECT r.id FROM payment.refund r WHERE r.session_id = $1::text::uuid)",
            &[&text(&checkout["id"])],
        )
        .await
        .expect("the ledger")
        .get(0)
}

/// What was told of a checkout's attempts, and what came of it.
async fn outcomes(app: &App, checkout: &Value) -> Vec<String> {
    app.sql()
        .await
        .query(
            "SELECT e.outcome FROM payment.provider_event e JOIN payment.leg l ON l.id = e.leg_id
             WHERE l.session_id = $1::text::uuid ORDER BY e.received_at",
            &[&text(&checkout["id"])],
        )
        .await
        .expect("the events")
        .iter()
        .map(|row| row.get(0))
        .collect()
}

async fn session(buyer: &Actor, checkout: &Value) -> Value {
    let path = format!("/v1/payment-sessions/{}", text(&checkout["id"]));
    buyer.get(&path).await.expect(200)
}

#[tokio::test]
async fn the_page_says_what_it_is_about_and_loads_nothing() {
    let app = shared();
    let (_, checkout) = checkout(app, json!({"return_url": "/thanks"})).await;
    let url = text(&checkout["payment"]["pay_url"]);
    let page = browser().get(url).send().await.expect("the app answers");
    assert_eq!(page.status(), 200);
    let header = |name: &str| page.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    assert_eq!(header("x-frame-options"), "DENY");
    assert_eq!(header("cache-control"), "no-store");
    let policy = header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    let html = page.text().await.expect("a page");
    assert!(html.contains("120,000 VND") && !html.contains("<script"));
    for choice in [
        "pay",
        "decline",
        "slow",
        "duplicate",
        "wrong_amount",
        "no_answer",
    ] {
        assert!(html.contains(&format!("value=\"{choice}\"")), "{choice}");
    }
}

#[tokio::test]
async fn a_payment_is_heard_before_the_browser_is_back() {
    let app = shared();
    let (buyer, checkout) = checkout(app, json!({"return_url": "/thanks?a=b"})).await;
    let back = choose(&checkout, "pay").await;
    assert_eq!(back.status(), 303);
    assert_eq!(
        location(&back),
        format!(
            "{}/thanks?a=b&session_id={}&payment=paid",
            app.url,
            text(&checkout["id"])
        )
    );
    assert_eq!(session(&buyer, &checkout).await["state"], "settled");
    becomes(&buyer, &checkout, "placed").await;
    // A payment that is decided stays so.
    let again = choose(&checkout, "decline").await;
    assert!(location(&again).ends_with("payment=paid"));
    assert_eq!(took_and_gave(app, &checkout).await, (PRICE, 0));
    assert_eq!(owed(app, &checkout).await, PRICE);
    let url = text(&checkout["payment"]["pay_url"]);
    let page = browser()
        .get(url)
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("a page");
    assert!(page.contains("Paid: 120,000 VND") && !page.contains("<button"));
}

#[tokio::test]
async fn what_was_declined_may_be_tried_again() {
    let app = shared();
    let (buyer, checkout) = checkout(app, json!({"return_url": "/thanks"})).await;
    let back = choose(&checkout, "decline").await;
    assert!(location(&back).ends_with("payment=failed"));
    let seen = session(&buyer, &checkout).await;
    assert_eq!(
        (&seen["state"], &seen["legs"][0]["state"]),
        (&json!("open"), &json!("failed"))
    );
    let path = format!("/v1/payment-sessions/{}/attempts", text(&checkout["id"]));
    let key = Uuid::new_v4().to_string();
    let retried = buyer
        .post_keyed(&path, &key, &json!({"provider": "sandbox"}))
        .await
        .expect(201);
    let second = json!({"id": checkout["id"], "payment": {"pay_url": retried["pay_url"]}});
    choose(&second, "pay").await;
    becomes(&buyer, &checkout, "placed").await;
    assert_eq!(took_and_gave(app, &checkout).await, (PRICE, 0));
}

#[tokio::test]
async fn a_slow_payment_is_heard_later() {
    let app = shared();
    let (buyer, checkout) = checkout(app, json!({"return_url": "/thanks"})).await;
    let back = choose(&checkout, "slow").await;
    assert!(location(&back).ends_with("payment=pending"));
    assert_eq!(session(&buyer, &checkout).await["state"], "open");
    becomes(&buyer, &checkout, "placed").await;
    assert_eq!(outcomes(app, &checkout).await, ["settled"]);
}

#[tokio::test]
async fn what_is_told_twice_counts_once() {
    let app = shared();
    let (buyer, checkout) = checkout(app, json!({})).await;
    // Without a page to go back to it shows its own.
    let page = choose(&checkout, "duplicate").await;
    assert_eq!(page.status(), 200);
    becomes(&buyer, &checkout, "placed").await;
    assert_eq!(outcomes(app, &checkout).await, ["settled"]);
    let sent: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT count(*) FROM payment.sandbox_webhook w JOIN payment.sandbox_payment p ON p.id = w.payment_id
             WHERE p.session_id = $1::text::uuid AND w.sent_at IS NOT NULL",
            &[&text(&checkout["id"])],
        )
        .await
        .expect("the webhooks")
        .get(0);
    assert_eq!(sent, 2);
    assert_eq!(owed(app, &checkout).await, PRICE);
}

#[tokio::test]
async fn a_wrong_amount_settles_nothing_and_goes_back_when_the_checkout_ends() {
    let app = shared();
    let (buyer, checkout) = checkout(app, json!({})).await;
    choose(&checkout, "wrong_amount").await;
    assert_eq!(outcomes(app, &checkout).await, ["amount_mismatch"]);
    assert_eq!(session(&buyer, &checkout).await["state"], "open");
    assert_eq!(took_and_gave(app, &checkout).await, (PRICE - 1, 0));
    assert_eq!(owed(app, &checkout).await, 0);
    let path = format!("/v1/checkouts/{}/cancel", text(&checkout["id"]));
    assert!(buyer.post(&path, json!({})).await.status < 300);
    becomes(&buyer, &checkout, "cancelled").await;
    until(
        "the sandbox gives it back",
        Duration::from_secs(20),
        || async { (took_and_gave(app, &checkout).await == (PRICE - 1, PRICE - 1)).then_some(()) },
    )
    .await;
}

#[tokio::test]
async fn money_that_comes_too_late_goes_back() {
    let app = shared();
    let (buyer, checkout) = checkout(app, json!({})).await;
    choose(&checkout, "slow").await;
    let path = format!("/v1/checkouts/{}/cancel", text(&checkout["id"]));
    assert!(buyer.post(&path, json!({})).await.status < 300);
    becomes(&buyer, &checkout, "cancelled").await;
    until("it is given back", Duration::from_secs(40), || async {
        (took_and_gave(app, &checkout).await == (PRICE, PRICE)).then_some(())
    })
    .await;
    assert_eq!(outcomes(app, &checkout).await, ["late"]);
    until("our books say so too", Duration::from_secs(20), || async {
        (owed(app, &checkout).await == 0).then_some(())
    })
    .await;
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn who_hears_nothing_asks() {
    // It moves the clock, so it has a database of its own.
    let app = App::own("sandbox-silent", &[]);
    let (buyer, checkout) = checkout(&app, json!({})).await;
    choose(&checkout, "no_answer").await;
    assert_eq!(session(&buyer, &checkout).await["state"], "open");
    app.pass("16 minutes").await;
    becomes(&buyer, &checkout, "placed").await;
    assert_eq!(owed(&app, &checkout).await, PRICE);
    ledger_is_clean(&app).await;
}

#[tokio::test]
async fn nobody_is_sent_anywhere_but_to_the_shop() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(app, &seller, "Lamp", PRICE, 5).await;
    for evil in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ] {
        let body = at_provider(&[(&item.variant, 1)], json!({"return_url": evil}));
        let reply = begin(&buyer, &Uuid::new_v4().to_string(), &body).await;
        if reply.status == 202 {
            // Whatever let it through, the provider does not send anybody there.
            let page = choose(&reply.body, "pay").await;
            assert_eq!(
                page.status(),
                200,
                "{evil}: {:?}",
                page.headers().get("location")
            );
        } else {
            assert_eq!(reply.status, 422, "{evil}: {}", reply.raw);
        }
    }
}

#[tokio::test]
async fn strangers_and_nonsense_get_nowhere() {
    let app = shared();
    let stranger = app.stranger();
    let path = format!("/sandbox/payments/{}", Uuid::new_v4());
    stranger.get(&path).await.expect_problem(404, "not_found");
    stranger
        .get("/sandbox/payments/1")
        .await
        .expect_problem(404, "not_found");
    let (buyer, checkout) = checkout(app, json!({})).await;
    for choice in ["", "steal", "pay%00"] {
        assert_eq!(choose(&checkout, choice).await.status(), 422, "{choice:?}");
    }
    let path = "/v1/payment-providers/sandbox/webhooks";
    let event = json!({
        "id": Uuid::new_v4(), "type": "payment.paid", "payment": Uuid::new_v4(),
        "reference": session(&buyer, &checkout).await["legs"][0]["id"], "amount": PRICE, "currency": "VND",
    });
    stranger
        .post(path, event)
        .await
        .expect_problem(401, "bad_signature");
    assert_eq!(session(&buyer, &checkout).await["state"], "open");
    assert_eq!(outcomes(app, &checkout).await, Vec::<String>::new());
}

#[tokio::test]
async fn scripts_pay_without_a_page() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(app, &seller, "Lamp", PRICE, 5).await;
    let with = |provider: &str| at_provider(&[(&item.variant, 1)], json!({"provider": provider}));
    let key = || Uuid::new_v4().to_string();
    let placed = begin(&buyer, &key(), &with("sandbox_instant"))
        .await
        .expect(201);
    assert_eq!(placed["status"], "placed");
    assert_eq!(took_and_gave(app, &placed).await, (PRICE, 0));
    let declined = begin(&buyer, &key(), &with("sandbox_decline")).await;
    declined.expect_problem(409, "payment_declined");
}
