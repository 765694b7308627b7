//! An order of one line: the app's statements, each on a connection of its own, as the app opens
//! them. Five of them when it is paid in cash; `checkout` has those that pay at once.

use serde_json::{Value, json};
use spin_sdk::http::Request;
use spin_sdk::pg::ParameterValue;
use uuid::Uuid;

use crate::Failure;
use crate::checkout;
use crate::database::{CATALOG, INVENTORY, ORDER, jsonb, number, row, string, text, texts, uuid};
use crate::request::{BUYER, document, header, member};

/// Who is paid in cash, for which there is no payment session.
const CASH: &str = "cod";

/// What is bought.
pub struct Bought<'a> {
    pub checkout: &'a str,
    pub buyer: &'a str,
    pub order: &'a str,
    pub seller: &'a str,
    pub provider: &'a str,
    pub currency: &'a str,
    pub category_path: &'a str,
    pub total: i64,
    pub plan: &'a Value,
}

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
    let in_cash = provider == CASH;

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
        vec![
            uuid(&checkout),
            jsonb(&groups)?,
            ParameterValue::Int32(if in_cash { HELD_S } else { HELD_WAITING_S }),
        ],
    )
    .await?;
    let price = number(&sku, 6)?;
    let total = price.checked_mul(quantity).ok_or("too much")?;
    let currency = text(&sku, 7)?;
    let category_path = text(&sku, 13)?;
    let plan = json!({
        "currency": currency, "list_total": total, "total": total,
        "orders": [{
            "id": order, "seller_id": seller, "list_total": total, "total": total,
            "lines": [{
                "variant_id": variant, "product_id": text(&sku, 1)?, "product_version": number(&sku, 10)?,
                "name": text(&sku, 3)?, "sku": text(&sku, 5)?,
                "attributes": serde_json::from_str::<Value>(text(&sku, 4)?)?,
                "category_path": category_path, "unit_price": price, "quantity": quantity,
            }],
        }],
    });
    let left_to_note = if in_cash {
        vec![done("price"), done("reserve"), done("place")]
    } else {
        checkout::pay(&Bought {
            checkout: &checkout,
            buyer: &buyer,
            order: &order,
            seller,
            provider,
            currency,
            category_path,
            total,
            plan: &plan,
        })
        .await?;
        vec![done("open_session"), done("place")]
    };
    let placed = row(
        ORDER,
        "SELECT \"order\".place_v1($1, $2, $3, $4, $5, $6, $7, $8::text::timestamp, $9, $10)",
        vec![
            jsonb(&note(&checkout, left_to_note))?,
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

/// What the workflow of a checkout has done since it noted something.
pub fn note(checkout: &str, entries: Vec<Value>) -> Value {
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

/// As long as the hash of a request.
const HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Seconds for which stock is held: of an order that is placed at once, and of one that may wait for
/// its payment.
const HELD_S: i32 = 900;
const HELD_WAITING_S: i32 = 90_000;
