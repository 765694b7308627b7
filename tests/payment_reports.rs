//! Reports on providers, and their statements against our books. On an app of its own, since it pays
//! sessions of orders that there are not.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::send;
use crate::support::app::{App, text};
use crate::support::{Actor, Reply};
use crate::wallets::staff;

/// A payment of a provider's, settled and with a name of theirs; its leg.
async fn payment(app: &App, provider: &str, reference: &str, amount: i64) -> Uuid {
    let (leg, order, seller, payer) = (
        Uuid::now_v7(),
        Uuid::now_v7(),
        Uuid::now_v7(),
        Uuid::now_v7(),
    );
    let parts = json!([{"order_id": order, "seller_id": seller, "shipping": 0, "subsidy": 0,
        "cashback_by_platform": 0, "cashback_by_seller": 0,
        "goods": [{"amount": amount, "category_path": "things"}]}])
    .to_string();
    let sql = app.module_sql("payment").await;
    sql.query(
        "SELECT payment.open_v1($1, $2, 'VND', 0, $3, NULL, $4::text::jsonb, 3600, NULL, $5)",
        &[&Uuid::now_v7(), &payer, &provider, &parts, &leg],
    )
    .await
    .expect("opened");
    let event = format!("event of {reference}");
    let outcome: String = sql
        .query_one(
            "SELECT payment.report_v1($1, $2, 'settled', $3, $4, $5, 'VND', NULL, NULL)",
            &[&provider, &event, &leg, &reference, &amount],
        )
        .await
        .expect("reported")
        .get(0);
    assert_eq!(outcome, "settled");
    leg
}

/// An attempt that failed.
async fn failure(app: &App, provider: &str) {
    let leg = Uuid::now_v7();
    let parts = json!([{"order_id": Uuid::now_v7(), "seller_id": Uuid::now_v7(), "shipping": 0, "subsidy": 0,
        "cashback_by_platform": 0, "cashback_by_seller": 0,
        "goods": [{"amount": 1_000, "category_path": "things"}]}])
    .to_string();
    let sql = app.module_sql("payment").await;
    sql.query(
        "SELECT payment.open_v1($1, $2, 'VND', 0, $3, NULL, $4::text::jsonb, 3600, NULL, $5)",
        &[&Uuid::now_v7(), &Uuid::now_v7(), &provider, &parts, &leg],
    )
    .await
    .expect("opened");
    sql.query("SELECT payment.leg_failed_v1($1, 'declined')", &[&leg])
        .await
        .expect("failed");
}

async fn import(actor: &Actor, provider: &str, lines: Value) -> Reply {
    let path = format!("/v1/payment-reports/{provider}/lines");
    send(
        actor
            .request(Method::PUT, &path)
            .json(&json!({"lines": lines})),
    )
    .await
}

/// Business time's day.
async fn today(app: &App) -> String {
    app.sql()
        .await
        .query_one("SELECT shared.now()::date::text", &[])
        .await
        .expect("a day")
        .get(0)
}

#[tokio::test]
async fn a_statement_is_held_against_the_books() {
    let app = App::own("payment-reports", &[]);
    let (moderator, member) = (staff(&app, "moderator").await, app.someone("An").await);
    let day = today(&app).await;
    let line = |kind: &str, reference: &str, amount: i64| json!({"kind": kind, "reference": reference, "amount": amount, "currency": "VND", "occurred_on": day});
    let same = payment(&app, "vnpay", "v-same", 40_000).await;
    let differs = payment(&app, "vnpay", "v-differs", 50_000).await;
    let lost = payment(&app, "vnpay", "v-lost", 60_000).await;
    payment(&app, "sepay", "s-other", 70_000).await;
    failure(&app, "vnpay").await;

    let lines = json!([
        line("payment", "v-same", 40_000),
        line("payment", "v-differs", 49_999),
        line("payment", "v-unknown", 10_000),
        // Another provider's name for a payment means nothing here.
        line("payment", "s-other", 70_000),
        line("refund", "r-unknown", 5_000),
        line("fee", "f-1", 440),
        line("fee", "f-2", 60),
    ]);
    for refused in [
        import(&member, "vnpay", lines.clone()).await,
        member
            .get(&format!("/v1/payment-reports/daily?from={day}&to={day}"))
            .await,
        member
            .get(&format!(
                "/v1/payment-reports/vnpay/reconciliation?from={day}&to={day}"
            ))
            .await,
    ] {
        refused.expect_problem(403, "forbidden");
    }
    let first = import(&moderator, "vnpay", lines.clone()).await.expect(200);
    assert_eq!(
        first,
        json!({"lines": 7, "new": 7, "changed": 0, "known": 0})
    );
    let again = import(&moderator, "vnpay", lines).await.expect(200);
    assert_eq!(
        again,
        json!({"lines": 7, "new": 0, "changed": 0, "known": 7})
    );

    let path = format!("/v1/payment-reports/vnpay/reconciliation?from={day}&to={day}");
    let found = moderator.get(&path).await.expect(200);
    let count = |name: &str| found[name].as_u64().expect("a number");
    assert_eq!(count("matched"), 1, "{found}");
    assert_eq!(count("missing_here"), 3, "{found}");
    assert_eq!(count("missing_there"), 1, "{found}");
    assert_eq!(count("amount_differs"), 1, "{found}");
    let findings = found["findings"].as_array().expect("findings");
    let of =
        |what: &str| -> Vec<&Value> { findings.iter().filter(|f| f["what"] == what).collect() };
    let missing: Vec<&str> = of("missing_here")
        .iter()
        .map(|f| text(&f["reference"]))
        .collect();
    assert_eq!(missing, ["s-other", "v-unknown", "r-unknown"]);
    assert_eq!(of("missing_there")[0]["id"], json!(lost));
    let wrong = of("amount_differs")[0];
    assert_eq!(
        (&wrong["id"], &wrong["amount"], &wrong["their_amount"]),
        (&json!(differs), &json!(50_000), &json!(49_999))
    );
    assert!(!found.to_string().contains(&same.to_string()));

    // A corrected statement.
    let corrected = json!([
        line("payment", "v-differs", 50_000),
        line("payment", "v-lost", 60_000)
    ]);
    let third = import(&moderator, "vnpay", corrected).await.expect(200);
    assert_eq!(
        third,
        json!({"lines": 2, "new": 1, "changed": 1, "known": 0})
    );
    let found = moderator.get(&path).await.expect(200);
    assert_eq!(
        (
            &found["matched"],
            &found["missing_there"],
            &found["amount_differs"]
        ),
        (&json!(3), &json!(0), &json!(0))
    );

    let report = moderator
        .get(&format!(
            "/v1/payment-reports/daily?from={day}&to={day}&provider=vnpay"
        ))
        .await
        .expect(200);
    let rows = report["items"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{report}");
    assert_eq!(
        rows[0],
        json!({
            "day": day, "provider": "vnpay", "currency": "VND", "attempts": 4, "succeeded": 3, "failed": 1,
            "success_rate": 0.75, "payments": 3, "volume": 150_000, "refunds": 0, "refunded": 0, "fees": 500,
        })
    );
    let all = moderator
        .get(&format!("/v1/payment-reports/daily?from={day}&to={day}"))
        .await
        .expect(200);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(2));
    let before = moderator
        .get("/v1/payment-reports/daily?from=2001-01-01&to=2001-03-01")
        .await
        .expect(200);
    assert_eq!(before["items"], json!([]));

    refusals(&moderator, &day).await;
}

async fn refusals(moderator: &Actor, day: &str) {
    for (from, to) in [
        ("2026-01-02", "2026-01-01"),
        ("2026-01-01", "2026-12-31"),
        ("0001-01-01", "0001-01-02"),
    ] {
        moderator
            .get(&format!("/v1/payment-reports/daily?from={from}&to={to}"))
            .await
            .expect_problem(422, "validation_failed");
    }
    moderator
        .get(&format!(
            "/v1/payment-reports/paypal/reconciliation?from={day}&to={day}"
        ))
        .await
        .expect_problem(404, "not_found");
    let one = json!({"kind": "fee", "reference": "twice", "amount": 1, "currency": "VND", "occurred_on": day});
    let twice = import(moderator, "stripe", json!([one, one])).await;
    twice.expect_problem(422, "validation_failed");
    assert!(twice.raw.contains("/lines/1/reference"), "{}", twice.raw);
    let many: Vec<Value> = (0..501)
        .map(|n| json!({"kind": "fee", "reference": format!("f{n}"), "amount": 1, "currency": "VND", "occurred_on": day}))
        .collect();
    import(moderator, "stripe", json!(many))
        .await
        .expect_problem(422, "validation_failed");
    import(moderator, "stripe", json!([]))
        .await
        .expect_problem(422, "validation_failed");
}
