//! `/v1/cart`: the statements that the app runs, and what it makes of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::ETAG;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use deadpool_postgres::Object;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::cart_view::{Kept, Offer, cart};
use crate::shop::{Failure, Shop, all, hex, json_text, one, refused};

/// A guest's cart would have one.
const NO_TOKEN: Option<Vec<u8>> = None;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    quantity: i32,
    selected: Option<bool>,
}

/// Sets a line.
pub async fn put(
    State(shop): State<Arc<Shop>>,
    Path(variant): Path<Uuid>,
    headers: HeaderMap,
    Json(wanted): Json<Wanted>,
) -> Result<Response, Failure> {
    let db = shop.db().await?;
    let buyer = shop.authority.caller(&headers, &db).await?;
    let offers = offers(&db, &[variant]).await?;
    let offer = offers.first().filter(|offer| offer.why_not().is_none());
    let offer = offer.ok_or_else(|| refused("not for sale"))?;
    if offer.seller == buyer || !(1..=999).contains(&wanted.quantity) {
        return Err(refused("not for sale"));
    }
    let written = one(
        &db,
        "SELECT \"order\".put_cart_line_v1($1, $2, $3, $4, $5)",
        &[
            &buyer,
            &NO_TOKEN,
            &serde_json::to_value(offer.line())?,
            &wanted.quantity,
            &wanted.selected,
        ],
    )
    .await?;
    Ok(json_text(StatusCode::OK, written.try_get(0)?))
}

/// The cart with what the shop says of its lines now.
pub async fn read(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Result<Response, Failure> {
    let db = shop.db().await?;
    let buyer = shop.authority.caller(&headers, &db).await?;
    let found = one(
        &db,
        "SELECT version, lines FROM \"order\".cart_v1($1, $2)",
        &[&buyer, &NO_TOKEN],
    )
    .await?;
    let kept: Vec<Kept> = serde_json::from_str(found.try_get(1)?)?;
    let variants: Vec<Uuid> = kept.iter().map(|line| line.variant_id).collect();
    let sellers: Vec<Uuid> = kept.iter().map(|line| line.seller_id).collect();
    let shelves = [texts(&variants), texts(&sellers)];
    let shelves: [&(dyn ToSql + Sync); 2] = [&shelves[0], &shelves[1]];
    // Side by side, as the app runs them; here on one connection, which pipelines them.
    let (offers, available) = tokio::join!(
        offers(&db, &variants),
        all(
            &db,
            "SELECT * FROM inventory.look_v1($1::text[]::uuid[], $2::text[]::uuid[])",
            &shelves,
        ),
    );
    let available: Result<BTreeMap<Uuid, i64>, Failure> = available?
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(2)?)))
        .collect();
    let text = cart(buyer, found.try_get(0)?, kept, &offers?, &available?)?;
    let tag = format!("\"{}\"", hex(&Sha256::digest(&text)[..16]));
    let mut response = json_text(StatusCode::OK, text);
    response
        .headers_mut()
        .insert(ETAG, HeaderValue::from_str(&tag)?);
    Ok(response)
}

async fn offers(db: &Object, variants: &[Uuid]) -> Result<Vec<Offer>, Failure> {
    let statement = "SELECT * FROM catalog.get_variants_v1($1)";
    let rows = all(db, statement, &[&texts(variants)]).await?;
    rows.iter().map(offer).collect()
}

fn offer(row: &Row) -> Result<Offer, Failure> {
    Ok(Offer {
        variant: row.try_get("variant_id")?,
        product: row.try_get("product_id")?,
        seller: row.try_get("seller_id")?,
        name: row.try_get("product_name")?,
        sku: row.try_get("code")?,
        attributes: serde_json::from_str(row.try_get("attributes")?)?,
        price: row.try_get("price")?,
        currency: row.try_get("currency")?,
        status: row.try_get("status")?,
        enabled: row.try_get("enabled")?,
        min: row.try_get::<_, i32>("min_per_order")?.into(),
        max: row.try_get::<_, i32>("max_per_order")?.into(),
    })
}

fn texts(ids: &[Uuid]) -> Vec<String> {
    ids.iter().map(Uuid::to_string).collect()
}
