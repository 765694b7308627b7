//! What promotions do to a basket, and who gets them.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{a_tenth_off, code, moderator};
use crate::support::Actor;
use crate::support::app::{shared, text};

fn basket(seller: &Actor, codes: &[&str]) -> Value {
    json!({
        "currency": "VND",
        "lines": [{"variant_id": Uuid::now_v7(), "product_id": Uuid::now_v7(), "seller_id": seller.id,
                   "category_path": "home/lamps", "quantity": 2, "unit_price": 150_000}],
        "parcels": [{"seller_id": seller.id, "shipping": 30_000}],
        "codes": codes,
    })
}

async fn preview(buyer: &Actor, basket: Value) -> Value {
    buyer
        .post("/v1/promotions/preview", basket)
        .await
        .expect(200)
}

/// Why a code does nothing.
fn reason(quote: &Value, code: &str) -> String {
    let unused = quote["unused"].as_array().expect("a list");
    let found = unused.iter().find(|u| u["code"] == code);
    let found = found.unwrap_or_else(|| panic!("{code} is not among {unused:?}"));
    assert!(!text(&found["detail"]).is_empty());
    text(&found["reason"]).to_owned()
}

#[tokio::test]
async fn a_preview_explains_every_line_and_every_code() {
    let app = shared();
    let (seller, other, buyer) = (
        app.someone("Seller").await,
        app.someone("Other").await,
        app.someone("Buyer").await,
    );
    let made = seller
        .post("/v1/promotions", a_tenth_off(json!({"code": code()})))
        .await
        .expect(201);
    let typed = text(&made["code"]).to_lowercase();
    let quote = preview(&buyer, basket(&seller, &[&typed, "NO-SUCH-CODE"])).await;
    let line = &quote["lines"][0];
    assert_eq!(
        line["list_total"],
        json!({"amount": 300_000, "currency": "VND"})
    );
    assert_eq!(line["discount"]["amount"], 30_000);
    assert_eq!(line["total"]["amount"], 270_000);
    assert_eq!(
        line["shares"],
        json!([{"promotion_id": made["id"], "title": "A tenth off", "units": 2, "paid_by": "seller",
                "amount": {"amount": 30_000, "currency": "VND"}}])
    );
    assert_eq!(quote["parcels"][0]["total"]["amount"], 30_000);
    assert_eq!(quote["applied"][0]["code"], made["code"]);
    assert_eq!(quote["applied"][0]["amount"]["amount"], 30_000);
    assert_eq!(reason(&quote, "NO-SUCH-CODE"), "unknown_code");
    assert_eq!(quote["total"]["amount"], 300_000);

    let elsewhere = preview(&buyer, basket(&other, &[&typed])).await;
    assert_eq!(
        reason(&elsewhere, &typed),
        "not_applicable",
        "only on the seller's own goods"
    );
    assert_eq!(elsewhere["discount"]["amount"], 0);

    let path = format!("/v1/promotions/{}", text(&made["id"]));
    seller
        .patch(&path, 1, json!({"conditions": {"minimum_spend": 300_001}}))
        .await
        .expect(200);
    let little = preview(&buyer, basket(&seller, &[&typed])).await;
    assert_eq!(reason(&little, &typed), "minimum_spend");
    seller
        .patch(&path, 2, json!({"enabled": false}))
        .await
        .expect(200);
    assert_eq!(
        reason(&preview(&buyer, basket(&seller, &[&typed])).await, &typed),
        "disabled"
    );
}

#[tokio::test]
async fn what_applies_by_itself_is_known_to_everybody() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let (product, other) = (Uuid::now_v7(), Uuid::now_v7());
    let scoped = a_tenth_off(json!({"scope": {"products": [product]}, "title": "One product"}));
    let made = seller.post("/v1/promotions", scoped).await.expect(201);
    for hidden in [
        json!({"title": "With a code", "code": code()}),
        json!({"title": "Later", "starts_at": "2190-01-01T00:00:00Z"}),
        json!({"title": "Off", "enabled": false}),
        json!({"title": "For some", "conditions": {"segments": ["nobody-at-all"]}}),
    ] {
        seller
            .post("/v1/promotions", a_tenth_off(hidden))
            .await
            .expect(201);
    }
    let titles = async |query: String| {
        let shown = app
            .stranger()
            .get(&format!(
                "/v1/promotions/active?seller_id={}{query}",
                seller.id
            ))
            .await
            .expect(200);
        let mine = shown["items"].as_array().expect("items").iter();
        mine.filter(|p| p["seller_id"] == json!(seller.id))
            .map(|p| {
                assert!(p.get("budget").is_none() && p.get("code").is_none(), "{p}");
                text(&p["title"]).to_owned()
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(titles(String::new()).await, ["One product"]);
    assert_eq!(
        titles(format!("&product_id={product}")).await,
        ["One product"]
    );
    assert!(titles(format!("&product_id={other}")).await.is_empty());
    assert!(titles("&currency=USD".into()).await.is_empty());

    let mut wanted = basket(&seller, &[]);
    wanted["lines"][0]["product_id"] = json!(product);
    let quote = preview(&buyer, wanted).await;
    assert_eq!(quote["lines"][0]["shares"][0]["promotion_id"], made["id"]);
    assert_eq!(quote["discount"]["amount"], 30_000);
}

#[tokio::test]
async fn segments_are_kept_by_moderators_and_decide_who_gets_a_promotion() {
    let app = shared();
    let (seller, buyer, staff) = (
        app.someone("Seller").await,
        app.someone("Buyer").await,
        moderator(app).await,
    );
    let segment = format!("s-{}", Uuid::new_v4().simple());
    let made = seller
        .post(
            "/v1/promotions",
            a_tenth_off(json!({"code": code(), "conditions": {"segments": [segment]}})),
        )
        .await
        .expect(201);
    let code = text(&made["code"]);
    let wanted = basket(&seller, &[code]);
    assert_eq!(
        reason(&preview(&buyer, wanted.clone()).await, code),
        "segment"
    );

    let members = format!("/v1/segments/{segment}/members");
    let member = format!("{members}/{}", buyer.id);
    buyer.put(&member).await.expect_problem(403, "forbidden");
    buyer.get(&members).await.expect_problem(403, "forbidden");
    staff.get(&members).await.expect_problem(404, "not_found");
    for _ in 0..2 {
        staff.put(&member).await.expect(204);
    }
    let listed = staff.get(&members).await.expect(200);
    assert_eq!(listed["items"].as_array().expect("items").len(), 1);
    assert_eq!(listed["items"][0]["account_id"], json!(buyer.id));
    let quote = preview(&buyer, wanted.clone()).await;
    assert_eq!(quote["discount"]["amount"], 30_000);

    for _ in 0..2 {
        staff.delete(&member).await.expect(204);
    }
    assert_eq!(reason(&preview(&buyer, wanted).await, code), "segment");
    staff
        .put(&format!("/v1/segments/No%20Name/members/{}", buyer.id))
        .await
        .expect_problem(404, "not_found");
}
