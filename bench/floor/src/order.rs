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

    let checkout = Uuid::now_v7().to_string();
    // Side by side, as the app runs them.
    let (begun, sku) = futures::future::join(
        row(
            ORDER,
            "SELECT status, body, true, checkout_id FROM \"order\".begin_checkout_v1($1, $2, $3, $4)",
            vec![uuid(&buyer), string(&key), string(HASH), uuid(&checkout)],
        ),
        row(CATALOG, "SELECT * FROM catalog.get_variants_v1($1)", vec![texts([variant])]),
    )
    .await;
    let (_, sku) = (begun?, sku?);
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
    let orders = json!([{
        "id": order, "seller_id": seller, "total": price.checked_mul(quantity).ok_or("too much")?,
        "lines": [{
            "variant_id": variant, "product_id": text(&sku, 1)?, "product_version": number(&sku, 10)?,
            "name": text(&sku, 3)?, "sku": text(&sku, 5)?,
            "attributes": serde_json::from_str::<Value>(text(&sku, 4)?)?,
            "unit_price": price, "quantity": quantity,
        }],
    }]);
    let placed = row(
        ORDER,
        "SELECT * FROM \"order\".place_v1($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            uuid(&buyer),
            string(&key),
            uuid(&checkout),
            ParameterValue::DbNull,
            string(provider),
            string(text(&sku, 7)?),
            jsonb(member(&wish, "/delivery")?)?,
            jsonb(&orders)?,
        ],
    )
    .await?;
    row(
        INVENTORY,
        "SELECT inventory.commit_v1($1::text[]::uuid[])",
        vec![texts([order])],
    )
    .await?;
    Ok(text(&placed, 1)?.to_owned())
}

/// As long as the hash of a request.
const HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";
