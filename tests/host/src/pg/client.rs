//! Running statements. Each is prepared anew, as on Spin: there is no cache of statements.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::RowStream;
use tokio_postgres::types::ToSql;

use super::params;
use super::pool::Client;
use super::rows;
use super::types::{Column, DbError, DbValue, Error, ParameterValue, QueryError, Row, RowSet};

/// The most that a result may take.
const MAX_RESULT: usize = 128 << 20;

/// Rows that wait for the guest to read them.
const ROWS_AHEAD: usize = 4;

/// The parts of a streamed answer.
pub struct Streamed {
    pub columns: Vec<Column>,
    pub rows: mpsc::Receiver<Row>,
    /// Reports how the statement ended, after the last row.
    pub result: oneshot::Receiver<Result<(), Error>>,
}

pub async fn execute(
    client: Arc<Client>,
    statement: &str,
    values: Vec<ParameterValue>,
) -> Result<u64, Error> {
    let params = params::encode(values)
        .map_err(|error| Error::ValueConversionFailed(format!("{error:#}")))?;
    let params: Vec<&(dyn ToSql + Sync)> = params
        .iter()
        .map(|param| param.as_ref() as &(dyn ToSql + Sync))
        .collect();
    let connection = client.connection().map_err(other)?;
    let affected = connection.execute(statement, &params).await;
    affected.map_err(|error| query_failed(&error))
}

pub async fn query(
    client: Arc<Client>,
    statement: &str,
    values: Vec<ParameterValue>,
) -> Result<RowSet, Error> {
    let mut stream = start(&client, statement, values).await?;
    let mut set = RowSet {
        columns: Vec::new(),
        rows: Vec::new(),
    };
    let mut size = size_of::<RowSet>();
    while let Some(row) = stream.try_next().await.map_err(|e| query_failed(&e))? {
        if set.rows.is_empty() {
            set.columns = rows::columns(&row);
        }
        let row = convert(&row)?;
        size += row.iter().map(DbValue::size).sum::<usize>();
        if size > MAX_RESULT {
            return Err(too_large());
        }
        set.rows.push(row);
    }
    Ok(set)
}

/// Starts a query and reads its first row, because only rows tell the columns: without any there
/// are none, as on Spin.
pub async fn query_streamed(
    client: Arc<Client>,
    statement: &str,
    values: Vec<ParameterValue>,
) -> Result<Streamed, Error> {
    let stream = start(&client, statement, values).await?;
    let (row_sender, rows) = mpsc::channel(ROWS_AHEAD);
    let (column_sender, columns) = oneshot::channel();
    let (result_sender, result) = oneshot::channel();
    tokio::spawn(async move {
        let ended = forward(stream, column_sender, row_sender).await;
        // The guest may have closed its end.
        _ = result_sender.send(ended);
    });
    Ok(Streamed {
        columns: columns.await.unwrap_or_default(),
        rows,
        result,
    })
}

async fn start(
    client: &Client,
    statement: &str,
    values: Vec<ParameterValue>,
) -> Result<std::pin::Pin<Box<RowStream>>, Error> {
    let params =
        params::encode(values).map_err(|error| Error::BadParameter(format!("{error:#}")))?;
    let connection = client.connection().map_err(other)?;
    let stream = connection.query_raw(statement, params).await;
    Ok(Box::pin(stream.map_err(|error| query_failed(&error))?))
}

async fn forward(
    mut stream: std::pin::Pin<Box<RowStream>>,
    columns: oneshot::Sender<Vec<Column>>,
    rows: mpsc::Sender<Row>,
) -> Result<(), Error> {
    let mut columns = Some(columns);
    loop {
        let row = tokio::select! {
            biased;
            // A guest that no longer reads must not keep the rows coming.
            () = rows.closed() => return Ok(()),
            row = stream.next() => row,
        };
        let Some(row) = row else { return Ok(()) };
        let row = row.map_err(|error| query_failed(&error))?;
        if let Some(columns) = columns.take() {
            _ = columns.send(rows::columns(&row));
        }
        let row = convert(&row)?;
        // Spin's limit holds for each row here: the rest is not in memory at the same time.
        if row.iter().map(DbValue::size).sum::<usize>() > MAX_RESULT {
            return Err(too_large());
        }
        if rows.send(row).await.is_err() {
            return Ok(());
        }
    }
}

fn convert(row: &tokio_postgres::Row) -> Result<Row, Error> {
    rows::values(row).map_err(|error| Error::QueryFailed(QueryError::Text(format!("{error:#}"))))
}

fn too_large() -> Error {
    let text = format!("query result exceeds limit of {MAX_RESULT} bytes");
    Error::QueryFailed(QueryError::Text(text))
}

fn other(error: anyhow::Error) -> Error {
    Error::Other(format!("{error:#}"))
}

/// What Postgres says, in fields; anything else, a lost connection for example, is text.
fn query_failed(error: &tokio_postgres::Error) -> Error {
    let as_text = format!("{error:?}");
    let Some(db) = error.as_db_error() else {
        return Error::QueryFailed(QueryError::Text(as_text));
    };
    let number = |value: Option<u32>| value.map(|value| value.to_string());
    let text = |value: Option<&str>| value.map(str::to_owned);
    let extras = [
        ("column", text(db.column())),
        ("constraint", text(db.constraint())),
        ("routine", text(db.routine())),
        ("hint", text(db.hint())),
        ("table", text(db.table())),
        ("datatype", text(db.datatype())),
        ("schema", text(db.schema())),
        ("file", text(db.file())),
        ("line", number(db.line())),
        ("where_", text(db.where_())),
    ];
    Error::QueryFailed(QueryError::DbError(DbError {
        as_text,
        severity: db.severity().to_owned(),
        code: db.code().code().to_owned(),
        message: db.message().to_owned(),
        detail: text(db.detail()),
        extras: extras
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect(),
    }))
}
