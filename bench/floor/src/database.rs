//! Connections and variables.

use std::cell::RefCell;
use std::collections::HashMap;

use spin_sdk::pg::{Connection, DbValue, ParameterValue};
use spin_sdk::variables;

use crate::Failure;

thread_local! {
    static VARIABLES: RefCell<HashMap<&'static str, String>> = RefCell::default();
}

/// A variable's value, read once per instance.
pub async fn variable(name: &'static str) -> Result<String, Failure> {
    if let Some(known) = VARIABLES.with_borrow(|known| known.get(name).cloned()) {
        return Ok(known);
    }
    let value = variables::get(name).await?;
    VARIABLES.with_borrow_mut(|known| known.insert(name, value.clone()));
    Ok(value)
}

/// Opens a connection for one statement, as the app's writes do, and returns the first row.
pub async fn first_row(
    database: &'static str,
    statement: &'static str,
    parameters: Vec<ParameterValue>,
) -> Result<Option<Vec<DbValue>>, Failure> {
    let connection = Connection::open(variable(database).await?).await?;
    let mut answer = connection.query(statement, parameters).await?;
    let row = answer.rows().next().await;
    // What fails while it runs is reported at the end.
    answer.result().await?;
    Ok(row)
}

/// The text in a column.
pub fn text(row: &[DbValue], column: usize) -> Result<&str, Failure> {
    match row.get(column) {
        Some(DbValue::Str(text) | DbValue::Uuid(text)) => Ok(text),
        other => Err(format!("column {column} is {other:?} and no text").into()),
    }
}

/// The number in a column.
pub fn number(row: &[DbValue], column: usize) -> Result<i64, Failure> {
    match row.get(column) {
        Some(DbValue::Int64(number)) => Ok(*number),
        other => Err(format!("column {column} is {other:?} and no number").into()),
    }
}
