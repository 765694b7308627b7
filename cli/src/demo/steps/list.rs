//! Sellers set up warehouses, list goods and put stock on the shelves.

use anyhow::Result;
use serde_json::json;

use super::step;
use crate::demo::checks::{Told, stock};
use crate::demo::client::{Client, text};
use crate::demo::word::Word;
use crate::demo::{Cast, Goods, price};
use crate::progress::Progress;

/// Where everything goes that has no category of its own; the migrations bring it.
const CATEGORY: &str = "00000000-0000-7000-8000-000000000001";

pub async fn everything(
    cast: &Cast,
    word: &Word,
    told: &mut Told,
    progress: &Progress,
) -> Result<Goods> {
    let (an, binh) = (&cast.an, &cast.binh);
    let [hanoi, saigon, hue] = step(progress, "An sets up two warehouses, Binh one", async {
        let warehouses = [
            warehouse(an, "Hà Nội", 1).await?,
            warehouse(an, "Sài Gòn", 2).await?,
            warehouse(binh, "Huế", 1).await?,
        ];
        Ok((warehouses, "An's orders are taken from Hà Nội first".into()))
    })
    .await?;

    let title = "they list a lantern in two colours and a teapot";
    let goods = step(progress, title, async {
        let lantern = json!({
            "name": format!("Đèn lồng {}", word.written), "slug": format!("lantern-{}", an.username),
            "description": "Silk on bamboo, made by hand.",
            "category_id": CATEGORY, "currency": "VND", "publish": true,
            "variants": [
                {"sku": "RED", "attributes": {"colour": "red"}, "price": price::RED},
                {"sku": "BLUE", "attributes": {"colour": "blue"}, "price": price::BLUE},
            ],
        });
        let teapot = json!({
            "name": format!("Ấm trà {}", word.written), "slug": format!("teapot-{}", binh.username),
            "category_id": CATEGORY, "currency": "VND", "publish": true,
            "variants": [{"sku": "POT", "price": price::POT}],
        });
        let lantern = an.post("/v1/products", lantern).await?;
        let teapot = binh.post("/v1/products", teapot).await?;
        let goods = Goods {
            lantern: text(&lantern["id"])?,
            red: text(&lantern["variants"][0]["id"])?,
            blue: text(&lantern["variants"][1]["id"])?,
            teapot: text(&teapot["id"])?,
            pot: text(&teapot["variants"][0]["id"])?,
            hanoi,
            saigon,
            hue,
        };
        // The listing itself is what search reads: no event has to arrive first.
        super::search::finds(&cast.lan, &word.written, &[&goods.lantern, &goods.teapot]).await?;
        Ok((goods, "search finds both at once".into()))
    })
    .await?;

    let title = "stock arrives: lanterns in both warehouses, teapots in one";
    step(progress, title, async {
        import(an, &goods.hanoi, &[(&goods.red, 6), (&goods.blue, 4)]).await?;
        import(an, &goods.saigon, &[(&goods.red, 5)]).await?;
        import(binh, &goods.hue, &[(&goods.pot, 8)]).await?;
        let settings = json!({"serial_tracked": false, "low_stock_threshold": 4});
        an.put(&format!("/v1/stock/{}/settings", goods.red), settings)
            .await?;
        stock(an, &goods.red, &[(&goods.hanoi, 6), (&goods.saigon, 5)]).await?;
        stock(an, &goods.blue, &[(&goods.hanoi, 4)]).await?;
        stock(binh, &goods.pot, &[(&goods.hue, 8)]).await?;
        let found = "11 red ones, 6 + 5; An is to be told when 4 are left";
        Ok(((), found.into()))
    })
    .await?;

    step(
        progress,
        "Lan is told of the lantern, and of nothing else",
        async {
            let took = told
                .hears(&cast.lan, "product.listed", &goods.lantern)
                .await?;
            told.all(&cast.lan).await?;
            Ok(((), format!("after {} ms", took.as_millis())))
        },
    )
    .await?;
    Ok(goods)
}

async fn warehouse(seller: &Client, name: &str, priority: i32) -> Result<String> {
    let body = json!({"name": name, "priority": priority});
    text(&seller.post("/v1/warehouses", body).await?["id"])
}

async fn import(seller: &Client, warehouse: &str, lines: &[(&str, u32)]) -> Result<()> {
    let lines: Vec<_> = lines
        .iter()
        .map(|(variant, quantity)| json!({"variant_id": variant, "quantity": quantity}))
        .collect();
    let body = json!({"warehouse_id": warehouse, "lines": lines, "reason": "first delivery"});
    seller.post("/v1/stock/imports", body).await?;
    Ok(())
}
