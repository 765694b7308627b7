//! At VNPAY.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Deal, PRICE, browse, ledger_is_clean, world};
use crate::emulators::vnpay::signed;
use crate::support::app::text;

/// Sends an IPN as VNPAY does. Its `RspCode`.
pub async fn send(query: &str) -> String {
    let path = format!("/v1/payment-providers/vnpay/webhooks?{query}");
    let answer = world().app.stranger().get(&path).await.expect(200);
    text(&answer["RspCode"]).to_owned()
}

/// The buyer opens VNPAY's page. The payment's reference there.
pub fn visit(deal: &Deal) -> String {
    let url = text(&deal.checkout["payment"]["pay_url"]);
    world().vnpay.visit(url).expect("VNPAY shows its page")
}

/// The fields of a query, without the hash.
fn fields(query: &str) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    fields.remove("vnp_SecureHash");
    fields
}

fn with(query: &str, name: &str, value: &str) -> String {
    let mut fields = fields(query);
    fields.insert(name.to_owned(), value.to_owned());
    signed(&fields)
}

#[tokio::test]
async fn a_payment_settles_and_a_declined_order_gives_it_back() {
    let _turn = world().turn_at_vnpay.lock().await;
    let vnpay = &world().vnpay;
    let mut deal = Deal::waiting("vnpay").await;
    let reference = visit(&deal);
    let query = vnpay.decide(&reference, true);
    assert_eq!(send(&query).await, "00");
    assert_eq!(send(&query).await, "02");
    deal.is_placed().await;
    deal.is_declined().await;
    assert_eq!(vnpay.took_and_gave(&reference), (PRICE, PRICE));
    assert_eq!(vnpay.refusals(), Vec::<String>::new());
    ledger_is_clean(&world().app).await;
}

#[tokio::test]
async fn a_payment_that_the_buyer_gives_up_has_failed() {
    let deal = Deal::waiting("vnpay").await;
    let reference = visit(&deal);
    let query = world().vnpay.decide(&reference, false);
    assert_eq!(send(&query).await, "00");
    deal.still_waits().await;
    let leg = deal.leg().await;
    assert_eq!(leg["state"], "failed");
    assert_eq!(leg["reason"], "The payment was cancelled.");
}

#[tokio::test]
async fn each_thing_that_is_wrong_has_its_code_and_moves_nothing() {
    let deal = Deal::waiting("vnpay").await;
    let reference = visit(&deal);
    let good = world().vnpay.decide(&reference, true);
    let amount = (PRICE * 100).to_string();
    assert_eq!(fields(&good)["vnp_Amount"], amount);
    // Not signed by VNPAY.
    for bad in [
        String::new(),
        good.replace(&amount, "100"),
        good.replace("vnp_SecureHash=", "vnp_SecureHash=00"),
        format!("{good}&vnp_Extra=1"),
        format!("vnp_Amount={amount}&{good}"),
    ] {
        assert_eq!(send(&bad).await, "97", "{bad}");
    }
    // Signed, and not what was asked for.
    let less = with(&good, "vnp_Amount", "11999900");
    assert_eq!(send(&with(&less, "vnp_TransactionNo", "1")).await, "04");
    assert_eq!(send(&with(&good, "vnp_TxnRef", "5")).await, "01");
    let unknown = uuid::Uuid::new_v4().simple().to_string();
    assert_eq!(send(&with(&good, "vnp_TxnRef", &unknown)).await, "01");
    assert_eq!(send(&with(&good, "vnp_TmnCode", "ANOTHER1")).await, "99");
    // It has to succeed twice over.
    assert_eq!(send(&with(&good, "vnp_ResponseCode", "07")).await, "00");
    deal.still_waits().await;
}

#[tokio::test]
async fn buyers_come_back_to_the_shop_and_nowhere_else() {
    let vnpay = &world().vnpay;
    let deal = Deal::waiting("vnpay").await;
    let reference = visit(&deal);
    let query = vnpay.decide(&reference, true);
    let url = vnpay.return_url(&reference, &query);
    let location = |response: &reqwest::Response| {
        response
            .headers()
            .get("location")
            .and_then(|v| v.to_str().ok())
            .map(str::to_owned)
    };
    let shop = &world().app.url;
    let back = browse(&url).await;
    assert_eq!(back.status(), 303);
    assert_eq!(
        location(&back),
        Some(format!(
            "{shop}/thanks?session_id={}&payment=paid",
            deal.id()
        ))
    );
    // What is not signed is not believed.
    let forged = browse(&url.replace("vnp_SecureHash=", "vnp_SecureHash=00")).await;
    assert_eq!(
        location(&forged),
        Some(format!(
            "{shop}/thanks?session_id={}&payment=unknown",
            deal.id()
        ))
    );
    for evil in [
        "https%3A%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
    ] {
        let page = format!(
            "{shop}/v1/payment-providers/vnpay/return?session_id={}&to={evil}&{query}",
            deal.id()
        );
        let answer = browse(&page).await;
        assert_eq!(
            (answer.status().as_u16(), location(&answer)),
            (200, None),
            "{evil}"
        );
    }
    // Coming back settles nothing.
    deal.still_waits().await;
}

#[tokio::test]
async fn a_wrong_way_to_tell_is_refused() {
    let path = "/v1/payment-providers/vnpay/webhooks";
    let stranger = world().app.stranger();
    stranger
        .post(path, json!({}))
        .await
        .expect_problem(405, "method_not_allowed");
    let path = "/v1/payment-providers/stripe/webhooks";
    stranger
        .get(path)
        .await
        .expect_problem(405, "method_not_allowed");
}
