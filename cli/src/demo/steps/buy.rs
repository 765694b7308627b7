//! Orders, cash on delivery.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::cart::cart_of;
use super::step;
use crate::demo::checks::{Told, dong, stock};
use crate::demo::client::{key, text};
use crate::demo::{Cast, Goods, Orders, price};
use crate::progress::Progress;

const TOM: i64 = 8 * price::RED_LATER + 2 * price::POT;

pub async fn everything(
    cast: &Cast,
    goods: &Goods,
    told: &mut Told,
    progress: &Progress,
) -> Result<Orders> {
    let (an, binh, lan, tom) = (&cast.an, &cast.binh, &cast.lan, &cast.tom);
    let contact = step(progress, "Tom saves where he lives", async {
        let contact = json!({
            "receiver": "Tom Baker", "phone": "+84901234567", "address_lines": ["36 Xuân Thủy"],
            "city": "Thành phố Hồ Chí Minh", "country": "VN",
        });
        let contact = tom.post("/v1/me/contacts", contact).await?;
        ensure!(
            contact["is_default_delivery"] == true,
            "the first contact is not the default: {contact}"
        );
        Ok((
            text(&contact["id"])?,
            "the first contact is the default".into(),
        ))
    })
    .await?;

    let title = "Tom orders what is selected, cash on delivery";
    let (toms_lanterns, toms_pots) = step(progress, title, async {
        let body = json!({"cart": true, "contact_id": contact, "provider": "cod"});
        let key = key();
        let placed = tom.post_keyed("/v1/checkouts", &key, &body).await?;
        ensure!(
            placed["total"]["amount"] == TOM,
            "a total of {TOM} is expected: {placed}"
        );
        let again = tom.post_keyed("/v1/checkouts", &key, &body).await?;
        ensure!(
            again["id"] == placed["id"],
            "the same key made another checkout: {again}"
        );
        let orders = placed["orders"].as_array().map_or(0, Vec::len);
        ensure!(
            orders == 2,
            "one order for each seller is expected: {placed}"
        );
        let lanterns = order_of(&placed, &an.id)?;
        let pots = order_of(&placed, &binh.id)?;
        let order = tom.get(&format!("/v1/orders/{lanterns}")).await?;
        ensure!(
            order["delivery"]["receiver"] == "Tom Baker",
            "the contact is not in the order: {order}"
        );
        cart_of(tom, 1, 0).await?;
        let found = format!(
            "one order for each seller, {} together, repeated without harm",
            dong(TOM)
        );
        Ok(((lanterns, pots), found))
    })
    .await?;

    let title = "stock went down, in Hà Nội first";
    step(progress, title, async {
        stock(an, &goods.red, &[(&goods.hanoi, 0), (&goods.saigon, 3)]).await?;
        stock(an, &goods.blue, &[(&goods.hanoi, 4)]).await?;
        stock(binh, &goods.pot, &[(&goods.hue, 6)]).await?;
        let took = told.hears(an, "inventory.low", &goods.red).await?;
        let found = format!(
            "6 + 5 became 0 + 3; An is told that it is low after {} ms",
            took.as_millis()
        );
        Ok(((), found))
    })
    .await?;

    let title = "An cannot buy from An, Lan can";
    let lans_lantern = step(progress, title, async {
        let body = json!({
            "lines": [{"variant_id": goods.red, "quantity": 1, "unit_price": price::RED_LATER}],
            "provider": "cod", "delivery": somewhere(),
        });
        an.post_refused("/v1/checkouts", body.clone(), "own_goods")
            .await?;
        let placed = lan.post("/v1/checkouts", body).await?;
        stock(an, &goods.red, &[(&goods.saigon, 2)]).await?;
        Ok((
            order_of(&placed, &an.id)?,
            "refused as own_goods; 2 left".into(),
        ))
    })
    .await?;

    step(progress, "the sellers are told of their orders", async {
        told.hears(an, "order.placed", &toms_lanterns).await?;
        told.hears(an, "order.placed", &lans_lantern).await?;
        told.hears(binh, "order.placed", &toms_pots).await?;
        binh.get_refused(&format!("/v1/sales/{toms_lanterns}"), "not_found")
            .await?;
        Ok((
            (),
            "two for An, one for Binh, and none sees the other's".into(),
        ))
    })
    .await?;
    Ok(Orders {
        toms_lanterns,
        toms_pots,
        lans_lantern,
    })
}

/// An address without an entry in an address book.
pub fn somewhere() -> Value {
    json!({
        "receiver": "Lan", "phone": "+84901234568", "address_lines": ["12 Hàng Bạc"],
        "city": "Hà Nội", "country": "VN",
    })
}

/// The order of a checkout that goes to a seller.
pub fn order_of(checkout: &Value, seller: &str) -> Result<String> {
    let orders = checkout["orders"].as_array();
    let order = orders
        .and_then(|orders| orders.iter().find(|order| order["seller_id"] == seller))
        .with_context(|| format!("there is no order for {seller}: {checkout}"))?;
    text(&order["id"])
}
