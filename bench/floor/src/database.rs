//! Connections and variables.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::Serialize;
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

pub const ORDER: &str = "order_db";
pub const CATALOG: &str = "catalog_db";
pub const INVENTORY: &str = "inventory_db";
pub const PAYMENT: &str = "payment_db";

/// Opens a connection for one statement, as the app's writes do, and returns its rows.
pub async fn rows(
    database: &'static str,
    statement: &'static str,
    parameters: Vec<ParameterValue>,
) -> Result<Vec<Vec<DbValue>>, Failure> {
    run(database, statement, parameters, usize::MAX).await
}

/// The same, the first row.
pub async fn first_row(
    database: &'static str,
    statement: &'static str,
    parameters: Vec<ParameterValue>,
) -> Result<Option<Vec<DbValue>>, Failure> {
    let rows = run(database, statement, parameters, 1).await?;
    Ok(rows.into_iter().next())
}

async fn run(
    database: &'static str,
    statement: &'static str,
    parameters: Vec<ParameterValue>,
    most: usize,
) -> Result<Vec<Vec<DbValue>>, Failure> {
    let connection = Connection::open(variable(database).await?).await?;
    let mut answer = connection.query(statement, parameters).await?;
    let mut rows = Vec::new();
    while rows.len() < most {
        let Some(row) = answer.rows().next().await else {
            break;
        };
        rows.push(row);
    }
    // What fails while it runs is reported at the end.
    answer.result().await?;
    Ok(rows)
}

/// The same, when there has to be one.
pub async fn row(
    database: &'static str,
    statement: &'static str,
    parameters: Vec<ParameterValue>,
) -> Result<Vec<DbValue>, Failure> {
    let row = first_row(database, statement, parameters).await?;
    row.ok_or_else(|| format!("no row: {statement}").into())
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
        Some(DbValue::Int32(number)) => Ok((*number).into()),
        other => Err(format!("column {column} is {other:?} and no number").into()),
    }
}

/// Whether a column says yes.
pub fn boolean(row: &[DbValue], column: usize) -> Result<bool, Failure> {
    match row.get(column) {
        Some(DbValue::Boolean(yes)) => Ok(*yes),
        other => Err(format!("column {column} is {other:?} and no boolean").into()),
    }
}

pub fn uuid(text: &str) -> ParameterValue {
    ParameterValue::Uuid(text.to_owned())
}

pub fn string(text: &str) -> ParameterValue {
    ParameterValue::Str(text.to_owned())
}

pub fn texts(texts: impl IntoIterator<Item = impl ToString>) -> ParameterValue {
    ParameterValue::ArrayStr(texts.into_iter().map(|it| Some(it.to_string())).collect())
}

pub fn jsonb<T: Serialize>(value: &T) -> Result<ParameterValue, Failure> {
    Ok(ParameterValue::Jsonb(serde_json::to_vec(value)?))
}
