//! The cart, and a checkout of it.

mod checkout;
mod contents;
mod lifetime;
mod survives;

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::actor::send;
use crate::support::app::{App, text};
use crate::support::goods::Goods;
use crate::support::{Actor, Reply, until};

/// A request about a cart: a guest's with its token, an account's without.
async fn call(
    actor: &Actor,
    token: Option<&str>,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Reply {
    let mut request = actor.request(method, path);
    if let Some(token) = token {
        request = request.header("cart-token", token);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    send(request).await
}

/// Somebody without an account, and the token of a new cart.
async fn guest(app: &App) -> (Actor, String) {
    let guest = app.stranger();
    let made = call(&guest, None, Method::POST, "/v1/cart", None)
        .await
        .expect(201);
    assert_eq!(
        (&made["line_count"], &made["units"]),
        (&json!(0), &json!(0))
    );
    let token = text(&made["token"]).to_owned();
    assert_eq!(token.len(), 43);
    (guest, token)
}

/// Sets a line of an account's cart.
async fn put(actor: &Actor, variant: &str, quantity: u32) -> Reply {
    put_as(actor, None, variant, json!({"quantity": quantity})).await
}

async fn put_as(actor: &Actor, token: Option<&str>, variant: &str, body: Value) -> Reply {
    let path = format!("/v1/cart/lines/{variant}");
    call(actor, token, Method::PUT, &path, Some(body)).await
}

async fn cart(actor: &Actor) -> Value {
    actor.get("/v1/cart").await.expect(200)
}

/// The line of a variant.
fn line<'a>(cart: &'a Value, variant: &str) -> &'a Value {
    cart["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .find(|line| line["variant_id"] == variant)
        .unwrap_or_else(|| panic!("no line of {variant}: {cart}"))
}

/// `(variant, quantity)` of all lines, in their order.
fn lines(cart: &Value) -> Vec<(String, u64)> {
    let lines = cart["lines"].as_array().expect("lines").iter();
    lines
        .map(|line| {
            let quantity = line["quantity"].as_u64().expect("a quantity");
            (text(&line["variant_id"]).to_owned(), quantity)
        })
        .collect()
}

/// Changes something of a product at the version that it has then: events change it too.
async fn change(seller: &Actor, product: &str, method: Method, path: &str, body: Value) {
    until(
        "the product is changed",
        Duration::from_secs(10),
        || async {
            let page = seller.get(&format!("/v1/products/{product}")).await;
            let version = page.body["version"].as_i64().expect("a version");
            let request = seller
                .request(method.clone(), &format!("/v1/products/{product}{path}"))
                .header("if-match", format!("\"{version}\""));
            let request = if body.is_null() {
                request
            } else {
                request.json(&body)
            };
            let reply = send(request).await;
            assert!(reply.status == 412 || reply.status < 300, "{}", reply.raw);
            (reply.status < 300).then_some(())
        },
    )
    .await;
}

async fn reprice(seller: &Actor, item: &Goods, price: i64) {
    let path = format!("/variants/{}", item.variant);
    let body = json!({"price": price});
    change(seller, &item.product, Method::PATCH, &path, body).await;
}

async fn hide(seller: &Actor, item: &Goods) {
    change(seller, &item.product, Method::POST, "/hide", Value::Null).await;
}

async fn take_down(app: &App, item: &Goods) {
    let mut moderator = app.someone("Moderator").await;
    app.grant(&moderator, "moderator").await;
    moderator.sign_in().await;
    moderator
        .post(
            &format!("/v1/products/{}/take-down", item.product),
            json!({"reason": "counterfeit"}),
        )
        .await
        .expect(200);
}
