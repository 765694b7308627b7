//! Statements: one Rust function each, over the PL/pgSQL functions in the files beside.

#[cfg(feature = "http")]
pub mod carts;
pub mod checkout_steps;
#[cfg(feature = "http")]
pub mod checkouts;
#[cfg(feature = "http")]
pub mod orders;

use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

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

fn jsonb<T: serde::Serialize>(value: &T) -> Result<ParameterValue, DbError> {
    serde_json::to_vec(value)
        .map(ParameterValue::Jsonb)
        .map_err(|e| DbError::Shape(e.to_string()))
}

/// Reads a JSON text that Postgres built.
#[cfg(feature = "http")]
fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|e| DbError::Shape(e.to_string()))
}
