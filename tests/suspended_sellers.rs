//! What becomes of the goods of a seller who is suspended.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::roles::staff;
use crate::support::app::{App, shared};
use crate::support::goods::{Goods, buy, goods, stock};
use crate::support::{Actor, until};

fn suspension(seller: &Actor) -> String {
    format!("/v1/accounts/{}/suspension", seller.id)
}

async fn suspend(moderator: &Actor, seller: &Actor) {
    moderator
        .post(
            &suspension(seller),
            json!({"reason": "Sold counterfeits.", "until": "2999-01-01T00:00:00Z"}),
        )
        .await
        .expect(200);
}

/// Waits until strangers see a product, or do not.
async fn is_seen(app: &App, item: &Goods, seen: bool) {
    let status = if seen { 200 } else { 404 };
    let path = format!("/v1/products/{}", item.product);
    until(
        "the listing follows its seller",
        Duration::from_secs(30),
        || async { (app.stranger().get(&path).await.status == status).then_some(()) },
    )
    .await;
}

/// The state of a product, and why.
async fn status(app: &App, item: &Goods) -> (String, Option<String>) {
    let row = app
        .sql()
        .await
        .query_one(
            "SELECT status, status_reason FROM catalog.product WHERE id = $1::text::uuid",
            &[&item.product],
        )
        .await
        .expect("the product");
    (row.get(0), row.get(1))
}

async fn act(actor: &Actor, item: &Goods, what: &str, body: Value) {
    let path = format!("/v1/products/{}/{what}", item.product);
    let request = actor
        .request(Method::POST, &path)
        .header("idempotency-key", uuid::Uuid::new_v4().to_string());
    let request = if body.is_null() {
        request
    } else {
        request.json(&body)
    };
    crate::support::actor::send(request).await.expect(200);
}

#[tokio::test]
async fn what_a_suspended_seller_has_listed_is_neither_seen_nor_sold_until_they_are_back() {
    let app = shared();
    let moderator = staff(app, "Mona", "moderator").await;
    let (seller, buyer) = (app.someone("Sel").await, app.someone("Buy").await);
    let word = format!("w{}", uuid::Uuid::new_v4().simple());
    let tea = goods(app, &seller, &format!("Tea {word}"), 50_000, 5).await;
    let hidden = goods(app, &seller, &format!("Old {word}"), 50_000, 5).await;
    act(&seller, &hidden, "hide", Value::Null).await;
    let fake = goods(app, &seller, &format!("Fake {word}"), 50_000, 5).await;
    is_seen(app, &tea, true).await;

    suspend(&moderator, &seller).await;
    for item in [&tea, &fake] {
        is_seen(app, item, false).await;
        let held = (
            "hidden".to_owned(),
            Some("Its seller is suspended.".to_owned()),
        );
        assert_eq!(status(app, item).await, held);
    }
    let search = format!("/v1/search?q={word}");
    let found = app.stranger().get(&search).await.expect(200);
    assert_eq!(found["items"], json!([]));
    let listed = format!("/v1/products?seller_id={}", seller.id);
    let listed = app.stranger().get(&listed).await.expect(200);
    assert_eq!(listed["items"], json!([]));
    let refused = buy(&buyer, &[(&tea.variant, 1)]).await;
    refused.expect_problem(409, "line_unavailable");
    assert_eq!(refused.body["lines"][0]["why"], "hidden");
    assert_eq!(stock(app, &tea.variant).await, (5, 0));
    // A moderator looks into it meanwhile.
    let why = json!({"reason": "A counterfeit."});
    act(&moderator, &fake, "take-down", why).await;

    assert_eq!(moderator.delete(&suspension(&seller)).await.status, 204);
    is_seen(app, &tea, true).await;
    assert_eq!(status(app, &tea).await, ("active".into(), None));
    // What was not listed before is not listed now, nor what was taken down.
    for (item, now) in [(&hidden, "hidden"), (&fake, "taken_down")] {
        assert_eq!(status(app, item).await.0, now);
        is_seen(app, item, false).await;
    }
    until("it is found again", Duration::from_secs(20), || async {
        let found = app.stranger().get(&search).await.expect(200);
        (found["items"].as_array()?.len() == 1).then_some(())
    })
    .await;
    buy(&buyer, &[(&tea.variant, 1)]).await.expect(201);
}

#[tokio::test]
async fn a_suspension_that_is_lifted_at_once_leaves_everything_listed() {
    let app = shared();
    let moderator = staff(app, "Mona", "moderator").await;
    let seller = app.someone("Sel").await;
    let tea = goods(app, &seller, "Tea", 50_000, 1).await;
    suspend(&moderator, &seller).await;
    assert_eq!(moderator.delete(&suspension(&seller)).await.status, 204);
    // The one event waits for the other, whichever would be handed out first.
    let sql = app.sql().await;
    until("both have arrived", Duration::from_secs(30), || async {
        let known = "SELECT suspended FROM catalog.suspension WHERE seller_id = $1";
        let suspended: bool = sql.query_opt(known, &[&seller.id]).await.ok()??.get(0);
        (!suspended).then_some(())
    })
    .await;
    assert_eq!(status(app, &tea).await.0, "active");
    is_seen(app, &tea, true).await;
}

#[tokio::test]
async fn a_suspension_whose_time_has_come_brings_the_goods_back() {
    let app = shared();
    let moderator = staff(app, "Mona", "moderator").await;
    let seller = app.someone("Sel").await;
    let tea = goods(app, &seller, "Tea", 50_000, 1).await;
    suspend(&moderator, &seller).await;
    is_seen(app, &tea, false).await;
    let sql = app.sql().await;
    let passed =
        "UPDATE account.account SET suspended_until = shared.real_now() - interval '1 second'
                  WHERE id = $1";
    sql.execute(passed, &[&seller.id]).await.expect("passed");
    sql.execute("SELECT account.tidy()", &[])
        .await
        .expect("tidied");
    is_seen(app, &tea, true).await;
}

#[tokio::test]
async fn events_that_come_late_do_not_hide_the_goods_of_who_is_back() {
    let app = shared();
    let seller = app.someone("Sel").await;
    let tea = goods(app, &seller, "Tea", 50_000, 1).await;
    let sql = app.module_sql("catalog").await;
    for (kind, sequence) in [
        ("account.reinstated", 7_i64),
        ("account.suspended", 6),
        ("account.suspended", 7),
    ] {
        let event = json!({
            "id": uuid::Uuid::now_v7(), "kind": kind, "sequence": sequence,
            "data": {"account_id": seller.id, "reason": "x"},
        });
        sql.execute(
            "SELECT catalog.on_event($1::text::jsonb)",
            &[&event.to_string()],
        )
        .await
        .expect("taken");
        assert_eq!(status(app, &tea).await.0, "active", "{kind} {sequence}");
    }
}
