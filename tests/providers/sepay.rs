//! At SePay.

use regex::Regex;
use serde_json::{Value, json};

use super::{Deal, PRICE, browse, ledger_is_clean, tell, world};
use crate::checkouts::{becomes, wallet, wallet_is};
use crate::emulators::sepay::IPN_SECRET;
use crate::support::Reply;
use crate::support::app::text;

async fn send(body: &Value) -> Reply {
    tell("sepay", &[("x-secret-key", IPN_SECRET)], &body.to_string()).await
}

pub async fn outcome(body: &Value) -> String {
    let answer = send(body).await.expect(200);
    assert_eq!(answer["success"], true);
    text(&answer["outcome"]).to_owned()
}

/// The buyer's browser opens our page and posts its form. The invoice's number.
pub async fn visit(deal: &Deal) -> String {
    let page = browse(text(&deal.checkout["payment"]["pay_url"])).await;
    assert_eq!(page.status(), 200);
    let header = |name: &str| page.headers()[name].to_str().expect("text").to_owned();
    assert!(header("content-type").starts_with("text/html"));
    let policy = header("content-security-policy");
    assert!(
        policy.contains(&format!("form-action 'self' {};", world().sepay.url)),
        "{policy}"
    );
    let html = page.text().await.expect("a page");
    let action = Regex::new("<form method=\"post\" action=\"([^\"]*)\"").expect("a pattern");
    let input = Regex::new("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"")
        .expect("a pattern");
    let fields: Vec<(String, String)> = input
        .captures_iter(&html)
        .map(|found| (found[1].to_owned(), found[2].replace("&amp;", "&")))
        .collect();
    let answer = reqwest::Client::new()
        .post(&action.captures(&html).expect("a form")[1])
        .form(&fields)
        .send()
        .await
        .expect("SePay answers");
    assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    fields
        .into_iter()
        .find(|(name, _)| name == "order_invoice_number")
        .expect("an invoice")
        .1
}

#[tokio::test]
async fn a_payment_settles_and_what_goes_back_goes_to_the_wallet() {
    let sepay = &world().sepay;
    let mut deal = Deal::waiting("sepay").await;
    let pay_url = text(&deal.checkout["payment"]["pay_url"]).to_owned();
    let invoice = visit(&deal).await;
    let paid = sepay.pay(&invoice, PRICE);
    let success = text(&paid["order"]["success_url"]);
    assert_eq!(
        success,
        format!(
            "{}/thanks?session_id={}&payment=paid",
            world().app.url,
            deal.id()
        )
    );
    assert_eq!(outcome(&paid).await, "settled");
    assert_eq!(outcome(&paid).await, "duplicate");
    deal.is_placed().await;
    // SePay gives nothing back by its API.
    deal.is_declined().await;
    assert_eq!(wallet(&world().app, &deal.buyer).await, PRICE);
    assert_eq!(sepay.took(&invoice), PRICE);
    assert_eq!(sepay.refusals(), Vec::<String>::new());
    ledger_is_clean(&world().app).await;
    // The page is of no use any more.
    let page = browse(&pay_url).await.text().await.expect("a page");
    assert!(page.contains("not open any more") && !page.contains("<form"));
}

#[tokio::test]
async fn a_part_settles_nothing() {
    let sepay = &world().sepay;
    let deal = Deal::waiting("sepay").await;
    let invoice = visit(&deal).await;
    let part = sepay.pay(&invoice, PRICE - 1);
    assert_eq!(part["order"]["order_status"], "CAPTURED");
    assert_eq!(outcome(&part).await, "amount_mismatch");
    deal.still_waits().await;
}

#[tokio::test]
async fn without_the_secret_nothing_is_heard() {
    let sepay = &world().sepay;
    let deal = Deal::waiting("sepay").await;
    let invoice = visit(&deal).await;
    let paid = sepay.pay(&invoice, PRICE);
    let body = paid.to_string();
    for headers in [
        &[][..],
        &[("x-secret-key", "")],
        &[("x-secret-key", "ipn-emulate")],
        &[("authorization", "Bearer ipn-emulated")],
    ] {
        tell("sepay", headers, &body)
            .await
            .expect_problem(401, "bad_signature");
    }
    let mut strange = paid.clone();
    strange["order"]["order_invoice_number"] = json!("INV-1");
    strange["transaction"]["transaction_id"] = json!("another");
    assert_eq!(outcome(&strange).await, "unknown_reference");
    let mut dollars = paid.clone();
    dollars["transaction"]["transaction_currency"] = json!("USD");
    dollars["transaction"]["transaction_id"] = json!("a third");
    assert_eq!(outcome(&dollars).await, "amount_mismatch");
    send(&json!({"hello": 1}))
        .await
        .expect_problem(400, "malformed_request");
    deal.still_waits().await;
}

/// The buyer gives the checkout up, and SePay hears of it.
pub async fn cancel(deal: &Deal, invoice: &str) {
    let path = format!("/v1/checkouts/{}/cancel", deal.id());
    let reply = deal.buyer.post(&path, json!({})).await;
    assert!(reply.status < 300, "{}", reply.raw);
    becomes(&deal.buyer, &deal.checkout, "cancelled").await;
    crate::support::until(
        "SePay knows",
        std::time::Duration::from_secs(20),
        || async { (world().sepay.status(invoice).as_deref() == Some("CANCELLED")).then_some(()) },
    )
    .await;
}

#[tokio::test]
async fn what_still_comes_by_a_cancelled_order_is_in_the_books() {
    let (app, bank) = (&world().app, &world().sepay);
    let deal = Deal::waiting("sepay").await;
    let invoice = visit(&deal).await;
    cancel(&deal, &invoice).await;
    // A part is for a person, and the price goes back.
    let part = bank.pay(&invoice, 1_000);
    assert_eq!(part["order"]["order_status"], "CANCELLED");
    assert_eq!(outcome(&part).await, "amount_mismatch");
    assert_eq!(outcome(&bank.pay(&invoice, PRICE)).await, "late");
    wallet_is(app, &deal.buyer, PRICE).await;
    let unmatched: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT sum(amount)::bigint FROM payment.unmatched_payment WHERE session_id = $1::text::uuid",
            &[&deal.id()],
        )
        .await
        .expect("money that settles nothing")
        .get(0);
    assert_eq!(unmatched, 1_000);
    ledger_is_clean(app).await;
}
