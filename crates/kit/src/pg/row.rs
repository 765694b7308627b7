//! Rows, read by position.

use chrono::NaiveDateTime;
use spin_sdk::pg::{DbValue, Decode};
use uuid::Uuid;

use super::DbError;

/// One row of an answer.
#[derive(Debug)]
pub struct Row(Vec<DbValue>);

impl Row {
    pub(super) fn new(values: Vec<DbValue>) -> Self {
        Self(values)
    }

    /// The value of the column at `index`, from 0.
    ///
    /// # Errors
    /// [`DbError::Shape`] when there is no such column or it has another type.
    pub fn get<T: FromDb>(&self, index: usize) -> Result<T, DbError> {
        let value = self
            .0
            .get(index)
            .ok_or_else(|| DbError::Shape(format!("no column {index}")))?;
        T::from_db(value)
    }
}

/// A type that a column can be read as.
pub trait FromDb: Sized {
    /// Reads a value.
    ///
    /// # Errors
    /// [`DbError::Shape`] when the column has another type, or is NULL and the type has no room
    /// for that.
    fn from_db(value: &DbValue) -> Result<Self, DbError>;
}

macro_rules! by_sdk {
    ($($t:ty),*) => {$(
        impl FromDb for $t {
            fn from_db(value: &DbValue) -> Result<Self, DbError> {
                <$t as Decode>::decode(value).map_err(|_| unexpected(stringify!($t), value))
            }
        }
    )*};
}
by_sdk!(bool, i16, i32, i64, f64, String, Vec<u8>, NaiveDateTime);

impl FromDb for Uuid {
    fn from_db(value: &DbValue) -> Result<Self, DbError> {
        match value {
            DbValue::Uuid(text) => Uuid::try_parse(text).map_err(|e| DbError::Shape(e.to_string())),
            other => Err(unexpected("a uuid", other)),
        }
    }
}

impl FromDb for serde_json::Value {
    fn from_db(value: &DbValue) -> Result<Self, DbError> {
        match value {
            DbValue::Jsonb(bytes) => {
                serde_json::from_slice(bytes).map_err(|e| DbError::Shape(e.to_string()))
            }
            other => Err(unexpected("jsonb", other)),
        }
    }
}

impl<T: FromDb> FromDb for Option<T> {
    fn from_db(value: &DbValue) -> Result<Self, DbError> {
        match value {
            DbValue::DbNull => Ok(None),
            value => T::from_db(value).map(Some),
        }
    }
}

/// Names the type that came, and not what it holds, which may be anybody's secret.
fn unexpected(wanted: &str, value: &DbValue) -> DbError {
    let debug = format!("{value:?}");
    let name = debug.split(['(', '{']).next().unwrap_or_default();
    DbError::Shape(format!("expected {wanted}, got {}", name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_another_type_is_named_by_its_type_alone() {
        let row = Row::new(vec![
            DbValue::Str("hunter2".into()),
            DbValue::Uuid("hunter2".into()),
            DbValue::Jsonb(b"{\"hunter2\": x}".to_vec()),
            DbValue::Int64(4_711),
        ]);
        let faults = [
            row.get::<Uuid>(0).err(),
            row.get::<serde_json::Value>(0).err(),
            row.get::<i64>(0).err(),
            row.get::<Uuid>(1).err(),
            row.get::<serde_json::Value>(2).err(),
            row.get::<String>(3).err(),
        ];
        for (number, fault) in faults.into_iter().enumerate() {
            let text = fault.map(|f| f.to_string()).unwrap_or_default();
            assert!(text.contains("unexpected row"), "{number}: {text}");
            for secret in ["hunter2", "4711"] {
                assert!(!text.contains(secret), "{number}: {text}");
            }
        }
    }
}
