//! Things to sell, and selling them.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::actor::send;
use super::app::text;
use super::{Actor, App, Reply};

/// A listed product with one variant.
#[derive(Debug, Clone)]
pub struct Goods {
    pub product: String,
    pub variant: String,
}

/// A category to list in; made once per app.
pub async fn category(app: &App) -> String {
    let sql = app.sql().await;
    sql.execute(
        "INSERT INTO catalog.category (id, slug, name, path) VALUES (shared.uuid_v7(), 'things', 'Things', 'things')
         ON CONFLICT DO NOTHING",
        &[],
    )
    .await
    .expect("a category");
    sql.query_one(
        "SELECT id::text FROM catalog.category WHERE slug = 'things'",
        &[],
    )
    .await
    .expect("a category")
    .get(0)
}

/// A listed product with `stock` units, for dong.
pub async fn goods(app: &App, seller: &Actor, name: &str, price: i64, stock: u32) -> Goods {
    goods_in(app, seller, name, (price, "VND"), stock).await
}

/// The same for minor units of any currency.
pub async fn goods_in(
    app: &App,
    seller: &Actor,
    name: &str,
    (price, currency): (i64, &str),
    stock: u32,
) -> Goods {
    let category = category(app).await;
    let page = seller
        .prepare(
            "/v1/products",
            &json!({
                "name": name, "category_id": category, "currency": currency, "publish": true,
                "slug": format!("p-{}", Uuid::new_v4().simple()),
                "variants": [{"sku": "ONE", "price": price}],
            }),
        )
        .await
        .expect(201);
    let goods = Goods {
        product: text(&page["id"]).to_owned(),
        variant: text(&page["variants"][0]["id"]).to_owned(),
    };
    if stock > 0 {
        import(seller, &goods.variant, stock).await;
    }
    goods
}

/// Puts units on the shelf.
pub async fn import(seller: &Actor, variant: &str, quantity: u32) {
    let reply = seller
        .prepare(
            "/v1/stock/imports",
            &json!({"lines": [{"variant_id": variant, "quantity": quantity}]}),
        )
        .await;
    assert!(reply.status < 300, "{reply:?}");
}

/// The body of a checkout.
pub fn checkout(lines: &[(&str, u32)]) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(variant, quantity)| json!({"variant_id": variant, "quantity": quantity}))
        .collect();
    json!({
        "lines": lines,
        "provider": "cod",
        "delivery": {
            "receiver": "Lan", "phone": "+84901234567", "address_lines": ["12 Hang Bac"],
            "city": "Hanoi", "country": "VN",
        },
    })
}

/// Buys, with a key of its own.
pub async fn buy(buyer: &Actor, lines: &[(&str, u32)]) -> Reply {
    let request = buyer
        .request(Method::POST, "/v1/checkouts")
        .header("idempotency-key", Uuid::new_v4().to_string())
        .json(&checkout(lines));
    send(request).await
}

/// `(on_hand, reserved)` of a variant, summed over the seller's warehouses.
pub async fn stock(app: &App, variant: &str) -> (i64, i64) {
    let row = app
        .sql()
        .await
        .query_one(
            "SELECT coalesce(sum(on_hand), 0)::bigint, coalesce(sum(reserved), 0)::bigint
             FROM inventory.stock WHERE variant_id = $1::text::uuid",
            &[&variant],
        )
        .await
        .expect("the stock is read");
    (row.get(0), row.get(1))
}

/// Asserts that ledger, stock and reservations agree.
pub async fn reconciled(app: &App) {
    let rows = app
        .sql()
        .await
        .query("SELECT * FROM inventory.reconcile_v1()", &[])
        .await
        .expect("reconcile");
    assert!(rows.is_empty(), "ledger and stock differ: {rows:?}");
}
