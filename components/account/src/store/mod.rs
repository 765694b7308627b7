//! Statements: one Rust function each, over the PL/pgSQL functions in the files beside.

pub mod accounts;
pub mod following;
pub mod logins;
pub mod sessions;

use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

/// A page of a list: a JSON array, and the id after which the next page begins.
#[derive(Debug)]
pub struct Items {
    /// A JSON array, as Postgres wrote it.
    pub json: String,
    /// `None` on the last page.
    pub next: Option<Uuid>,
}

/// A JSON document that has a version.
#[derive(Debug)]
pub struct Versioned {
    /// The document, as Postgres wrote it.
    pub json: String,
    /// Its version, the ETag.
    pub version: i64,
}

impl Items {
    fn from_row(row: Option<Row>) -> Result<Self, DbError> {
        let row = some(row)?;
        Ok(Self {
            json: row.get(0)?,
            next: row.get(1)?,
        })
    }
}

impl Versioned {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            json: row.get(0)?,
            version: row.get(1)?,
        })
    }
}

fn some(row: Option<Row>) -> Result<Row, DbError> {
    row.ok_or_else(|| DbError::Shape("the statement returned no row".into()))
}

fn uuid(value: Uuid) -> ParameterValue {
    ParameterValue::Uuid(value.to_string())
}

fn text(value: impl Into<String>) -> ParameterValue {
    ParameterValue::Str(value.into())
}

fn optional(value: Option<impl Into<String>>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, text)
}

fn optional_uuid(value: Option<Uuid>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, uuid)
}
