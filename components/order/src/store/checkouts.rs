//! Checkouts.

use serde::{Deserialize, Serialize};
use stoa_kit::http::Idempotency;
use stoa_kit::pg::{DbError, Row};
use uuid::Uuid;

use super::{json, jsonb, optional, some, text, uuid};
use crate::DB;
use crate::domain::checkout::{Plan, Wanted};

/// What came of claiming a key.
#[derive(Debug)]
pub enum Claim {
    /// Go on, with this id for the checkout.
    Ours(Uuid),
    /// Done before: status, body and `true`, as `Answer::from_write` reads them.
    Stored(Row),
}

/// Claims the key of a checkout. May be repeated: it knows its own reference again.
pub async fn claim(buyer: Uuid, idempotency: &Idempotency) -> Result<Claim, DbError> {
    let [key, hash, reference] = idempotency.params();
    let row = DB
        .write_one(
            "SELECT status, body, true, checkout_id FROM \"order\".begin_checkout_v1($1, $2, $3, $4)",
            vec![uuid(buyer), key, hash, reference],
        )
        .await?;
    let row = some(row)?;
    Ok(match row.get(3)? {
        Some(checkout) => Claim::Ours(checkout),
        None => Claim::Stored(row),
    })
}

/// What came of claiming a key for the cart.
#[derive(Debug)]
pub enum CartClaim {
    /// Go on, with this id for the checkout and these lines.
    Ours(Uuid, Vec<Wanted>),
    /// As in [`Claim`].
    Stored(Row),
}

/// What is kept of a line of the cart.
#[derive(Deserialize)]
struct Kept {
    variant_id: Uuid,
    quantity: u32,
    unit_price: i64,
}

/// Claims the key of a checkout of the cart: the lines that were selected when it was claimed
/// first. May be repeated, as [`claim`].
pub async fn claim_cart(buyer: Uuid, idempotency: &Idempotency) -> Result<CartClaim, DbError> {
    let [key, hash, reference] = idempotency.params();
    let row = DB
        .write_one(
            "SELECT status, body, true, checkout_id, lines FROM \"order\".begin_cart_checkout_v1($1, $2, $3, $4)",
            vec![uuid(buyer), key, hash, reference],
        )
        .await?;
    let row = some(row)?;
    let Some(checkout) = row.get(3)? else {
        return Ok(CartClaim::Stored(row));
    };
    let lines: Vec<Kept> = json(&row.get::<String>(4)?)?;
    Ok(CartClaim::Ours(
        checkout,
        lines
            .iter()
            .map(|line| Wanted {
                variant: line.variant_id,
                quantity: line.quantity,
                unit_price: Some(line.unit_price),
            })
            .collect(),
    ))
}

/// Gives a claimed key up. False when the checkout has been placed by another request with the key.
pub async fn abandon(buyer: Uuid, key: &str, checkout: Uuid) -> Result<bool, DbError> {
    let row = DB
        .patient()
        .write_one(
            "SELECT \"order\".abandon_checkout_v1($1, $2, $3)",
            vec![uuid(buyer), text(key), uuid(checkout)],
        )
        .await?;
    some(row)?.get(0)
}

/// A checkout whose stock is reserved.
#[derive(Debug)]
pub struct NewCheckout<'a, D> {
    pub id: Uuid,
    pub buyer: Uuid,
    pub key: &'a str,
    pub trace: Option<String>,
    pub provider: &'static str,
    pub delivery: &'a D,
    pub plan: &'a Plan,
}

/// Places it: status, body and whether it was placed before.
pub async fn place<D: Serialize>(new: NewCheckout<'_, D>) -> Result<Option<Row>, DbError> {
    DB.patient()
        .write_one(
            "SELECT * FROM \"order\".place_v1($1, $2, $3, $4, $5, $6, $7, $8)",
            vec![
                uuid(new.buyer),
                text(new.key),
                uuid(new.id),
                optional(new.trace),
                text(new.provider),
                text(new.plan.currency.as_str()),
                jsonb(new.delivery)?,
                jsonb(&new.plan.orders)?,
            ],
        )
        .await
}

/// A checkout for its buyer, as JSON.
pub async fn read(buyer: Uuid, checkout: Uuid) -> Result<Option<String>, DbError> {
    let row = DB
        .read_one(
            "SELECT \"order\".checkout_v1($1, $2)",
            vec![uuid(buyer), uuid(checkout)],
        )
        .await?;
    some(row)?.get(0)
}
