//! Answers that several statements share.

use stoa_kit::pg::{DbError, Row};
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
    pub(super) fn from_row(row: Option<Row>) -> Result<Self, DbError> {
        let row = some(row)?;
        Ok(Self {
            json: row.get(0)?,
            next: row.get(1)?,
        })
    }
}

impl Versioned {
    pub(super) fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            json: row.get(0)?,
            version: row.get(1)?,
        })
    }
}

pub(super) fn some(row: Option<Row>) -> Result<Row, DbError> {
    row.ok_or_else(|| DbError::Shape("the statement returned no row".into()))
}
