//! A seller who declines: the money goes back the way it came.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Cast, Goods, Orders, amount, books};
use crate::demo::checks::{Told, dong, until};
use crate::demo::steps::step;
use crate::progress::Progress;

pub async fn declined(
    cast: &Cast,
    goods: &Goods,
    orders: &Orders,
    told: &mut Told,
    progress: &Progress,
) -> Result<()> {
    let (dung, eva) = (&cast.dung, &cast.eva);
    let title = "Dung declines, and Eva gets her money back where it came from";
    step(progress, title, async {
        let path = format!("/v1/sales/{}/decline", orders.lamp);
        dung.post(&path, json!({"reason": "out of glass"})).await?;
        told.hears(eva, "order.declined", &orders.lamp).await?;
        told.hears(eva, "payment.refunded", &orders.lamp).await?;
        until(eva, "/v1/refunds", |refunds| {
            let refund = &refunds["items"][0];
            ensure!(
                refund["state"] == "done" && refund["amount"]["amount"] == amount::LAMP,
                "no refund of {} is done: {refunds}",
                dong(amount::LAMP)
            );
            Ok(())
        })
        .await?;
        books::wallet(dung, "in_escrow", 0).await?;
        // The last that came in goes back first: all of it was the sandbox's.
        books::wallet(eva, "available", 0).await?;
        until(dung, &format!("/v1/stock/{}", goods.lamp), |stock| {
            ensure!(stock["available"] == 10, "the lamp is not back: {stock}");
            Ok(())
        })
        .await?;
        Ok((
            (),
            format!(
                "{} by the sandbox; the lamp is back on the shelf",
                dong(amount::LAMP)
            ),
        ))
    })
    .await
}
