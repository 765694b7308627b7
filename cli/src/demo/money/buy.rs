//! A checkout that is paid by wallet and gateway, and one that is not paid.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::operator::Operator;
use super::{Cast, Goods, Orders, amount, books};
use crate::demo::checks::{Told, dong, until};
use crate::demo::client::{Client, text};
use crate::demo::steps::buy::{order_of, somewhere};
use crate::demo::steps::step;
use crate::progress::Progress;

pub async fn from_both(
    cast: &Cast,
    goods: &Goods,
    told: &mut Told,
    progress: &Progress,
) -> Result<Orders> {
    let eva = &cast.eva;
    let title = "Eva tries the code on two vases and a lamp";
    step(progress, title, async {
        for (variant, quantity) in [(&goods.vase, 2), (&goods.lamp, 1)] {
            let path = format!("/v1/cart/lines/{variant}");
            eva.put(&path, json!({"quantity": quantity})).await?;
        }
        let preview = json!({"codes": [goods.code, "NO-SUCH"]});
        let preview = eva.post("/v1/cart/preview", preview).await?;
        ensure!(
            preview["discount"]["amount"] == amount::OFF,
            "{} off are expected: {preview}",
            dong(amount::OFF)
        );
        ensure!(
            preview["unused"].to_string().contains("unknown_code"),
            "the unknown code is not explained: {preview}"
        );
        Ok((
            (),
            format!(
                "{} off the vases; an unknown code is explained",
                dong(amount::OFF)
            ),
        ))
    })
    .await?;

    let due = amount::VASES_PAID + amount::LAMP - amount::GIFT;
    let title = "Eva checks out: the wallet first, the sandbox for the rest";
    let (checkout, page) = step(progress, title, async {
        let body = json!({
            "cart": true, "codes": [goods.code], "use_wallet": true, "provider": "sandbox",
            "delivery": somewhere(),
        });
        let checkout = eva.post("/v1/checkouts", body).await?;
        ensure!(
            checkout["status"] == "awaiting_payment"
                && checkout["payment"]["from_wallet"]["amount"] == amount::GIFT
                && checkout["total"]["amount"] == due + amount::GIFT,
            "it does not wait for its payment as it should: {checkout}"
        );
        books::wallet(eva, "available", 0).await?;
        let page = text(&checkout["payment"]["pay_url"])?;
        let html = eva.page(&page).await?;
        ensure!(
            html.contains("<form"),
            "there is nothing to pay with on {page}"
        );
        let found = format!(
            "{} from the wallet, {} to pay at the sandbox's page",
            dong(amount::GIFT),
            dong(due)
        );
        Ok(((text(&checkout["id"])?, page), found))
    })
    .await?;

    let title = "Eva pays on the page, and there is an order for each seller";
    step(progress, title, async {
        eva.choose(&page, "pay").await?;
        let path = format!("/v1/checkouts/{checkout}");
        let (placed, took) = until(eva, &path, |checkout| {
            ensure!(
                checkout["status"] == "placed",
                "it is not placed: {checkout}"
            );
            Ok(())
        })
        .await?;
        let vases = order_of(&placed, &cast.chi.id)?;
        let lamp = order_of(&placed, &cast.dung.id)?;
        told.hears(&cast.chi, "order.placed", &vases).await?;
        told.hears(&cast.dung, "order.placed", &lamp).await?;
        books::wallet(&cast.chi, "in_escrow", amount::VASES_PAID).await?;
        books::wallet(&cast.dung, "in_escrow", amount::LAMP).await?;
        books::wallet(&cast.chi, "available", 0).await?;
        let found = format!(
            "after {} ms; {} and {} are held in escrow",
            took.as_millis(),
            dong(amount::VASES_PAID),
            dong(amount::LAMP)
        );
        Ok((Orders { vases, lamp }, found))
    })
    .await
}

/// A checkout that waits until it is over.
pub async fn nothing(
    cast: &Cast,
    goods: &Goods,
    operator: &Operator,
    told: &mut Told,
    progress: &Progress,
) -> Result<()> {
    let eva = &cast.eva;
    let title = "Eva checks out a vase and forgets to pay: a day passes";
    step(progress, title, async {
        let body = json!({
            "lines": [{"variant_id": goods.vase, "quantity": 1}], "codes": [goods.code],
            "provider": "sandbox", "delivery": somewhere(),
        });
        let checkout = eva.post("/v1/checkouts", body).await?;
        let id = text(&checkout["id"])?;
        shelf(&cast.chi, &goods.vase, 8, 1).await?;
        for hours in ["4 hours 1 minute", "8 hours", "10 hours"] {
            operator.pass(hours).await?;
            told.hears(eva, "checkout.reminder_due", &id).await?;
            told.forget_last();
        }
        operator.pass("2 hours").await?;
        told.hears(eva, "checkout.expired", &id).await?;
        let expired = eva.get(&format!("/v1/checkouts/{id}")).await?;
        ensure!(
            expired["status"] == "expired",
            "it is not expired: {expired}"
        );
        shelf(&cast.chi, &goods.vase, 8, 0).await?;
        let usage = cast.chi.get("/v1/promotions").await?;
        let held = usage["items"][0]["usage"]["held_uses"]
            .as_i64()
            .or_else(|| usage["items"][0]["held_uses"].as_i64());
        ensure!(
            held.unwrap_or(0) == 0,
            "the code's use is still held: {usage}"
        );
        Ok((
            (),
            "reminded at 4, 12 and 22 hours, expired at 24; vase and code are back".into(),
        ))
    })
    .await
}

/// Waits until so many units lie there, and so many of them are reserved.
async fn shelf(seller: &Client, variant: &str, on_hand: i64, reserved: i64) -> Result<Value> {
    let (stock, _) = until(seller, &format!("/v1/stock/{variant}"), |stock| {
        let shelf = stock["warehouses"].get(0).context("no warehouse")?;
        ensure!(
            shelf["on_hand"] == on_hand && shelf["reserved"] == reserved,
            "{on_hand} units with {reserved} reserved are expected: {stock}"
        );
        Ok(())
    })
    .await?;
    Ok(stock)
}
