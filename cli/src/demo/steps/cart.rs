//! A guest's cart, its merging into an account's, and a price that changes meanwhile.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::step;
use crate::demo::checks::dong;
use crate::demo::client::{Client, text};
use crate::demo::{Cast, Goods, price};
use crate::progress::Progress;

pub async fn of_a_guest(cast: &mut Cast, goods: &Goods, progress: &Progress) -> Result<()> {
    let sum = 8 * price::RED + 2 * price::POT;
    let title = "the guest fills a cart from both sellers";
    step(progress, title, async {
        let guest = &mut cast.tom;
        let cart = guest.post("/v1/cart", Value::Null).await?;
        guest.cart_token = Some(text(&cart["token"])?);
        put(guest, &goods.red, json!({"quantity": 8})).await?;
        put(guest, &goods.pot, json!({"quantity": 2})).await?;
        put(
            guest,
            &goods.blue,
            json!({"quantity": 1, "selected": false}),
        )
        .await?;
        let cart = cart_of(guest, 3, sum).await?;
        let sellers = cart["totals"][0]["sellers"].as_array().map_or(0, Vec::len);
        ensure!(sellers == 2, "two sellers are expected: {cart}");
        Ok((
            (),
            format!(
                "8 red lanterns and 2 teapots, {}; a blue one for later",
                dong(sum)
            ),
        ))
    })
    .await?;

    let title = "the guest registers as Tom and takes the cart along";
    step(progress, title, async {
        let tom = &mut cast.tom;
        let token = tom.cart_token.take().context("there is no cart")?;
        tom.sign_up("Tom").await?;
        tom.post("/v1/cart/merge", json!({"cart_token": token}))
            .await?;
        cart_of(tom, 3, sum).await?;
        let stranger = tom.stranger(&token)?;
        stranger.get_refused("/v1/cart", "not_found").await?;
        Ok((
            (),
            "the same lines and sum; the guest's cart is gone".into(),
        ))
    })
    .await
}

pub async fn changed_price(cast: &Cast, goods: &Goods, progress: &Progress) -> Result<()> {
    let (an, tom) = (&cast.an, &cast.tom);
    step(progress, "An raises the price of red lanterns", async {
        let page = format!("/v1/products/{}", goods.lantern);
        let path = format!("{page}/variants/{}", goods.red);
        an.patch(&path, &page, json!({"price": price::RED_LATER}))
            .await?;
        let cart = tom.get("/v1/cart").await?;
        let line = line(&cart, &goods.red)?;
        ensure!(
            line["status"] == "price_changed"
                && line["old"]["amount"] == price::RED
                && line["new"]["amount"] == price::RED_LATER,
            "the cart does not show the new price: {line}"
        );
        Ok((
            (),
            format!(
                "Tom's cart shows {} and {}",
                dong(price::RED),
                dong(price::RED_LATER)
            ),
        ))
    })
    .await?;

    let title = "the checkout refuses the old price, and Tom accepts the new one";
    step(progress, title, async {
        let body = json!({"cart": true, "provider": "cod", "delivery": super::buy::somewhere()});
        let problem = tom
            .post_refused("/v1/checkouts", body, "price_changed")
            .await?;
        let changed = &problem["lines"][0];
        ensure!(
            changed["variant_id"] == goods.red.as_str()
                && changed["new"]["amount"] == price::RED_LATER,
            "the refusal does not name the line: {problem}"
        );
        put(tom, &goods.red, json!({"quantity": 8})).await?;
        let cart = cart_of(tom, 3, 8 * price::RED_LATER + 2 * price::POT).await?;
        let line = line(&cart, &goods.red)?;
        ensure!(line["status"] == "ok", "the price is not accepted: {line}");
        Ok((
            (),
            "named in the refusal, and no longer marked in the cart".into(),
        ))
    })
    .await
}

async fn put(client: &Client, variant: &str, body: Value) -> Result<()> {
    client
        .put(&format!("/v1/cart/lines/{variant}"), body)
        .await?;
    Ok(())
}

/// The cart, after making sure of its number of lines and the sum of those that are selected.
pub async fn cart_of(client: &Client, lines: usize, sum: i64) -> Result<Value> {
    let cart = client.get("/v1/cart").await?;
    let found = cart["lines"].as_array().map_or(0, Vec::len);
    ensure!(found == lines, "{lines} lines are expected: {cart}");
    let total = cart["totals"][0]["total"]["amount"].as_i64().unwrap_or(0);
    ensure!(total == sum, "a total of {sum} is expected: {cart}");
    Ok(cart)
}

fn line<'a>(cart: &'a Value, variant: &str) -> Result<&'a Value> {
    let lines = cart["lines"].as_array();
    lines
        .and_then(|lines| lines.iter().find(|line| line["variant_id"] == variant))
        .with_context(|| format!("{variant} is not in the cart: {cart}"))
}
