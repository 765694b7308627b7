//! Exchange rates: from a source, by hand, and frozen.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::actor::send;
use crate::support::app::{App, shared, text};
use crate::support::web::serve;
use crate::support::{Actor, Reply};
use crate::wallets::staff;

/// A source of rates that says what the test wants, and counts who asks.
pub struct Source {
    pub url: String,
    asked: Arc<AtomicUsize>,
    answer: Arc<Mutex<(u16, String)>>,
}

impl Source {
    pub async fn start() -> Source {
        let asked = Arc::new(AtomicUsize::new(0));
        let answer = Arc::new(Mutex::new((200, String::new())));
        let (count, says) = (Arc::clone(&asked), Arc::clone(&answer));
        let url = serve(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            says.lock().expect("no panic").clone()
        })
        .await;
        Source { url, asked, answer }
    }

    pub fn says(&self, status: u16, body: &Value) {
        *self.answer.lock().expect("no panic") = (status, body.to_string());
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn rates(actor: &Actor, base: &str) -> Reply {
    actor.get(&format!("/v1/exchange-rates?base={base}")).await
}

/// Sets a rate by hand.
pub async fn set(actor: &Actor, pair: &str, rate: &str) -> Reply {
    let path = format!("/v1/exchange-rates/{pair}");
    send(
        actor
            .request(Method::PUT, &path)
            .json(&json!({"rate": rate})),
    )
    .await
}

async fn freeze(actor: &Actor, base: &str, quotes: &[&str]) -> Reply {
    actor
        .post(
            "/v1/exchange-rates/snapshots",
            json!({"base": base, "quotes": quotes}),
        )
        .await
}

#[tokio::test]
async fn rates_come_from_their_source_and_serve_for_six_hours() {
    let source = Source::start().await;
    source.says(
        200,
        &json!({"base": "USD", "rates": {"USD": 1, "VND": 25_400.5, "EUR": 0.92, "ZZZ": 3}}),
    );
    let address = format!("{}/latest/", source.url);
    let variables = [
        ("exchange_rate_url", address.as_str()),
        ("exchange_rate_host", source.url.as_str()),
    ];
    let app = App::with_variables("rates", &variables, &[]);
    let (admin, an, stranger) = (
        staff(&app, "admin").await,
        app.someone("An").await,
        app.stranger(),
    );

    let first = rates(&stranger, "USD").await.expect(200);
    assert_eq!(first["rates"], json!({"EUR": "0.92", "VND": "25400.5"}));
    rates(&stranger, "USD").await.expect(200);
    let frozen = freeze(&an, "USD", &["VND", "EUR"]).await.expect(201);
    assert_eq!(source.asked(), 1, "what is known is not asked for again");

    // They age, and others come.
    app.pass("5 hours 59 minutes").await;
    rates(&stranger, "USD").await.expect(200);
    assert_eq!(source.asked(), 1);
    source.says(200, &json!({"base_code": "USD", "rates": {"VND": 26_000}}));
    app.pass("2 minutes").await;
    let later = rates(&stranger, "USD").await.expect(200);
    assert_eq!(
        later["rates"],
        json!({"VND": "26000"}),
        "the euro's has aged"
    );
    assert_eq!(source.asked(), 2);
    freeze(&an, "USD", &["VND", "EUR"])
        .await
        .expect_problem(409, "rate_unavailable");

    // What was frozen stays as it was.
    let path = format!("/v1/exchange-rates/snapshots/{}", text(&frozen["id"]));
    let seen = an.get(&path).await.expect(200);
    assert_eq!(seen["rates"], json!({"EUR": "0.92", "VND": "25400.5"}));
    let converted = an
        .get(&format!("{path}/conversion?amount=1999&to=VND"))
        .await
        .expect(200);
    assert_eq!(
        converted["to"],
        json!({"amount": 507_756, "currency": "VND"})
    );
    app.someone("Binh")
        .await
        .get(&path)
        .await
        .expect_problem(404, "not_found");

    // A source that is away, or talks nonsense, leaves no rates; those set by hand go on.
    app.pass("6 hours 1 minute").await;
    source.says(500, &json!({}));
    rates(&stranger, "USD")
        .await
        .expect_problem(503, "unavailable");
    freeze(&an, "USD", &["VND"])
        .await
        .expect_problem(503, "unavailable");
    source.says(200, &json!({"base": "EUR", "rates": {"VND": 1}}));
    rates(&stranger, "USD")
        .await
        .expect_problem(503, "unavailable");
    set(&admin, "USD/VND", "25000").await.expect(200);
    let by_hand = rates(&stranger, "USD").await.expect(200);
    assert_eq!(by_hand["rates"], json!({"VND": "25000"}));

    // It comes back, and does not overrule who set one by hand.
    source.says(
        200,
        &json!({"base": "USD", "rates": {"VND": 1, "EUR": 0.9}}),
    );
    let back = rates(&stranger, "USD").await.expect(200);
    assert_eq!(back["rates"], json!({"EUR": "0.9", "VND": "25000"}));
    assert_eq!(admin.delete("/v1/exchange-rates/USD/VND").await.status, 204);
    let theirs = rates(&stranger, "USD").await.expect(200);
    assert_eq!(theirs["rates"], json!({"EUR": "0.9", "VND": "1"}));

    // One that knows no such currency is not asked again and again.
    source.says(404, &json!({"result": "error"}));
    let before = source.asked();
    for _ in 0..3 {
        rates(&stranger, "XAF")
            .await
            .expect_problem(409, "rate_unavailable");
    }
    assert_eq!(source.asked(), before + 1);
}

#[tokio::test]
async fn rates_are_set_by_administrators_within_limits() {
    let app = shared();
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    set(&moderator, "CHF/SEK", "10")
        .await
        .expect_problem(403, "forbidden");
    for pair in ["CHF/CHF", "CHF/ABC", "chf/SEK"] {
        set(&admin, pair, "10")
            .await
            .expect_problem(404, "not_found");
    }
    for rate in [
        "0",
        "-1",
        "1e5",
        "abc",
        "",
        "1000000000000",
        "0.0000000000001",
    ] {
        set(&admin, "CHF/SEK", rate)
            .await
            .expect_problem(422, "validation_failed");
    }
    let exact = set(&admin, "CHF/SEK", "10.123456789012").await.expect(200);
    assert_eq!(exact["rate"], "10.123456789012");
    // Without a source only what is set by hand is known.
    let known = rates(&app.stranger(), "CHF").await.expect(200);
    assert_eq!(known["rates"], json!({"SEK": "10.123456789012"}));
    rates(&app.stranger(), "NOK")
        .await
        .expect_problem(409, "rate_unavailable");
    let missing = freeze(&admin, "CHF", &["SEK", "DKK"]).await;
    missing.expect_problem(409, "rate_unavailable");
    assert_eq!(missing.body["missing"], json!(["DKK"]));
    freeze(&admin, "CHF", &["SEK", "SEK"])
        .await
        .expect_problem(422, "validation_failed");
    freeze(&admin, "CHF", &["CHF"])
        .await
        .expect_problem(422, "validation_failed");
}

#[tokio::test]
async fn a_conversion_that_does_not_fit_is_refused() {
    let app = shared();
    let admin = staff(app, "admin").await;
    set(&admin, "BHD/PYG", "999999999999").await.expect(200);
    let frozen = freeze(&admin, "BHD", &["PYG"]).await.expect(201);
    let path = format!(
        "/v1/exchange-rates/snapshots/{}/conversion",
        text(&frozen["id"])
    );
    let convert = async |amount: String, to: &str| {
        admin.get(&format!("{path}?amount={amount}&to={to}")).await
    };
    let fits = convert("1000".into(), "PYG").await.expect(200);
    assert_eq!(fits["to"]["amount"], 999_999_999_999_i64);
    convert(i64::MAX.to_string(), "PYG")
        .await
        .expect_problem(422, "validation_failed");
    convert("1000".into(), "USD")
        .await
        .expect_problem(409, "rate_unavailable");
}
