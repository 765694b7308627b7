//! What promotions take off, in the preview, the checkout, and the orders.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{at_provider, becomes, begin, waiting};
use crate::promotions::{a_tenth_off, code};
use crate::support::app::{App, shared, text};
use crate::support::goods::{checkout, goods, reconciled};
use crate::support::money::{ledger_is_clean, pay};
use crate::support::{Actor, until};

/// A code for a tenth off everything of a seller.
async fn promotion(seller: &Actor, extra: Value) -> (String, String) {
    let code = code();
    let mut body = a_tenth_off(extra);
    body["code"] = code.clone().into();
    let made = seller.post("/v1/promotions", body).await.expect(201);
    (code, text(&made["id"]).to_owned())
}

/// `(held, spent)` uses of a promotion.
pub async fn uses(app: &App, promotion: &str) -> (i64, i64) {
    let row = app
        .sql()
        .await
        .query_one(
            "SELECT held_uses, spent_uses FROM promotion.used_v1($1::text::uuid)",
            &[&promotion],
        )
        .await
        .expect("the promotion");
    (row.get(0), row.get(1))
}

pub async fn uses_are(app: &App, promotion: &str, held: i64, spent: i64) {
    let what = format!("{held} uses held, {spent} spent");
    until(&what, std::time::Duration::from_secs(30), || async {
        (uses(app, promotion).await == (held, spent)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_preview_says_what_the_checkout_will_cost_and_the_orders_add_up_to_it() {
    let app = shared();
    let (first, second, buyer) = (
        app.someone("An").await,
        app.someone("Binh").await,
        app.someone("Chi").await,
    );
    let cup = goods(app, &first, "Cup", 33_333, 9).await;
    let bowl = goods(app, &second, "Bowl", 70_001, 9).await;
    let (a, of_first) = promotion(&first, json!({})).await;
    let (b, of_second) = promotion(&second, json!({"rule": {"off": {"basis_points": 3333}}})).await;
    let lines = [(cup.variant.as_str(), 3), (bowl.variant.as_str(), 1)];
    let codes = json!([a.to_lowercase(), b]);

    let mut asked = json!({"codes": codes});
    asked["lines"] = json!(
        lines
            .iter()
            .map(|(variant, quantity)| json!({"variant_id": variant, "quantity": quantity}))
            .collect::<Vec<_>>()
    );
    let preview = buyer.post("/v1/cart/preview", asked).await.expect(200);
    let amount = |value: &Value| value["amount"].as_i64().expect("an amount");
    let sum = |items: &Value, field: &str| -> i64 {
        let items = items.as_array().expect("items").iter();
        items.map(|item| amount(&item[field])).sum()
    };
    assert_eq!(amount(&preview["list_total"]), 170_000);
    assert_eq!(
        sum(&preview["lines"], "discount"),
        amount(&preview["discount"])
    );
    assert_eq!(sum(&preview["lines"], "total"), amount(&preview["total"]));
    for line in preview["lines"].as_array().expect("lines") {
        assert_eq!(sum(&line["shares"], "amount"), amount(&line["discount"]));
        assert_eq!(line["shares"].as_array().map(Vec::len), Some(1), "{line}");
    }
    assert_eq!(
        uses(app, &of_first).await,
        (0, 0),
        "nothing is held by looking"
    );

    let body = at_provider(&lines, json!({"codes": codes}));
    let waiting = waiting(&buyer, &body).await;
    for field in ["list_total", "discount", "total"] {
        assert_eq!(waiting[field], preview[field], "{field}");
    }
    assert_eq!(sum(&waiting["orders"], "total"), amount(&waiting["total"]));
    assert_eq!(waiting["promotions"].as_array().map(Vec::len), Some(2));
    for promotion in [&of_first, &of_second] {
        assert_eq!(uses(app, promotion).await, (1, 0));
    }
    pay(&buyer, &waiting, "pay").await;
    let placed = becomes(&buyer, &waiting, "placed").await;
    for field in ["list_total", "discount", "total"] {
        assert_eq!(placed[field], preview[field], "{field}");
    }
    for order in placed["orders"].as_array().expect("orders") {
        assert_eq!(
            amount(&order["total"]),
            amount(&order["list_total"]) - amount(&order["discount"])
        );
        assert_eq!(sum(&order["lines"], "discount"), amount(&order["discount"]));
        assert_eq!(sum(&order["lines"], "total"), amount(&order["total"]));
    }
    uses_are(app, &of_first, 0, 1).await;
    uses_are(app, &of_second, 0, 1).await;
    app.events_settled().await;
    reconciled(app).await;
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn a_code_that_does_nothing_is_refused_unless_the_buyer_does_without() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let lamp = goods(app, &seller, "Lamp", 40_000, 5).await;
    let (known, id) = promotion(&seller, json!({"conditions": {"minimum_spend": 1_000_000}})).await;
    let mut body = checkout(&[(&lamp.variant, 1)]);
    body["codes"] = json!([known, "NO-SUCH-CODE"]);
    for _ in 0..2 {
        let reply = begin(&buyer, "useless", &body).await;
        reply.expect_problem(409, "code_unusable");
        let why = reply.body["codes"].as_array().expect("codes");
        assert_eq!(why.len(), 2, "{}", reply.raw);
        assert!(
            why.iter().any(|it| it["reason"] == "unknown_code"),
            "{}",
            reply.raw
        );
        assert!(
            why.iter().any(|it| it["reason"] == "minimum_spend"),
            "{}",
            reply.raw
        );
    }
    body["ignore_unusable_codes"] = true.into();
    let placed = begin(&buyer, &Uuid::new_v4().to_string(), &body)
        .await
        .expect(201);
    assert_eq!(
        (&placed["discount"]["amount"], &placed["promotions"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(uses(app, &id).await, (0, 0));
}

#[tokio::test]
async fn a_cash_order_uses_a_promotion_for_good() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let lamp = goods(app, &seller, "Lamp", 40_000, 1).await;
    let (code, id) = promotion(&seller, json!({"usage_limit": 5})).await;
    let mut body = checkout(&[(&lamp.variant, 1)]);
    body["codes"] = json!([code]);
    let placed = begin(&buyer, &Uuid::new_v4().to_string(), &body)
        .await
        .expect(201);
    assert_eq!(placed["total"]["amount"], 36_000);
    uses_are(app, &id, 0, 1).await;
    // What is short gives the use back.
    let short = begin(&buyer, &Uuid::new_v4().to_string(), &body).await;
    short.expect_problem(409, "insufficient_stock");
    uses_are(app, &id, 0, 1).await;
    let order = text(&placed["orders"][0]["id"]);
    let seen = buyer.get(&format!("/v1/orders/{order}")).await.expect(200);
    assert_eq!(seen["lines"][0]["discount"]["amount"], 4_000);
    assert_eq!(seen["lines"][0]["total"]["amount"], 36_000);
}

#[tokio::test]
async fn a_preview_leaves_out_what_cannot_be_bought() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let lamp = goods(app, &seller, "Lamp", 40_000, 5).await;
    let unknown = Uuid::now_v7();
    let line = |variant: &str| json!({"variant_id": variant, "quantity": 1});
    let body = json!({"lines": [line(&lamp.variant), line(&unknown.to_string())]});
    let seen = buyer
        .post("/v1/cart/preview", body.clone())
        .await
        .expect(200);
    assert_eq!(seen["total"]["amount"], 40_000);
    assert_eq!(
        seen["left_out"],
        json!([{"variant_id": unknown, "why": "unknown"}])
    );
    seller
        .post("/v1/cart/preview", body)
        .await
        .expect_problem(409, "cart_empty");
    buyer
        .post("/v1/cart/preview", json!({"codes": []}))
        .await
        .expect_problem(409, "cart_empty");
    app.stranger()
        .post("/v1/cart/preview", json!({}))
        .await
        .expect_problem(401, "unauthenticated");
}
