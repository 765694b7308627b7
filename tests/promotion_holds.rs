//! The uses of promotions, by the statements behind the contract: never more than there are, whoever
//! comes when.

mod races;

use std::time::Duration;

use serde_json::{Value, json};
use tokio_postgres::Client;
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::promotions::{a_tenth_off, code};
use crate::support::app::{App, shared, text};
use crate::support::events::{consume, event};
use crate::support::until;

/// A promotion with these fields, made by a seller of its own.
async fn promotion(app: &App, extra: Value) -> Uuid {
    let seller = app.someone("Seller").await;
    let mut body = a_tenth_off(json!({"code": code()}));
    let fields = body.as_object_mut().expect("an object");
    fields.extend(extra.as_object().expect("an object").clone());
    let made = seller.post("/v1/promotions", body).await.expect(201);
    text(&made["id"]).parse().expect("an id")
}

/// Uses of promotions at version 1.
fn uses(promotions: &[Uuid], amount: i64) -> Value {
    promotions
        .iter()
        .map(|id| json!({"promotion_id": id, "version": 1, "amount": amount}))
        .collect()
}

/// True: held now. False: held before. Otherwise the code of the refusal.
async fn hold(sql: &Client, reference: Uuid, account: Uuid, uses: &Value) -> Result<bool, String> {
    hold_for(sql, reference, account, uses, 900).await
}

async fn hold_for(
    sql: &Client,
    reference: Uuid,
    account: Uuid,
    uses: &Value,
    ttl_s: i32,
) -> Result<bool, String> {
    let statement = "SELECT promotion.hold_v1($1, $2, 'VND', $3, $4)";
    let row = sql
        .query_one(statement, &[&reference, &account, &Json(uses), &ttl_s])
        .await;
    row.map(|row| row.get(0)).map_err(refusal)
}

async fn settle(sql: &Client, what: &str, reference: Uuid) -> Result<bool, String> {
    let statement = format!("SELECT promotion.{what}_v1($1)");
    let row = sql.query_one(&statement, &[&reference]).await;
    row.map(|row| row.get(0)).map_err(refusal)
}

/// The code of a refusal; anything else is a fault.
fn refusal(error: tokio_postgres::Error) -> String {
    let error = error.as_db_error().unwrap_or_else(|| panic!("{error:?}"));
    assert_eq!(error.code().code(), "ST001", "{error:?}");
    error.message().to_owned()
}

/// `(held, spent)` uses, and `(held, spent)` amounts.
async fn used(sql: &Client, promotion: Uuid) -> ((i64, i64), (i64, i64)) {
    let statement =
        "SELECT held_uses, spent_uses, held_amount, spent_amount FROM promotion.used_v1($1)";
    let row = sql.query_one(statement, &[&promotion]).await;
    let row = row.expect("the promotion");
    ((row.get(0), row.get(1)), (row.get(2), row.get(3)))
}

async fn exhausted_told(sql: &Client, promotion: Uuid) -> i64 {
    let statement =
        "SELECT count(*) FROM promotion.outbox WHERE subject = $1 AND kind = 'promotion.exhausted'";
    sql.query_one(statement, &[&promotion])
        .await
        .expect("the events")
        .get(0)
}

/// Counters and holds of promotions agree.
async fn reconciled(sql: &Client, promotions: &[Uuid]) {
    let statement =
        "SELECT what, expected, found FROM promotion.reconcile_v1() WHERE promotion = ANY ($1)";
    let rows = sql
        .query(statement, &[&promotions])
        .await
        .expect("reconcile");
    assert!(rows.is_empty(), "counters and holds differ: {rows:?}");
}

#[tokio::test]
async fn all_or_none_is_held_and_what_is_missing_is_named() {
    let app = shared();
    let sql = app.module_sql("promotion").await;
    let plenty = promotion(app, json!({})).await;
    let little = promotion(app, json!({"budget": 10})).await;
    let account = Uuid::now_v7();
    let both = uses(&[plenty, little], 11);
    assert_eq!(
        hold(&sql, Uuid::now_v7(), account, &both).await,
        Err("gone".into())
    );
    let refused = sql
        .query_one(
            "SELECT promotion.hold_v1($1, $2, 'VND', $3, 900)",
            &[&Uuid::now_v7(), &account, &Json(&both)],
        )
        .await
        .expect_err("refused");
    let facts: Value = serde_json::from_str(
        refused
            .as_db_error()
            .and_then(|e| e.detail())
            .expect("facts"),
    )
    .expect("JSON");
    assert_eq!(facts, json!({"promotions": [little]}));
    assert_eq!(used(&sql, plenty).await.0, (0, 0));
    // Another version or currency is another promotion, and one that nobody knows is none.
    let mut old = uses(&[plenty], 1);
    old[0]["version"] = json!(2);
    for wrong in [old, uses(&[Uuid::now_v7()], 1)] {
        assert_eq!(
            hold(&sql, Uuid::now_v7(), account, &wrong).await,
            Err("gone".into())
        );
    }
    let dollars = sql
        .query_one(
            "SELECT promotion.hold_v1($1, $2, 'USD', $3, 900)",
            &[&Uuid::now_v7(), &account, &Json(&uses(&[plenty], 1))],
        )
        .await;
    assert_eq!(refusal(dollars.expect_err("refused")), "gone");
    reconciled(&sql, &[plenty, little]).await;
}

#[tokio::test]
async fn repeating_any_of_it_is_doing_it_once() {
    let app = shared();
    let sql = app.module_sql("promotion").await;
    let wanted = promotion(app, json!({"usage_limit": 3})).await;
    let (reference, account) = (Uuid::now_v7(), Uuid::now_v7());
    let asked = uses(&[wanted], 7);
    assert_eq!(hold(&sql, reference, account, &asked).await, Ok(true));
    assert_eq!(hold(&sql, reference, account, &asked).await, Ok(false));
    assert_eq!(used(&sql, wanted).await, ((1, 0), (7, 0)));
    // The same reference for something else is a mistake of the caller's.
    let other = sql
        .query_one(
            "SELECT promotion.hold_v1($1, $2, 'VND', $3, 900)",
            &[&reference, &account, &Json(&uses(&[wanted], 8))],
        )
        .await;
    let error = other.expect_err("refused");
    assert_eq!(error.code().map(|c| c.code()), Some("22023"));

    assert_eq!(settle(&sql, "commit", reference).await, Ok(true));
    assert_eq!(settle(&sql, "commit", reference).await, Ok(false));
    assert_eq!(hold(&sql, reference, account, &asked).await, Ok(false));
    assert_eq!(used(&sql, wanted).await, ((0, 1), (0, 7)));
    assert_eq!(settle(&sql, "release", reference).await, Ok(true));
    assert_eq!(settle(&sql, "release", reference).await, Ok(false));
    assert_eq!(used(&sql, wanted).await, ((0, 0), (0, 0)));
    assert_eq!(settle(&sql, "commit", reference).await, Err("ended".into()));
    assert_eq!(
        hold(&sql, reference, account, &asked).await,
        Err("ended".into())
    );
    assert_eq!(
        settle(&sql, "commit", Uuid::now_v7()).await,
        Ok(false),
        "it holds nothing"
    );
    reconciled(&sql, &[wanted]).await;
}

#[tokio::test]
async fn a_release_that_comes_first_refuses_the_hold() {
    let app = shared();
    let sql = app.module_sql("promotion").await;
    let wanted = promotion(app, json!({})).await;
    let reference = Uuid::now_v7();
    assert_eq!(settle(&sql, "release", reference).await, Ok(false));
    let late = hold(&sql, reference, Uuid::now_v7(), &uses(&[wanted], 1)).await;
    assert_eq!(late, Err("ended".into()));
    assert_eq!(used(&sql, wanted).await.0, (0, 0));
}

#[tokio::test]
async fn what_nobody_commits_in_time_is_given_back() {
    let app = shared();
    let sql = app.module_sql("promotion").await;
    let wanted = promotion(app, json!({"usage_limit": 1})).await;
    let (reference, account) = (Uuid::now_v7(), Uuid::now_v7());
    let lapsed = hold_for(&sql, reference, account, &uses(&[wanted], 5), 0).await;
    assert_eq!(lapsed, Ok(true));
    until("the hold has lapsed", Duration::from_secs(15), || async {
        let tidied = sql.query_one("SELECT promotion.tidy()", &[]).await;
        tidied.expect("tidied");
        (used(&sql, wanted).await.0 == (0, 0)).then_some(())
    })
    .await;
    assert_eq!(
        hold(&sql, reference, account, &uses(&[wanted], 5)).await,
        Err("ended".into())
    );
    // Paid for after all: counted again while there is one, and refused when somebody has it.
    let other = Uuid::now_v7();
    assert_eq!(
        hold(&sql, other, Uuid::now_v7(), &uses(&[wanted], 5)).await,
        Ok(true)
    );
    assert_eq!(settle(&sql, "commit", reference).await, Err("gone".into()));
    assert_eq!(settle(&sql, "release", other).await, Ok(true));
    assert_eq!(settle(&sql, "commit", reference).await, Ok(true));
    assert_eq!(used(&sql, wanted).await, ((0, 1), (0, 5)));
    reconciled(&sql, &[wanted]).await;
}

#[tokio::test]
async fn the_events_of_checkouts_settle_what_they_hold() {
    let app = shared();
    let sql = app.module_sql("promotion").await;
    let wanted = promotion(app, json!({"usage_limit_per_account": 3})).await;
    let account = Uuid::now_v7();
    let [placed, cancelled, expired] = [Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7()];
    for reference in [placed, cancelled, expired] {
        assert_eq!(
            hold(&sql, reference, account, &uses(&[wanted], 2)).await,
            Ok(true)
        );
    }
    let total = json!({"amount": 1, "currency": "VND"});
    let of = |kind: &str, checkout: Uuid| {
        let data = json!({"checkout_id": checkout, "buyer_id": account, "total": total,
            "reason": "buyer", "order_ids": []});
        event(Uuid::now_v7(), kind, checkout, 1, data)
    };
    let events = [
        of("order.placed", placed),
        of("checkout.cancelled", cancelled),
        of("checkout.expired", expired),
        of("order.placed", Uuid::now_v7()),
    ];
    for _ in 0..2 {
        let outcomes = consume(app, "promotion", &events).await;
        assert!(
            outcomes.iter().all(|o| o["outcome"] == "done"),
            "{outcomes:?}"
        );
    }
    assert_eq!(used(&sql, wanted).await, ((0, 1), (0, 2)));

    // Placed though it was given back: the buyer has the discount, and somebody has to know.
    let outcomes = consume(app, "promotion", &[of("order.placed", cancelled)]).await;
    assert_eq!(outcomes[0]["outcome"], "reject");
    reconciled(&sql, &[wanted]).await;
}

#[tokio::test]
async fn a_first_order_is_the_first_one_placed_and_one_at_a_time() {
    let app = shared();
    let sql = app.module_sql("promotion").await;
    let first = json!({"conditions": {"first_order_only": true}});
    let wanted = promotion(app, first).await;
    let asked = uses(&[wanted], 1);
    let (account, newcomer) = (Uuid::now_v7(), Uuid::now_v7());
    let (one, two) = (Uuid::now_v7(), Uuid::now_v7());
    assert_eq!(hold(&sql, one, account, &asked).await, Ok(true));
    assert_eq!(
        hold(&sql, two, account, &asked).await,
        Err("gone".into()),
        "under way already"
    );
    assert_eq!(settle(&sql, "release", one).await, Ok(true));
    assert_eq!(hold(&sql, two, account, &asked).await, Ok(true));
    // Somebody who has ordered without it has ordered.
    let checkout = Uuid::now_v7();
    let data = json!({"checkout_id": checkout, "buyer_id": newcomer, "order_ids": []});
    let placed = event(Uuid::now_v7(), "order.placed", checkout, 1, data);
    let outcomes = consume(app, "promotion", &[placed]).await;
    assert_eq!(outcomes[0]["outcome"], "done", "{outcomes:?}");
    assert_eq!(
        hold(&sql, Uuid::now_v7(), newcomer, &asked).await,
        Err("gone".into())
    );
}
