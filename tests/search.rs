//! Search: what is found, in which order, and that it follows what happens to a product.

mod follows;
mod pages;
mod words;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{App, text};
use crate::support::{Actor, Reply};

/// A word that nobody else's products have: sixteen letters from a to p.
fn word() -> String {
    let digits = Uuid::new_v4().simple().to_string();
    let letters = digits.bytes().take(16).map(|b| match b {
        b'0'..=b'9' => char::from(b - b'0' + b'a'),
        _ => char::from(b - b'a' + b'k'),
    });
    letters.collect()
}

async fn search(actor: &Actor, parameters: &[(&str, &str)]) -> Reply {
    let url = reqwest::Url::parse_with_params("http://shop/v1/search", parameters).expect("a URL");
    let query = url.query().unwrap_or_default();
    actor.get(&format!("/v1/search?{query}")).await
}

/// What everybody finds by words.
async fn find(app: &App, words: &str) -> Value {
    search(&app.stranger(), &[("q", words)]).await.expect(200)
}

fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().expect("items").clone()
}

fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|i| text(&i["id"]).to_owned()).collect()
}

async fn found(app: &App, words: &str) -> Vec<String> {
    ids(&items(&find(app, words).await))
}

/// A category and one below it, of a name of their own.
async fn categories(app: &App, name: &str) -> (String, String) {
    let sql = app.sql().await;
    let add = "INSERT INTO catalog.category (id, parent_id, slug, name, path)
               VALUES (shared.uuid_v7(), $1::text::uuid, $2, $3, $4) RETURNING id::text";
    let below = format!("{name}-below");
    let path = format!("{name}/{below}");
    let top: String = sql
        .query_one(add, &[&None::<String>, &name, &"Top", &name])
        .await
        .expect("a category")
        .get(0);
    let leaf: String = sql
        .query_one(add, &[&Some(top.clone()), &below, &name, &path])
        .await
        .expect("a category")
        .get(0);
    (top, leaf)
}

/// A listed product in a category, with a currency and price of its own.
async fn list(seller: &Actor, name: &str, category: &str, currency: &str, price: i64) -> String {
    let body = json!({
        "name": name, "category_id": category, "currency": currency, "publish": true,
        "slug": format!("p-{}", Uuid::new_v4().simple()), "variants": [{"price": price}],
    });
    let page = seller.post("/v1/products", body).await.expect(201);
    text(&page["id"]).to_owned()
}
