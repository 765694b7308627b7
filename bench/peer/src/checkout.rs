//! What a checkout takes more that the sandbox settles at once: the workflow's note, the payment
//! session, and the sandbox's side of it.

use deadpool_postgres::Object;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::order::{Bought, entry, note};
use crate::shop::{Failure, one, refused};

/// How long a payment session is open, seconds.
const OPEN_S: i32 = 24 * 60 * 60;

/// A payment session, as far as it matters here.
#[derive(Deserialize)]
struct Session {
    state: String,
    attempt: Option<Attempt>,
}

#[derive(Deserialize)]
struct Attempt {
    id: Uuid,
    amount: i64,
    currency: String,
}

/// What the sandbox collected.
#[derive(Deserialize)]
struct Payment {
    id: Uuid,
    state: String,
}

/// Notes what is to be paid, and pays it.
pub async fn pay(db: &Object, bought: &Bought<'_>) -> Result<(), Failure> {
    let entries = vec![
        entry("price", &json!({"go": {"plan": bought.plan}})),
        entry("reserve", &json!("held")),
    ];
    one(
        db,
        "SELECT \"order\".workflow_note($1)",
        &[&note(bought.checkout, entries)],
    )
    .await?;
    let attempt = open(db, bought).await?;
    let made = one(
        db,
        "SELECT payment.sandbox_create_v1($1, $2, $3, $4, $5, $6, $7, $8)::text",
        &[
            &Uuid::new_v4(),
            &attempt.id,
            &bought.checkout,
            &attempt.amount,
            &attempt.currency,
            &format!("Checkout {}", bought.checkout),
            &None::<String>,
            &"instant",
        ],
    )
    .await?;
    let made: Payment = serde_json::from_str(made.try_get(0)?)?;
    if made.state != "paid" {
        return Err(refused(&made.state));
    }
    one(
        db,
        "SELECT to_json(payment.report_v1($1, $2, $3, $4, $5, $6, $7, $8, $9))::text",
        &[
            &bought.provider,
            &format!("created:{}", attempt.id),
            &"settled",
            &attempt.id,
            &made.id.to_string(),
            &attempt.amount,
            &attempt.currency,
            &None::<String>,
            &None::<Uuid>,
        ],
    )
    .await?;
    let session = one(
        db,
        "SELECT payment.session_state_v1(s)::text FROM payment.session s WHERE s.id = $1",
        &[&bought.checkout],
    )
    .await?;
    let state = read(&session)?.state;
    if state == "settled" {
        Ok(())
    } else {
        Err(refused(&state))
    }
}

/// Opens the payment session: the attempt that it begins.
async fn open(db: &Object, bought: &Bought<'_>) -> Result<Attempt, Failure> {
    let parts: Value = json!([{
        "order_id": bought.order, "seller_id": bought.seller,
        "goods": [{"amount": bought.total, "category_path": bought.category_path}],
        "shipping": 0, "subsidy": 0, "cashback_by_platform": 0, "cashback_by_seller": 0,
    }]);
    let opened = one(
        db,
        "SELECT payment.open_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)::text",
        &[
            &bought.checkout,
            &bought.buyer,
            &bought.currency,
            &0_i64,
            &bought.provider,
            &None::<Uuid>,
            &parts,
            &OPEN_S,
            &None::<String>,
            &Uuid::now_v7(),
        ],
    )
    .await?;
    let attempt = read(&opened)?.attempt;
    attempt.ok_or_else(|| refused("there is no attempt"))
}

fn read(row: &Row) -> Result<Session, Failure> {
    Ok(serde_json::from_str(row.try_get(0)?)?)
}
