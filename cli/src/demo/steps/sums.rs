//! What everything comes to.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::search::{item, query};
use super::step;
use crate::demo::checks::{Told, dong, items, stock, until};
use crate::demo::client::Client;
use crate::demo::word::Word;
use crate::demo::{Cast, Goods, Orders, price};
use crate::progress::Progress;

pub async fn everything(
    cast: &Cast,
    goods: &Goods,
    orders: &Orders,
    word: &Word,
    told: &Told,
    progress: &Progress,
) -> Result<()> {
    let (an, binh, lan, tom) = (&cast.an, &cast.binh, &cast.lan, &cast.tom);
    step(progress, "the lantern sells best", async {
        let path = format!("{}&sort=best_selling", query(&word.plain));
        let leads = |page: &Value| {
            let lantern = item(page, &goods.lantern).context("the lantern is not found")?;
            ensure!(
                lantern["units_sold"] == 9,
                "9 sold units are expected: {lantern}"
            );
            let first = &items(page)[0]["id"];
            ensure!(
                first == goods.lantern.as_str(),
                "something else is first: {page}"
            );
            Ok(())
        };
        let (_, took) = until(lan, &path, leads).await?;
        Ok((
            (),
            format!(
                "9 units, first among the best sellers after {} ms",
                took.as_millis()
            ),
        ))
    })
    .await?;

    step(progress, "everybody was told everything once", async {
        let mut counts = Vec::new();
        for (name, client) in [("An", an), ("Binh", binh), ("Lan", lan), ("Tom", tom)] {
            counts.push(format!("{name} {}", told.all(client).await?));
        }
        Ok(((), counts.join(", ")))
    })
    .await?;

    step(progress, "the ledger adds up to the stock", async {
        stock(an, &goods.red, &[(&goods.saigon, 2)]).await?;
        for (seller, variant) in [(an, &goods.red), (an, &goods.blue), (binh, &goods.pot)] {
            let stock = seller.get(&format!("/v1/stock/{variant}")).await?;
            let path = format!("/v1/stock/{variant}/movements?limit=100");
            let ledger = seller.get(&path).await?;
            let sum = |column: &str| -> i64 {
                let deltas = items(&ledger).iter().filter_map(|m| m[column].as_i64());
                deltas.sum()
            };
            ensure!(
                stock["on_hand"] == sum("on_hand_delta") && sum("reserved_delta") == 0,
                "the ledger says otherwise: {stock}, {ledger}"
            );
        }
        Ok((
            (),
            "11 in, 9 out, 2 left; 8 in, 2 out, 2 back, 8 left".into(),
        ))
    })
    .await?;

    step(progress, "and so does the money", async {
        let lanterns = 8 * price::RED_LATER;
        let pots = 2 * price::POT;
        let (sold, declined) = (sums(an, "sales").await?, sums(binh, "sales").await?);
        ensure!(
            sold == [("completed".into(), lanterns + price::RED_LATER)],
            "An's sales are {sold:?}"
        );
        ensure!(
            declined == [("cancelled".into(), pots)],
            "Binh's sales are {declined:?}"
        );
        let bought = sums(tom, "orders").await?;
        ensure!(
            bought == [("cancelled".into(), pots), ("completed".into(), lanterns)],
            "Tom's orders are {bought:?}"
        );
        let order = tom
            .get(&format!("/v1/orders/{}", orders.toms_lanterns))
            .await?;
        ensure!(
            order["total"]["amount"] == lanterns && order["lines"][0]["quantity"] == 8,
            "Tom pays something else: {order}"
        );
        Ok((
            (),
            format!(
                "{} for An, of which {} from Tom; nothing for Binh",
                dong(lanterns + price::RED_LATER),
                dong(lanterns)
            ),
        ))
    })
    .await
}

/// Sums of somebody's orders or sales by state, sorted by state.
async fn sums(client: &Client, list: &str) -> Result<Vec<(String, i64)>> {
    let page = client.get(&format!("/v1/{list}?limit=100")).await?;
    let mut sums = std::collections::BTreeMap::<String, i64>::new();
    for order in items(&page) {
        let status = order["status"].as_str().unwrap_or_default();
        let amount = order["total"]["amount"].as_i64();
        *sums.entry(status.to_owned()).or_default() += amount.context("an order has no total")?;
    }
    Ok(sums.into_iter().collect())
}
