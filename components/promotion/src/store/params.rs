//! Parameters of statements.

use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

pub(super) fn uuid(value: Uuid) -> ParameterValue {
    ParameterValue::Uuid(value.to_string())
}

pub(super) fn text(value: impl Into<String>) -> ParameterValue {
    ParameterValue::Str(value.into())
}

/// For a parameter `$n::text[]::uuid[]` or `text[]`.
pub(super) fn texts<T: ToString>(values: impl IntoIterator<Item = T>) -> ParameterValue {
    ParameterValue::ArrayStr(values.into_iter().map(|v| Some(v.to_string())).collect())
}

pub(super) fn no_row() -> DbError {
    DbError::Shape("the statement returned no row".into())
}
