//! Parameters of statements, and answers that several share.

use serde::Serialize;
use serde::de::DeserializeOwned;
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use crate::DB;

pub(crate) fn uuid(value: Uuid) -> ParameterValue {
    ParameterValue::Uuid(value.to_string())
}

pub(crate) fn maybe_uuid(value: Option<Uuid>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, uuid)
}

pub(crate) fn text(value: impl Into<String>) -> ParameterValue {
    ParameterValue::Str(value.into())
}

pub(crate) fn maybe_text(value: Option<impl Into<String>>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, text)
}

pub(crate) fn jsonb<T: Serialize>(value: &T) -> Result<ParameterValue, DbError> {
    serde_json::to_vec(value)
        .map(ParameterValue::Jsonb)
        .map_err(|e| DbError::Shape(e.to_string()))
}

pub(crate) fn some(row: Option<Row>) -> Result<Row, DbError> {
    row.ok_or_else(|| DbError::Shape("the statement returned no row".into()))
}

/// Reads a JSON text that Postgres built. What is wrong with it names the place, and not all that it holds.
pub(crate) fn json<T: DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|e| DbError::Shape(e.to_string()))
}

/// A write whose function answers JSON as text.
pub(crate) async fn answered<T: DeserializeOwned>(
    sql: &'static str,
    params: Vec<ParameterValue>,
) -> Result<T, DbError> {
    json(&some(DB.write_one(sql, params).await?)?.get::<String>(0)?)
}

/// A write whose function answers nothing that anybody needs.
pub(crate) async fn done(sql: &'static str, params: Vec<ParameterValue>) -> Result<(), DbError> {
    DB.write(sql, params).await.map(|_| ())
}

/// A read that answers JSON as text, or NULL.
pub(crate) async fn found<T: DeserializeOwned>(
    sql: &'static str,
    params: Vec<ParameterValue>,
) -> Result<Option<T>, DbError> {
    match DB.read_one(sql, params).await? {
        None => Ok(None),
        Some(row) => row
            .get::<Option<String>>(0)?
            .as_deref()
            .map(json)
            .transpose(),
    }
}
