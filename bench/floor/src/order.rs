//! An order of one line: the app's five statements, each on a connection of its own, as the app
//! opens them.

use serde_json::{Value, json};
use spin_sdk::http::Request;
use spin_sdk::pg::ParameterValue;
use uuid::Uuid;

use crate::Failure;
use crate::database::{CATALOG, INVENTORY, ORDER, jsonb, number, row, string, text, texts, uuid};
use crate::request::{BUYER, document, header, member};

/// The checkout as Postgres describes it.
pub async fn answer(request: Request) -> Result<String, Failure> {
    let (parts, body) = request.into_parts();
    let buyer = header(&parts, BUYER)?;
    let key = header(&parts, "idempotency-key")?;
    let wish = document(body).await?;
    let variant = member(&wish, "/lines/0/variant_id")?
        .as_str()
        .ok_or("a variant is a text")?;
    let quantity = member(&wish, "/lines/0/quantity")?
        .as_i64()
        .ok_or("a quantity is a number")?;
    let provider = member(&wish, "/provider")?
        .as_str()
        .ok_or("a provider is a text")?;

    let delivery = member(&wish, "/delivery")?;
    let checkout = Uuid::now_v7().to_string();
    // The workflow's input.
    let input = json!({
        "buyer": buyer, "key": key, "lines": member(&wish, "/lines")?, "provider": provider,
        "delivery": delivery,
    });
    // Side by side, as the app runs them.
    let (begun, sku) = futures::future::join(
        row(
            ORDER,
            "SELECT status, body, checkout_id, begun_at, lines, run FROM \"order\".begin_checkout_v1($1, $2, $3, $4, $5, $6)",
            vec![
                uuid(&buyer),
                string(&key),
                string(HASH),
                uuid(&checkout),
                ParameterValue::DbNull,
                jsonb(&input)?,
            ],
        ),
        row(CATALOG, "SELECT * FROM catalog.get_variants_v1($1)", vec![texts([variant])]),
    )
    .await;
    let (begun, sku) = (begun?, sku?);
    let order = Uuid::now_v7().to_string();
    let seller = text(&sku, 2)?;
    let groups = json!([{
        "order_id": order, "seller_id": seller, "lines": [{"variant_id": variant, "quantity": quantity}],
    }]);
    row(
        INVENTORY,
        "SELECT inventory.reserve_v1($1, $2, $3)",
        vec![uuid(&checkout), jsonb(&groups)?, ParameterValue::Int32(900)],
    )
    .await?;
    let price = number(&sku, 6)?;
    let total = price.checked_mul(quantity).ok_or("too much")?;
    let plan = json!({
        "currency": text(&sku, 7)?, "list_total": total, "total": total,
        "orders": [{
            "id": order, "seller_id": seller, "list_total": total, "total": total,
            "lines": [{
                "variant_id": variant, "product_id": text(&sku, 1)?, "product_version": number(&sku, 10)?,
                "name": text(&sku, 3)?, "sku": text(&sku, 5)?,
                "attributes": serde_json::from_str::<Value>(text(&sku, 4)?)?,
                "category_path": text(&sku, 13)?, "unit_price": price, "quantity": quantity,
            }],
        }],
    });
    let placed = row(
        ORDER,
        "SELECT \"order\".place_v1($1, $2, $3, $4, $5, $6, $7, $8::text::timestamp, $9, $10)",
        vec![
            jsonb(&note(&checkout))?,
            uuid(&buyer),
            uuid(&checkout),
            ParameterValue::DbNull,
            string(provider),
            ParameterValue::Int64(0),
            ParameterValue::Boolean(false),
            string(text(&begun, 3)?),
            jsonb(delivery)?,
            jsonb(&plan)?,
        ],
    )
    .await?;
    row(
        INVENTORY,
        "SELECT inventory.commit_v1($1::text[]::uuid[])",
        vec![texts([order])],
    )
    .await?;
    Ok(text(&placed, 0)?.to_owned())
}

/// What the workflow of a checkout has done when it is placed.
fn note(checkout: &str) -> Value {
    let entry =
        |step: &str| json!({"step": step, "key": "", "kind": "step", "outcome": {"ok": null}});
    json!({"workflow": checkout, "fence": 1, "entries": [entry("price"), entry("reserve"), entry("place")]})
}

/// As long as the hash of a request.
const HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";
