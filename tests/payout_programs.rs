//! What a program may do with its account's money, by an API key: spend it at a checkout, and no more.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::{PASSWORD, send};
use crate::support::app::{shared, text};
use crate::wallets::staff;
use crate::withdrawals::{funded, money, path, withdraw};

#[tokio::test]
async fn no_program_takes_money_out_or_says_where_it_goes_and_a_program_may_pay() {
    let app = shared();
    let admin = staff(app, "admin").await;
    let payee = funded(app, &admin, 100_000).await;
    let bank = payee.get("/v1/bank-accounts").await.expect(200)["items"][0].clone();
    let asked = withdraw(&payee, 60_000).await.expect(201);
    let key = json!({"name": "sync", "scopes": ["read", "write"], "password": PASSWORD});
    let key = payee.post("/v1/me/api-keys", key).await.expect(201);
    let request = app
        .stranger()
        .request(Method::POST, "/v1/api-keys/token")
        .header("authorization", format!("Bearer {}", text(&key["key"])));
    let token = send(request).await.expect(200);
    let program = payee.with_token(text(&token["access_token"]));

    let id = Uuid::now_v7();
    let bank = format!("/v1/bank-accounts/{}", text(&bank["id"]));
    let reason = json!({"reason": "a test"});
    let account = json!({
        "bank_code": "VCB", "number": "0123400000", "holder": "EVE", "currency": "VND",
    });
    let identity = json!({
        "legal_name": "Eve", "country": "VN", "birth_date": "1990-05-17",
        "document_kind": "passport", "document_number": "C1234567",
    });
    let method = json!({"provider": "sandbox", "token": "card_1", "label": "Visa"});
    let gift = json!({
        "account_id": id, "amount": 5, "currency": "VND", "reason": "a test",
    });
    let refund = json!({"amount": 1, "reason": "a test", "destination": "wallet"});
    let rule = json!({"category_slug": "no-such", "basis_points": 500});
    for (method, path, body) in [
        (
            "POST",
            "/v1/withdrawals".to_owned(),
            json!({"amount": 60_000, "currency": "VND"}),
        ),
        ("POST", format!("{}/cancel", path(&asked)), json!({})),
        (
            "POST",
            format!("{}/approve", path(&asked)),
            json!({"bank_reference": "FT1"}),
        ),
        ("POST", format!("{}/reject", path(&asked)), reason.clone()),
        ("POST", "/v1/bank-accounts".to_owned(), account),
        ("PUT", format!("{bank}/default"), Value::Null),
        ("DELETE", bank, Value::Null),
        ("POST", "/v1/payout-identities".to_owned(), identity),
        ("GET", "/v1/payout-identities".to_owned(), Value::Null),
        ("GET", format!("/v1/payout-identities/{id}"), Value::Null),
        (
            "POST",
            format!("/v1/payout-identities/{id}/approve"),
            json!({}),
        ),
        (
            "POST",
            format!("/v1/payout-identities/{id}/reject"),
            reason.clone(),
        ),
        (
            "PUT",
            "/v1/payout-schedules/VND".to_owned(),
            json!({"every": "weekly", "day": 1}),
        ),
        ("POST", "/v1/payment-methods".to_owned(), method),
        (
            "PUT",
            format!("/v1/payment-methods/{id}/default"),
            Value::Null,
        ),
        ("DELETE", format!("/v1/payment-methods/{id}"), Value::Null),
        ("POST", "/v1/wallets/adjustments".to_owned(), gift),
        ("POST", format!("/v1/escrows/{id}/refunds"), refund),
        ("POST", format!("/v1/escrows/{id}/thaw"), reason.clone()),
        (
            "POST",
            format!("/v1/unmatched-payments/{id}/credit"),
            reason.clone(),
        ),
        (
            "POST",
            format!("/v1/unmatched-payments/{id}/return"),
            reason,
        ),
        ("PUT", "/v1/commission-rules".to_owned(), rule),
        (
            "DELETE",
            "/v1/commission-rules/no-such".to_owned(),
            Value::Null,
        ),
        (
            "PUT",
            "/v1/exchange-rates/USD/VND".to_owned(),
            json!({"rate": "25400"}),
        ),
        (
            "DELETE",
            "/v1/exchange-rates/USD/VND".to_owned(),
            Value::Null,
        ),
    ] {
        let method: Method = method.parse().expect("a method");
        let request = program
            .request(method, &path)
            .header("idempotency-key", Uuid::new_v4().to_string());
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let reply = send(request).await;
        assert_eq!(
            (reply.status, reply.code()),
            (403, "person_required"),
            "{path}: {}",
            reply.raw
        );
    }
    // What is looked at, and what is spent at a checkout.
    program.get("/v1/withdrawals").await.expect(200);
    program.get("/v1/payout-schedules").await.expect(200);
    let attempt = format!("/v1/payment-sessions/{id}/attempts");
    program
        .post_keyed(&attempt, "pays", &json!({"provider": "sandbox"}))
        .await
        .expect_problem(404, "not_found");
    assert_eq!(money(&payee).await, (40_000, 60_000));
}
