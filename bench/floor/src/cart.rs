//! A cart: setting a line takes two statements, reading it three.

use std::collections::BTreeMap;

use http::request::Parts;
use spin_sdk::http::Request;
use spin_sdk::pg::{DbValue, ParameterValue};
use uuid::Uuid;

use crate::Failure;
use crate::cart_view::{Kept, Offer, cart};
use crate::database::{
    CATALOG, INVENTORY, ORDER, boolean, jsonb, number, row, rows, text, texts, uuid,
};
use crate::request::{BUYER, document, header, member};

/// Sets a line's quantity.
pub async fn put(request: Request, variant: &str) -> Result<String, Failure> {
    let (parts, body) = request.into_parts();
    let buyer = header(&parts, BUYER)?;
    let wish = document(body).await?;
    let quantity = member(&wish, "/quantity")?
        .as_i64()
        .ok_or("a quantity is a number")?;
    let found = offers([variant]).await?;
    let offer = found.first().ok_or("no such variant")?;
    let written = row(
        ORDER,
        "SELECT \"order\".put_cart_line_v1($1, $2, $3, $4, $5)",
        vec![
            uuid(&buyer),
            ParameterValue::DbNull,
            jsonb(&offer.line())?,
            ParameterValue::Int32(quantity.try_into()?),
            ParameterValue::DbNull,
        ],
    )
    .await?;
    Ok(text(&written, 0)?.to_owned())
}

/// The cart with what the shop says of its lines, which is asked for side by side.
pub async fn read(parts: &Parts) -> Result<String, Failure> {
    let buyer = header(parts, BUYER)?;
    let found = row(
        ORDER,
        "SELECT version, lines FROM \"order\".cart_v1($1, $2)",
        vec![uuid(&buyer), ParameterValue::DbNull],
    )
    .await?;
    let kept: Vec<Kept> = serde_json::from_str(text(&found, 1)?)?;
    let (offers, available) = futures::future::join(
        offers(kept.iter().map(|line| line.variant_id)),
        rows(
            INVENTORY,
            "SELECT * FROM inventory.look_v1($1::text[]::uuid[], $2::text[]::uuid[])",
            vec![
                texts(kept.iter().map(|line| line.variant_id)),
                texts(kept.iter().map(|line| line.seller_id)),
            ],
        ),
    )
    .await;
    let available: Result<BTreeMap<Uuid, i64>, Failure> = available?
        .iter()
        .map(|row| Ok((text(row, 0)?.parse()?, number(row, 2)?)))
        .collect();
    Ok(cart(
        buyer.parse()?,
        number(&found, 0)?,
        kept,
        &offers?,
        &available?,
    )?)
}

async fn offers(variants: impl IntoIterator<Item = impl ToString>) -> Result<Vec<Offer>, Failure> {
    let statement = "SELECT * FROM catalog.get_variants_v1($1)";
    let found = rows(CATALOG, statement, vec![texts(variants)]).await?;
    found.iter().map(|row| offer(row)).collect()
}

fn offer(row: &[DbValue]) -> Result<Offer, Failure> {
    Ok(Offer {
        variant: text(row, 0)?.parse()?,
        product: text(row, 1)?.parse()?,
        seller: text(row, 2)?.parse()?,
        name: text(row, 3)?.to_owned(),
        attributes: serde_json::from_str(text(row, 4)?)?,
        sku: text(row, 5)?.to_owned(),
        price: number(row, 6)?,
        currency: text(row, 7)?.to_owned(),
        status: text(row, 8)?.to_owned(),
        enabled: boolean(row, 9)?,
        min: number(row, 11)?,
        max: number(row, 12)?,
    })
}
