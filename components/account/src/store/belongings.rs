//! Favorites, devices, and what somebody wants to be told.

use stoa_kit::http::Page;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::{Items, optional, optional_uuid, some, text, uuid};
use crate::DB;

/// Keeps a product among an account's favorites; `id` becomes the favorite's when it was not there.
///
/// # Errors
/// Refused with `too_many_favorites`.
pub async fn favor(account: Uuid, product: Uuid, id: Uuid) -> Result<(), DbError> {
    DB.write(
        "SELECT account.favor_v1($1, $2, $3)",
        vec![uuid(account), uuid(product), uuid(id)],
    )
    .await
    .map(|_| ())
}

/// Takes a product out of them.
pub async fn unfavor(account: Uuid, product: Uuid) -> Result<(), DbError> {
    DB.write(
        "DELETE FROM account.favorite WHERE account_id = $1 AND product_id = $2",
        vec![uuid(account), uuid(product)],
    )
    .await
    .map(|_| ())
}

/// An account's favorites, newest first.
pub async fn favorites(account: Uuid, page: &Page) -> Result<Items, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM account.favorites_page_v1($1, $2, $3)",
            vec![
                uuid(account),
                optional_uuid(page.after),
                ParameterValue::Int32(page.limit),
            ],
        )
        .await?;
    Items::from_row(row)
}

/// Where pushes go.
#[derive(Debug)]
pub struct NewDevice {
    pub token: String,
    pub platform: &'static str,
    pub name: String,
}

/// Keeps it, as JSON; `id` becomes the device's when it is new to the account.
pub async fn put_device(account: Uuid, id: Uuid, device: NewDevice) -> Result<String, DbError> {
    let row = DB
        .write_one(
            "SELECT * FROM account.put_device_v1($1, $2, $3, $4, $5)",
            vec![
                uuid(account),
                uuid(id),
                text(device.token),
                text(device.platform),
                text(device.name),
            ],
        )
        .await?;
    some(row)?.get(0)
}

/// An account's devices: a JSON array.
pub async fn devices(account: Uuid) -> Result<String, DbError> {
    let row = DB
        .read_one("SELECT * FROM account.devices_v1($1)", vec![uuid(account)])
        .await?;
    some(row)?.get(0)
}

/// Forgets a device.
pub async fn delete_device(account: Uuid, id: Uuid) -> Result<(), DbError> {
    DB.write(
        "DELETE FROM account.device WHERE account_id = $1 AND id = $2",
        vec![uuid(account), uuid(id)],
    )
    .await
    .map(|_| ())
}

/// What an account does not want to be told. `None`: there is no such account.
pub async fn preferences(account: Uuid) -> Result<Option<Vec<String>>, DbError> {
    DB.read_one(
        "SELECT * FROM account.preferences_v1($1)",
        vec![uuid(account)],
    )
    .await?
    .map(|row| {
        let off: serde_json::Value = row.get(0)?;
        serde_json::from_value(off).map_err(|e| DbError::Shape(e.to_string()))
    })
    .transpose()
}

/// Keeps that. Answers whether it is a change.
pub async fn put_preferences(
    account: Uuid,
    switched_off: Vec<String>,
    trace: Option<String>,
) -> Result<bool, DbError> {
    let row = DB
        .write_one(
            "SELECT account.put_preferences_v1($1, $2, $3)",
            vec![
                uuid(account),
                ParameterValue::ArrayStr(switched_off.into_iter().map(Some).collect()),
                optional(trace),
            ],
        )
        .await?;
    some(row)?.get(0)
}
