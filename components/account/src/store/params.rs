//! Parameters of statements.

#[cfg(feature = "http")]
use stoa_kit::pg::DbError;
use stoa_kit::pg::ParameterValue;
use uuid::Uuid;

pub(super) fn uuid(value: Uuid) -> ParameterValue {
    ParameterValue::Uuid(value.to_string())
}

pub(super) fn optional_uuid(value: Option<Uuid>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, uuid)
}

#[cfg(feature = "http")]
pub(super) fn text(value: impl Into<String>) -> ParameterValue {
    ParameterValue::Str(value.into())
}

#[cfg(feature = "http")]
pub(super) fn optional(value: Option<impl Into<String>>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, text)
}

#[cfg(feature = "http")]
pub(super) fn jsonb<T: serde::Serialize>(value: &T) -> Result<ParameterValue, DbError> {
    serde_json::to_vec(value)
        .map(ParameterValue::Jsonb)
        .map_err(|e| DbError::Shape(e.to_string()))
}
