//! Parameters of statements, and the answers that several share.

use serde::Serialize;
use stoa_kit::http::{Answer, Idempotency};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use stoa_kit::{Error, Result};
use uuid::Uuid;

/// Who changes something, in which trace.
#[derive(Debug, Clone)]
pub struct Actor {
    pub account: Uuid,
    pub traceparent: Option<String>,
}

/// A written product: its new version, and its page for the owner.
#[derive(Debug)]
pub struct Written {
    pub version: i64,
    pub body: String,
}

/// The answer of a POST, with the product that it is about and the version that it shows.
#[derive(Debug)]
pub struct Posted {
    pub answer: Answer,
    pub product: Uuid,
    pub version: i64,
}

pub fn uuid(id: Uuid) -> ParameterValue {
    ParameterValue::Uuid(id.to_string())
}

pub fn maybe_uuid(id: Option<Uuid>) -> ParameterValue {
    id.map_or(ParameterValue::DbNull, uuid)
}

pub fn text(value: impl Into<String>) -> ParameterValue {
    ParameterValue::Str(value.into())
}

pub fn maybe_text(value: Option<impl Into<String>>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, text)
}

pub fn jsonb<T: Serialize>(value: &T) -> Result<ParameterValue> {
    serde_json::to_vec(value)
        .map(ParameterValue::Jsonb)
        .map_err(|e| Error::internal(e.to_string()))
}

/// `account, key, hash, reference, trace`, with which every function behind a POST begins.
pub fn posted_by(actor: &Actor, idem: &Idempotency) -> Vec<ParameterValue> {
    let mut params = vec![uuid(actor.account)];
    params.extend(idem.params());
    params.push(maybe_text(actor.traceparent.clone()));
    params
}

impl Written {
    /// Reads `version, body`.
    pub fn read(row: Option<Row>) -> Result<Self> {
        let row = row.ok_or_else(no_row)?;
        Ok(Self {
            version: row.get(0)?,
            body: row.get(1)?,
        })
    }
}

impl Posted {
    /// Reads `status, body, replayed, version, product`.
    pub fn read(row: Option<Row>) -> Result<Self> {
        let row = row.ok_or_else(no_row)?;
        let (version, product) = (row.get(3)?, row.get(4)?);
        Ok(Self {
            answer: Answer::from_write(Some(row))?.version(version),
            product,
            version,
        })
    }
}

fn no_row() -> Error {
    DbError::Shape("the write returned no row".into()).into()
}
