//! Carts: an account's, or a guest's by its token.

use serde::Serialize;
use serde_json::Value;
use stoa_kit::http::Idempotency;
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::{json, jsonb, some, uuid};
use crate::DB;
use crate::domain::cart::KeptLine;
use crate::domain::checkout::Offer;
use stoa_kit::secret::Secret;

/// Whose cart it is.
#[derive(Debug, Clone)]
pub enum CartOwner {
    Account(Uuid),
    Guest(Secret),
}

impl CartOwner {
    /// The account, if it is one.
    #[must_use]
    pub fn account(&self) -> Option<Uuid> {
        match self {
            Self::Account(account) => Some(*account),
            Self::Guest(_) => None,
        }
    }

    /// `account uuid, token_hash bytea`, as the functions take them.
    fn params(&self) -> [ParameterValue; 2] {
        match self {
            Self::Account(account) => [uuid(*account), ParameterValue::DbNull],
            Self::Guest(token) => [ParameterValue::DbNull, ParameterValue::Binary(token.hash())],
        }
    }
}

/// What is in a cart.
#[derive(Debug)]
pub struct Kept {
    pub version: i64,
    pub lines: Vec<KeptLine>,
}

/// What goes into a cart, as the functions read it.
#[derive(Serialize)]
struct NewLine<'a> {
    variant_id: Uuid,
    product_id: Uuid,
    seller_id: Uuid,
    name: &'a str,
    unit_price: i64,
    currency: &'a str,
}

impl<'a> From<&'a Offer> for NewLine<'a> {
    fn from(offer: &'a Offer) -> Self {
        Self {
            variant_id: offer.variant,
            product_id: offer.product,
            seller_id: offer.seller,
            name: &offer.name,
            unit_price: offer.price,
            currency: &offer.currency,
        }
    }
}

/// Makes a cart, unless the account has one: its summary as JSON, and whether it was made.
pub async fn make(owner: &CartOwner) -> Result<(String, bool), DbError> {
    let row = DB
        .write_one(
            "SELECT body, made FROM \"order\".make_cart_v1($1, $2)",
            owner.params().into(),
        )
        .await?;
    let row = some(row)?;
    Ok((row.get(0)?, row.get(1)?))
}

/// What is in a cart; `None` when there is none.
pub async fn read(owner: &CartOwner) -> Result<Option<Kept>, DbError> {
    let row = DB
        .read_one(
            "SELECT version, lines FROM \"order\".cart_v1($1, $2)",
            owner.params().into(),
        )
        .await?;
    row.map(|row| {
        Ok(Kept {
            version: row.get(0)?,
            lines: json(&row.get::<String>(1)?)?,
        })
    })
    .transpose()
}

/// Sets a line: the cart's summary as JSON. May be repeated.
pub async fn put(
    owner: &CartOwner,
    offer: &Offer,
    quantity: u32,
    selected: Option<bool>,
) -> Result<String, DbError> {
    let [account, token] = owner.params();
    let row = DB
        .write_one(
            "SELECT \"order\".put_cart_line_v1($1, $2, $3, $4, $5)",
            vec![
                account,
                token,
                jsonb(&NewLine::from(offer))?,
                units(quantity),
                selected.map_or(ParameterValue::DbNull, ParameterValue::Boolean),
            ],
        )
        .await?;
    some(row)?.get(0)
}

/// Adds units: status, the cart's summary, and whether the key had done it before. Where there is
/// nothing to add, `refusal` says why, `{"code", "facts"}`, and a key that had done it before
/// answers all the same.
pub async fn add(
    owner: &CartOwner,
    idempotency: &Idempotency,
    offer: Result<&Offer, &Value>,
    quantity: u32,
) -> Result<Option<Row>, DbError> {
    let [account, token] = owner.params();
    let [key, hash, reference] = idempotency.params();
    let (offer, refusal) = match offer {
        Ok(offer) => (jsonb(&NewLine::from(offer))?, ParameterValue::DbNull),
        Err(refusal) => (ParameterValue::DbNull, jsonb(refusal)?),
    };
    DB.write_one(
        "SELECT * FROM \"order\".add_cart_line_v1($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            account,
            token,
            key,
            hash,
            reference,
            offer,
            refusal,
            units(quantity),
        ],
    )
    .await
}

/// Takes a line out, or all of them. May be repeated.
pub async fn remove(owner: &CartOwner, variant: Option<Uuid>) -> Result<(), DbError> {
    let [account, token] = owner.params();
    DB.write(
        "SELECT \"order\".remove_cart_lines_v1($1, $2, $3)",
        vec![account, token, variant.map_or(ParameterValue::DbNull, uuid)],
    )
    .await
    .map(|_| ())
}

/// Selects or deselects lines, or all of them: the cart's summary as JSON. May be repeated.
pub async fn select(
    owner: &CartOwner,
    variants: Option<&[Uuid]>,
    selected: bool,
) -> Result<String, DbError> {
    let [account, token] = owner.params();
    let variants = variants.map_or(ParameterValue::DbNull, |variants| {
        ParameterValue::ArrayStr(variants.iter().map(|id| Some(id.to_string())).collect())
    });
    let row = DB
        .write_one(
            "SELECT \"order\".select_cart_lines_v1($1, $2, $3::text[]::uuid[], $4)",
            vec![account, token, variants, ParameterValue::Boolean(selected)],
        )
        .await?;
    some(row)?.get(0)
}

/// Moves a guest's cart into an account's: the latter's summary as JSON. May be repeated.
pub async fn merge(account: Uuid, token: &Secret) -> Result<String, DbError> {
    let row = DB
        .write_one(
            "SELECT \"order\".merge_cart_v1($1, $2)",
            vec![uuid(account), ParameterValue::Binary(token.hash())],
        )
        .await?;
    some(row)?.get(0)
}

/// At most 999.
fn units(quantity: u32) -> ParameterValue {
    ParameterValue::Int32(i32::try_from(quantity).unwrap_or(i32::MAX))
}
