//! The main job, step by step: a seller lists, a follower hears of it and buys, the seller
//! confirms, and stock is right.

mod client;

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use crate::progress::Progress;
use client::{Client, text};

/// How long an event may take to arrive.
const PATIENCE: Duration = Duration::from_secs(15);

/// Plays the demo against the shop at `url`.
pub async fn play(url: &str, progress: &Progress) -> Result<()> {
    let start = Instant::now();
    let step = |what: &str| progress.step(what.to_owned());

    let s = step("two people register and sign in");
    let seller = Client::register(url, "Mai").await?;
    let buyer = Client::register(url, "Lan").await?;
    s.done(format!("{} and {}", seller.username, buyer.username));

    let s = step("the buyer follows the seller");
    buyer
        .put(&format!("/v1/me/following/{}", seller.id))
        .await?;
    let following = buyer.get("/v1/me/following").await?;
    ensure!(
        following["items"].as_array().is_some_and(|i| i.len() == 1),
        "the follow is not listed: {following}"
    );
    s.done("listed among those followed");

    let s = step("the seller lists a lantern and puts 10 on the shelf");
    let category = "00000000-0000-7000-8000-000000000001";
    let page = seller
        .post("/v1/products", json!({
            "name": "Paper lantern", "category_id": category, "currency": "VND", "publish": true,
            "slug": format!("lantern-{}", seller.username),
            "variants": [{"sku": "RED", "attributes": {"colour": "red"}, "price": 120_000}],
        }))
        .await?;
    let product = text(&page["id"])?;
    let variant = text(&page["variants"][0]["id"])?;
    seller
        .post(
            "/v1/stock/imports",
            json!({"lines": [{"variant_id": variant, "quantity": 10}], "reason": "first delivery"}),
        )
        .await?;
    expect_stock(&seller, &variant, 10).await?;
    let seen = buyer.get(&format!("/v1/products/{product}")).await?;
    ensure!(
        seen["variants"][0]["price"]["amount"] == 120_000,
        "the page shows another price: {seen}"
    );
    s.done("the page shows it, 10 in stock");

    let s = step("the follower is notified of the listing");
    let took = notified(&buyer, "product.listed", &product).await?;
    s.done(format!("after {} ms", took.as_millis()));

    let s = step("the buyer orders two, cash on delivery");
    let placed = buyer
        .post("/v1/checkouts", json!({
            "lines": [{"variant_id": variant, "quantity": 2, "unit_price": 120_000}],
            "provider": "cod",
            "delivery": {"receiver": "Lan", "phone": "+84901234567", "address_lines": ["12 Hàng Bạc"],
                         "city": "Hà Nội", "country": "VN"},
        }))
        .await?;
    ensure!(
        placed["total"]["amount"] == 240_000,
        "the total is wrong: {placed}"
    );
    let order = text(&placed["orders"][0]["id"])?;
    expect_stock(&seller, &variant, 8).await?;
    s.done("240 000 ₫, 8 left");

    let s = step("the seller is notified and confirms");
    let took = notified(&seller, "order.placed", &order).await?;
    let sale = seller
        .post(&format!("/v1/sales/{order}/confirm"), json!({}))
        .await?;
    ensure!(
        sale["status"] == "confirmed",
        "the order is not confirmed: {sale}"
    );
    s.done(format!("notified after {} ms", took.as_millis()));

    let s = step("the buyer sees it confirmed, and hears of it");
    let seen = buyer.get(&format!("/v1/orders/{order}")).await?;
    ensure!(
        seen["status"] == "confirmed",
        "the buyer sees another state: {seen}"
    );
    notified(&buyer, "order.confirmed", &order).await?;
    let unread = buyer.get("/v1/notifications/unread-count").await?;
    ensure!(
        unread["count"] == 2,
        "two notifications are expected: {unread}"
    );
    s.done("2 unread notifications");

    let s = step("a second order is declined, and its stock comes back");
    let placed = buyer
        .post("/v1/checkouts", json!({
            "lines": [{"variant_id": variant, "quantity": 8}], "provider": "cod",
            "delivery": {"receiver": "Lan", "phone": "+84901234567", "address_lines": ["12 Hàng Bạc"],
                         "city": "Hà Nội", "country": "VN"},
        }))
        .await?;
    let second = text(&placed["orders"][0]["id"])?;
    expect_stock(&seller, &variant, 0).await?;
    seller
        .post(
            &format!("/v1/sales/{second}/decline"),
            json!({"reason": "damaged"}),
        )
        .await?;
    expect_stock(&seller, &variant, 8).await?;
    s.done("0 left, then 8 again");

    progress.say(format!(
        "The demo passed in {:.1} s.",
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// Waits until the seller's stock of the variant is what it should be.
async fn expect_stock(seller: &Client, variant: &str, available: i64) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let stock = seller.get(&format!("/v1/stock/{variant}")).await?;
        if stock["available"] == available {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("{available} available are expected: {stock}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits for exactly one notification of a kind about a thing.
async fn notified(client: &Client, kind: &str, about: &str) -> Result<Duration> {
    let start = Instant::now();
    loop {
        let list = client.get("/v1/notifications?limit=100").await?;
        let hits = |n: &&Value| n["kind"] == kind && n["data"].to_string().contains(about);
        let count = list["items"]
            .as_array()
            .map_or(0, |items| items.iter().filter(hits).count());
        ensure!(count <= 1, "notified {count} times of {kind}");
        if count == 1 {
            return Ok(start.elapsed());
        }
        if start.elapsed() > PATIENCE {
            bail!(
                "no notification {kind} within {} s; is the worker running? See cargo stoa doctor",
                PATIENCE.as_secs()
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
