//! Parameters of statements, and answers that several share.

use stoa_kit::http::{Idempotency, RequestContext};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

/// A page of a list: a JSON array, and where the next page begins.
#[derive(Debug)]
pub struct Items<K> {
    /// A JSON array, as Postgres wrote it.
    pub json: String,
    /// `None` on the last page.
    pub next: Option<K>,
}

/// Something with a version, as JSON.
#[derive(Debug)]
pub struct Versioned {
    pub version: i64,
    pub json: String,
}

impl Versioned {
    /// Reads `version, body`.
    pub(super) fn read(row: Option<Row>) -> Result<Self, DbError> {
        let row = row.ok_or_else(no_row)?;
        Ok(Self {
            version: row.get(0)?,
            json: row.get(1)?,
        })
    }
}

/// A request that moves stock: whose it is, and what makes a repetition of it harmless.
#[derive(Debug)]
pub struct Posted<'a> {
    pub seller: Uuid,
    pub idempotency: &'a Idempotency,
    pub context: &'a RequestContext,
}

impl Posted<'_> {
    /// `account, key, hash, reference, trace`, with which every function behind such a POST begins,
    /// and what follows.
    pub(super) fn with<const N: usize>(&self, rest: [ParameterValue; N]) -> Vec<ParameterValue> {
        let mut params = vec![uuid(self.seller)];
        params.extend(self.idempotency.params());
        params.push(maybe_text(self.context.traceparent.clone()));
        params.extend(rest);
        params
    }
}

pub(super) fn uuid(value: Uuid) -> ParameterValue {
    ParameterValue::Uuid(value.to_string())
}

pub(super) fn maybe_uuid(value: Option<Uuid>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, uuid)
}

pub(super) fn text(value: &str) -> ParameterValue {
    ParameterValue::Str(value.to_owned())
}

pub(super) fn maybe_text(value: Option<String>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, ParameterValue::Str)
}

pub(super) fn maybe_int(value: Option<i32>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, ParameterValue::Int32)
}

pub(super) fn no_row() -> DbError {
    DbError::Shape("the statement returned no row".into())
}
