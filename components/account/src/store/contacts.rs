//! Contacts as other modules need them.

use serde_json::Value;
use stoa_kit::pg::DbError;
use uuid::Uuid;

use super::{optional_uuid, uuid};
use crate::DB;

/// Where somebody wants their goods.
#[derive(Debug)]
pub struct ContactRow {
    pub id: Uuid,
    pub receiver: String,
    /// E.164.
    pub phone: String,
    /// 1 to 3.
    pub address_lines: Vec<String>,
    pub city: String,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// A contact of an account; without an id its default for deliveries.
pub async fn get_contact(account: Uuid, id: Option<Uuid>) -> Result<Option<ContactRow>, DbError> {
    DB.read_one(
        "SELECT * FROM account.get_contact_v1($1, $2)",
        vec![uuid(account), optional_uuid(id)],
    )
    .await?
    .map(|row| {
        let lines: Value = row.get(3)?;
        Ok(ContactRow {
            id: row.get(0)?,
            receiver: row.get(1)?,
            phone: row.get(2)?,
            address_lines: serde_json::from_value(lines)
                .map_err(|e| DbError::Shape(e.to_string()))?,
            city: row.get(4)?,
            region: row.get(5)?,
            postal_code: row.get(6)?,
            country: row.get(7)?,
        })
    })
    .transpose()
}
