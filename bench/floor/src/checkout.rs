//! What a checkout takes more that the sandbox settles at once: five statements, between reserving and
//! placing.

use serde_json::{Value, json};
use spin_sdk::pg::{DbValue, ParameterValue};
use uuid::Uuid;

use crate::Failure;
use crate::database::{ORDER, PAYMENT, jsonb, row, string, text, uuid};
use crate::order::{Bought, entry, note};
use crate::request::member;

/// How long a payment session is open, seconds.
const OPEN_S: i32 = 24 * 60 * 60;

/// Notes what is to be paid, and pays it.
pub async fn pay(bought: &Bought<'_>) -> Result<(), Failure> {
    let entries = vec![
        entry("price", &json!({"go": {"plan": bought.plan}})),
        entry("reserve", &json!("held")),
    ];
    row(
        ORDER,
        "SELECT \"order\".workflow_note($1)",
        vec![jsonb(&note(bought.checkout, entries))?],
    )
    .await?;
    let opened = open(bought).await?;
    let leg = string_of(&opened, "/attempt/id")?;
    let amount = member(&opened, "/attempt/amount")?
        .as_i64()
        .ok_or("an amount is a number")?;
    let currency = string_of(&opened, "/attempt/currency")?;
    let made = row(
        PAYMENT,
        "SELECT payment.sandbox_create_v1($1, $2, $3, $4, $5, $6, $7, $8)::text",
        vec![
            uuid(&Uuid::new_v4().to_string()),
            uuid(leg),
            uuid(bought.checkout),
            ParameterValue::Int64(amount),
            string(currency),
            string(&format!("Checkout {}", bought.checkout)),
            ParameterValue::DbNull,
            string("instant"),
        ],
    )
    .await?;
    let made = document(&made)?;
    row(
        PAYMENT,
        "SELECT to_json(payment.report_v1($1, $2, $3, $4, $5, $6, $7, $8, $9))::text",
        vec![
            string(bought.provider),
            string(&format!("created:{leg}")),
            string("settled"),
            uuid(leg),
            string(string_of(&made, "/id")?),
            ParameterValue::Int64(amount),
            string(currency),
            ParameterValue::DbNull,
            ParameterValue::DbNull,
        ],
    )
    .await?;
    let session = row(
        PAYMENT,
        "SELECT payment.session_state_v1(s)::text FROM payment.session s WHERE s.id = $1",
        vec![uuid(bought.checkout)],
    )
    .await?;
    match string_of(&document(&session)?, "/state")? {
        "settled" => Ok(()),
        other => Err(format!("the session is {other}").into()),
    }
}

/// Opens the payment session.
async fn open(bought: &Bought<'_>) -> Result<Value, Failure> {
    let parts = json!([{
        "order_id": bought.order, "seller_id": bought.seller,
        "goods": [{"amount": bought.total, "category_path": bought.category_path}],
        "shipping": 0, "subsidy": 0, "cashback_by_platform": 0, "cashback_by_seller": 0,
    }]);
    let opened = row(
        PAYMENT,
        "SELECT payment.open_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)::text",
        vec![
            uuid(bought.checkout),
            uuid(bought.buyer),
            string(bought.currency),
            ParameterValue::Int64(0),
            string(bought.provider),
            ParameterValue::DbNull,
            jsonb(&parts)?,
            ParameterValue::Int32(OPEN_S),
            ParameterValue::DbNull,
            uuid(&Uuid::now_v7().to_string()),
        ],
    )
    .await?;
    document(&opened)
}

/// The JSON in a row.
fn document(row: &[DbValue]) -> Result<Value, Failure> {
    Ok(serde_json::from_str(text(row, 0)?)?)
}

fn string_of<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, Failure> {
    let found = member(value, pointer)?.as_str();
    found.ok_or_else(|| format!("{pointer} is no text").into())
}
