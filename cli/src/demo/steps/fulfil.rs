//! From the order to the end: confirmed, sent, delivered and completed, or declined.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::step;
use crate::demo::checks::{Told, items, stock};
use crate::demo::client::Client;
use crate::demo::{Cast, Goods, Orders};
use crate::progress::Progress;

pub async fn send(
    cast: &Cast,
    orders: &Orders,
    told: &mut Told,
    progress: &Progress,
) -> Result<()> {
    let an = &cast.an;
    // Each with who bought it.
    let lanterns = [
        (&cast.tom, orders.toms_lanterns.as_str()),
        (&cast.lan, orders.lans_lantern.as_str()),
    ];
    step(progress, "An confirms both orders at once", async {
        let ids = [
            &orders.toms_lanterns,
            &orders.lans_lantern,
            &orders.toms_pots,
        ];
        let outcomes = an
            .post("/v1/sales/confirmations", json!({"order_ids": ids}))
            .await?;
        let found: Vec<&Value> = items(&outcomes).iter().map(|o| &o["outcome"]).collect();
        ensure!(
            found == ["confirmed", "confirmed", "not_found"],
            "another outcome is expected: {outcomes}"
        );
        for (buyer, order) in lanterns {
            told.hears(buyer, "order.confirmed", order).await?;
            is_now(buyer, order, "confirmed").await?;
        }
        Ok(((), "Binh's stays out of reach; Tom and Lan are told".into()))
    })
    .await?;

    step(progress, "An sends them with tracking numbers", async {
        for (number, (buyer, order)) in (1..).zip(lanterns) {
            let tracking = format!("VN-{}-{number}", &order[order.len() - 8..]);
            let body = json!({"carrier": "Viettel Post", "tracking_number": tracking});
            an.post(&format!("/v1/sales/{order}/ship"), body).await?;
            told.hears(buyer, "order.shipped", order).await?;
            let seen = is_now(buyer, order, "shipped").await?;
            ensure!(
                seen["shipment"]["tracking_number"] == tracking.as_str(),
                "the buyer does not see the tracking number: {seen}"
            );
        }
        let cancel = format!("/v1/orders/{}/cancel", orders.toms_lanterns);
        cast.tom
            .post_refused(&cancel, json!({}), "wrong_state")
            .await?;
        Ok(((), "the buyers see them, and can no longer cancel".into()))
    })
    .await?;

    step(
        progress,
        "they are delivered, and the buyers complete",
        async {
            for (buyer, order) in lanterns {
                an.post(&format!("/v1/sales/{order}/deliver"), json!({}))
                    .await?;
                told.hears(buyer, "order.delivered", order).await?;
                buyer
                    .post(&format!("/v1/orders/{order}/complete"), json!({}))
                    .await?;
                let seen = is_now(buyer, order, "completed").await?;
                let states: Vec<&Value> = seen["history"]
                    .as_array()
                    .map_or(&[][..], Vec::as_slice)
                    .iter()
                    .map(|change| &change["to"])
                    .collect();
                let all = [
                    "awaiting_confirmation",
                    "confirmed",
                    "shipped",
                    "delivered",
                    "completed",
                ];
                ensure!(states == all, "the history is another one: {seen}");
                told.hears(an, "order.completed", order).await?;
                // What An collected at the door, less the commission that she owes.
                told.hears(an, "payout.released", order).await?;
            }
            Ok(((), "five states in each history; An is told of both".into()))
        },
    )
    .await
}

pub async fn decline(
    cast: &Cast,
    goods: &Goods,
    orders: &Orders,
    told: &mut Told,
    progress: &Progress,
) -> Result<()> {
    let (binh, tom, order) = (&cast.binh, &cast.tom, orders.toms_pots.as_str());
    step(
        progress,
        "Binh declines, and the teapots come back",
        async {
            let body = json!({"reason": "cracked in the kiln"});
            binh.post(&format!("/v1/sales/{order}/decline"), body)
                .await?;
            stock(binh, &goods.pot, &[(&goods.hue, 8)]).await?;
            told.hears(tom, "order.declined", order).await?;
            let seen = is_now(tom, order, "cancelled").await?;
            ensure!(
                seen["ended_by"] == "seller" && seen["reason"] == "cracked in the kiln",
                "the buyer does not see why: {seen}"
            );
            Ok(((), "8 again, and Tom is told why".into()))
        },
    )
    .await
}

async fn is_now(buyer: &Client, order: &str, status: &str) -> Result<Value> {
    let seen = buyer.get(&format!("/v1/orders/{order}")).await?;
    ensure!(seen["status"] == status, "{status} is expected: {seen}");
    Ok(seen)
}
