//! `POST /v1/checkouts`: the statements that the app runs, in its order, with what it checks in
//! between.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::checkout;
use crate::shop::{Failure, Shop, hex, json_text, one, refused};

/// Who is paid in cash, for which there is no payment session.
const CASH: &str = "cod";

/// Seconds for which stock is held: of an order that is placed at once, and of one that may wait for
/// its payment.
const HELD_S: i32 = 900;
const HELD_WAITING_S: i32 = 90_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checkout {
    lines: [Wanted; 1],
    provider: String,
    delivery: Delivery,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    variant_id: Uuid,
    quantity: i64,
}

#[derive(Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
struct Delivery {
    receiver: String,
    phone: String,
    address_lines: Vec<String>,
    city: String,
    country: String,
}

/// What is bought.
pub struct Bought<'a> {
    pub checkout: Uuid,
    pub buyer: Uuid,
    pub order: Uuid,
    pub seller: Uuid,
    pub provider: &'a str,
    pub currency: &'a str,
    pub category_path: &'a str,
    pub total: i64,
    pub plan: &'a Value,
}

/// Places an order of one line. In cash that takes five statements; `checkout` has those that pay at
/// once.
pub async fn checkout(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let db = shop.db().await?;
    let buyer = shop.authority.caller(&headers, &db).await?;
    let wish: Checkout = serde_json::from_slice(&body)?;
    let [line] = wish.lines;
    let key = headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok());
    let key = key.ok_or_else(|| refused("a key is required"))?;

    let (hash, reference) = (hash(&body), Uuid::now_v7());
    let ids = vec![line.variant_id.to_string()];
    // Side by side, as the app runs them; here on one connection, which pipelines them.
    let delivery = serde_json::to_value(&wish.delivery)?;
    // The workflow's input.
    let input = json!({
        "buyer": buyer, "key": key, "provider": wish.provider, "delivery": delivery,
        "lines": [{"variant_id": line.variant_id, "quantity": line.quantity}],
    });
    let claim: [&(dyn ToSql + Sync); 6] =
        [&buyer, &key, &hash, &reference, &None::<String>, &input];
    let wanted: [&(dyn ToSql + Sync); 1] = [&ids];
    let (begun, sku) = tokio::join!(
        one(
            &db,
            "SELECT status, body, checkout_id, begun_at, lines, run FROM \"order\".begin_checkout_v1($1, $2, $3, $4, $5, $6)",
            &claim,
        ),
        one(&db, "SELECT * FROM catalog.get_variants_v1($1)", &wanted),
    );
    let (begun, sku) = (begun?, sku?);
    if let Some(status) = begun.try_get::<_, Option<i32>>(0)? {
        return answer(status, begun.try_get(1)?, None);
    }
    let checkout: Uuid = begun.try_get(2)?;
    let begun_at: &str = begun.try_get(3)?;
    let seller: Uuid = sku.try_get("seller_id")?;
    let price: i64 = sku.try_get("price")?;
    let (least, most): (i32, i32) = (sku.try_get("min_per_order")?, sku.try_get("max_per_order")?);
    let in_range = line.quantity >= least.into() && (most == 0 || line.quantity <= most.into());
    let sold = sku.try_get::<_, &str>("status")? == "active" && sku.try_get("enabled")?;
    if !in_range || !sold || seller == buyer {
        return Err(refused("not for sale"));
    }

    let order = Uuid::now_v7();
    let groups = json!([{
        "order_id": order, "seller_id": seller,
        "lines": [{"variant_id": line.variant_id, "quantity": line.quantity}],
    }]);
    let in_cash = wish.provider == CASH;
    let held_s = if in_cash { HELD_S } else { HELD_WAITING_S };
    let reserved = one(
        &db,
        "SELECT inventory.reserve_v1($1, $2, $3)",
        &[&checkout, &groups, &held_s],
    )
    .await?;
    require_ok(&reserved)?;

    let total = price
        .checked_mul(line.quantity)
        .ok_or_else(|| refused("too much"))?;
    let plan = plan(&sku, order, &line, total)?;
    let left_to_note = if in_cash {
        vec![done("price"), done("reserve"), done("place")]
    } else {
        checkout::pay(
            &db,
            &Bought {
                checkout,
                buyer,
                order,
                seller,
                provider: &wish.provider,
                currency: sku.try_get("currency")?,
                category_path: sku.try_get("category_path")?,
                total,
                plan: &plan,
            },
        )
        .await?;
        vec![done("open_session"), done("place")]
    };
    let placed = one(
        &db,
        "SELECT \"order\".place_v1($1, $2, $3, $4, $5, $6, $7, $8::text::timestamp, $9, $10)",
        &[
            &note(checkout, left_to_note),
            &buyer,
            &checkout,
            &None::<String>,
            &wish.provider,
            &0_i64,
            &false,
            &begun_at,
            &delivery,
            &plan,
        ],
    )
    .await?;
    let ids = vec![order.to_string()];
    let sold = one(
        &db,
        "SELECT inventory.commit_v1($1::text[]::uuid[])",
        &[&ids],
    )
    .await?;
    require_ok(&sold)?;
    answer(201, placed.try_get(0)?, Some(checkout))
}

fn plan(sku: &Row, order: Uuid, line: &Wanted, total: i64) -> Result<Value, Failure> {
    let attributes: Value = serde_json::from_str(sku.try_get("attributes")?)?;
    Ok(json!({
        "currency": sku.try_get::<_, &str>("currency")?,
        "list_total": total,
        "total": total,
        "orders": [{
            "id": order,
            "seller_id": sku.try_get::<_, Uuid>("seller_id")?,
            "list_total": total,
            "total": total,
            "lines": [{
                "variant_id": line.variant_id,
                "product_id": sku.try_get::<_, Uuid>("product_id")?,
                "product_version": sku.try_get::<_, i64>("version")?,
                "name": sku.try_get::<_, &str>("product_name")?,
                "sku": sku.try_get::<_, &str>("code")?,
                "attributes": attributes,
                "category_path": sku.try_get::<_, &str>("category_path")?,
                "unit_price": sku.try_get::<_, i64>("price")?,
                "quantity": line.quantity,
            }],
        }],
    }))
}

/// What the workflow of a checkout has done since it noted something.
pub fn note(checkout: Uuid, entries: Vec<Value>) -> Value {
    json!({"workflow": checkout, "fence": 1, "entries": entries})
}

/// A step with what came of it.
pub fn entry(step: &str, outcome: &Value) -> Value {
    json!({"step": step, "key": "", "kind": "step", "outcome": {"ok": outcome}})
}

/// A step of which the journal keeps that it was done.
fn done(step: &str) -> Value {
    entry(step, &Value::Null)
}

/// Inventory answers `{"ok": true}`, or why not.
fn require_ok(row: &Row) -> Result<(), Failure> {
    let text: &str = row.try_get(0)?;
    let outcome: Value = serde_json::from_str(text)?;
    if outcome.get("ok").is_some() {
        Ok(())
    } else {
        Err(refused(text))
    }
}

/// What a key stands for: the request that it came with.
fn hash(body: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"POST /v1/checkouts\n");
    hasher.update(body);
    hex(&hasher.finalize())
}

fn answer(status: i32, body: String, checkout: Option<Uuid>) -> Result<Response, Failure> {
    let mut response = json_text(StatusCode::from_u16(u16::try_from(status)?)?, body);
    if let Some(checkout) = checkout {
        let path = HeaderValue::from_str(&format!("/v1/checkouts/{checkout}"))?;
        response.headers_mut().insert(LOCATION, path);
    }
    Ok(response)
}
