//! What was frozen stays, whoever is away or dies.

use std::time::Duration;

use serde_json::json;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::{Market, check_out, line, new_key, vnd};
use crate::checkouts::{at_provider, becomes, waiting};
use crate::rates::{Source, set};
use crate::support::app::{App, shared, text};
use crate::support::goods::stock;
use crate::support::money::{ledger_is_clean, pay};
use crate::support::until;

#[tokio::test]
async fn a_source_that_is_away_is_waited_for_and_what_was_frozen_needs_none() {
    let source = Source::start().await;
    let variables = [
        ("exchange_rate_url", source.url.as_str()),
        ("exchange_rate_host", source.url.as_str()),
    ];
    let app = App::with_variables("currencies", &variables, &[]);
    let market = Market::open(&app, (1_000, "EUR")).await;
    let body = market.both(json!({"currency": "VND", "provider": "cod"}));
    let key = new_key();

    source.says(500, &json!({}));
    check_out(&market.buyer, &key, &body)
        .await
        .expect_problem(503, "unavailable");
    market
        .preview(json!({"currency": "VND"}))
        .await
        .expect_problem(503, "unavailable");
    assert_eq!(stock(&app, &market.cup.variant).await, (5, 0));
    // In the lines' own currency nobody is asked.
    let cups = [(market.cup.variant.as_str(), 1)];
    let before = source.asked();
    let own = at_provider(&cups, json!({"provider": "cod"}));
    let own = check_out(&market.buyer, &new_key(), &own).await.expect(201);
    assert_eq!(own["total"], json!({"amount": 1_000, "currency": "EUR"}));
    assert_eq!(source.asked(), before);

    source.says(200, &json!({"base": "EUR", "rates": {"VND": 27_000.25}}));
    // After many failures it is left alone for some seconds, as the 503 says.
    let placed = until("it is asked again", Duration::from_secs(30), || async {
        let reply = check_out(&market.buyer, &key, &body).await;
        (reply.status == 201).then_some(reply.body)
    })
    .await;
    let asked = source.asked();
    // 270,002.5: nobody is paid less than the price.
    assert_eq!(placed["total"], vnd(40_000 + 2 * 270_003));
    let seen = market.preview(json!({"currency": "VND"})).await.expect(200);
    assert_eq!(seen["total"], placed["total"]);
    assert_eq!(source.asked(), asked, "once for six hours");

    // One that waits for its payment was priced: what the source says or does not say is nothing to it.
    let instead = market.both(json!({"currency": "VND"}));
    let pending = waiting(&market.buyer, &instead).await;
    app.pass("6 hours 1 minute").await;
    source.says(500, &json!({}));
    check_out(&market.buyer, &new_key(), &body)
        .await
        .expect_problem(503, "unavailable");
    let again = check_out(&market.buyer, &key, &body).await;
    assert_eq!((again.status, &again.body), (201, &placed));
    let attempts = format!("/v1/payment-sessions/{}/attempts", text(&pending["id"]));
    let another = json!({"provider": "sandbox"});
    let attempt = until("another attempt", Duration::from_secs(30), || async {
        let reply = market
            .buyer
            .post_keyed(&attempts, &new_key(), &another)
            .await;
        (reply.status == 201).then_some(reply.body)
    })
    .await;
    let page = json!({"payment": {"pay_url": attempt["pay_url"]}});
    pay(&market.buyer, &page, "pay").await;
    let paid = becomes(&market.buyer, &pending, "placed").await;
    assert_eq!(paid["total"], placed["total"]);

    // A source that does not know the currency leaves nothing to wait for.
    source.says(200, &json!({"base": "EUR", "rates": {"USD": 1.1}}));
    let refused = check_out(&market.buyer, &new_key(), &body).await;
    refused.expect_problem(409, "rate_unavailable");
    assert_eq!(refused.body["missing"], json!(["EUR"]));
    app.events_settled().await;
    ledger_is_clean(&app).await;
}

#[tokio::test]
async fn whoever_goes_on_with_a_checkout_converts_by_the_rates_that_it_began_with() {
    let app = shared();
    let market = Market::open(app, (2_000, "NZD")).await;
    set(&market.admin, "NZD/VND", "15000").await.expect(200);
    let body = market.both(json!({"currency": "VND", "provider": "cod"}));
    let (key, id) = (new_key(), Uuid::now_v7().to_string());
    let buyer = market.buyer.id.to_string();

    // The first try dies when it has claimed the key and asked for the rates.
    let request = format!("POST /v1/checkouts\n{body}");
    let input = json!({
        "buyer": buyer, "key": key, "lines": body["lines"], "currency": "VND", "provider": "cod",
        "delivery": body["delivery"],
    });
    let orders = app.module_sql("order").await;
    orders
        .query_one(
            "SELECT begun_at FROM \"order\".begin_checkout_v1($1::text::uuid, $2,
                 encode(sha256(convert_to($3, 'UTF8')), 'hex'), $4::text::uuid, NULL, $5)",
            &[&buyer, &key, &request, &id, &Json(&input)],
        )
        .await
        .expect("the key is claimed");
    app.module_sql("payment")
        .await
        .query_one(
            "SELECT payment.freeze_for_checkout_v1($1::text::uuid, $2::text::uuid, 'VND', '{NZD}')",
            &[&buyer, &id],
        )
        .await
        .expect("the rates are frozen");
    set(&market.admin, "NZD/VND", "16000").await.expect(200);
    orders
        .execute(
            "UPDATE \"order\".workflow SET lease_until = lease_until - interval '1 minute'
             WHERE id = $1::text::uuid",
            &[&id],
        )
        .await
        .expect("the lease is over");

    let placed = until("the key is answered", Duration::from_secs(40), || async {
        let reply = check_out(&market.buyer, &key, &body).await;
        let runs = reply.status == 202 || reply.code() == "idempotency_in_progress";
        (!runs).then_some(reply)
    })
    .await
    .expect(201);
    assert_eq!(text(&placed["id"]), id);
    assert_eq!(placed["total"], vnd(40_000 + 2 * 300_000));
    assert_eq!(line(&placed, &market.cup.variant)["exchange_rate"], "15000");
}
