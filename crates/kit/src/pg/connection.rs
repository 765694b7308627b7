//! Connections that live while statements are in flight on them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::time::Duration;

use send_wrapper::SendWrapper;
use spin_sdk::pg::{Connection, ParameterValue};

use super::{DbError, Row};
use crate::time::within;

thread_local! {
    /// The shared connection of each database, as long as somebody holds it. Only open ones: a
    /// host call that is under way belongs to the task that began it, and must not be polled by
    /// another. Requests that come while the first is opening open their own.
    static CURRENT: RefCell<HashMap<&'static str, Weak<Connection>>> = RefCell::default();
}

/// The right to run statements on a connection. When the last lease of a connection is dropped,
/// the connection goes back to the host's pool.
pub(super) struct Lease {
    connection: SendWrapper<Rc<Connection>>,
    variable: Option<&'static str>,
}

impl Lease {
    /// The connection that the instance's reads share; opened by the first of them.
    pub(super) async fn shared(
        variable: &'static str,
        address: String,
        wait: Duration,
    ) -> Result<Self, DbError> {
        if let Some(connection) = current(variable) {
            return Ok(Self {
                connection,
                variable: Some(variable),
            });
        }
        let opened = open(address, wait).await?;
        let connection = current(variable).unwrap_or_else(|| {
            CURRENT.with_borrow_mut(|c| c.insert(variable, Rc::downgrade(&opened)));
            opened
        });
        Ok(Self {
            connection,
            variable: Some(variable),
        })
    }

    /// A connection that nobody else uses meanwhile.
    pub(super) async fn alone(address: String, wait: Duration) -> Result<Self, DbError> {
        Ok(Self {
            connection: open(address, wait).await?,
            variable: None,
        })
    }

    /// Runs one statement and collects its rows.
    pub(super) async fn query(
        &self,
        sql: &'static str,
        params: Vec<ParameterValue>,
    ) -> Result<Vec<Row>, DbError> {
        let result = crate::local(async {
            let mut answer = self.connection.query(sql, params).await?;
            let mut rows = Vec::new();
            while let Some(values) = answer.rows().next().await {
                rows.push(Row::new(values));
            }
            // A streamed query reports execution errors at its end, not at its beginning.
            answer.result().await.map(|()| rows)
        })
        .await;
        match result {
            Ok(rows) => Ok(rows),
            Err(error) => {
                let error = DbError::from(error);
                if matches!(error, DbError::Lost(_)) {
                    // A dead connection never heals: nobody may find it again.
                    self.forget();
                }
                Err(error)
            }
        }
    }

    fn forget(&self) {
        if let Some(variable) = self.variable {
            CURRENT.with_borrow_mut(|c| {
                let same = c
                    .get(variable)
                    .is_some_and(|w| Weak::as_ptr(w) == Rc::as_ptr(&self.connection));
                if same {
                    c.remove(variable);
                }
            });
        }
    }
}

fn current(variable: &'static str) -> Option<SendWrapper<Rc<Connection>>> {
    CURRENT
        .with_borrow(|c| c.get(variable).and_then(Weak::upgrade))
        .map(SendWrapper::new)
}

/// Opens a connection. At the host's limit this is where a request waits, and the host would let it
/// wait for ever.
async fn open(address: String, wait: Duration) -> Result<SendWrapper<Rc<Connection>>, DbError> {
    match crate::local(within(wait, Connection::open(address))).await {
        Some(Ok(connection)) => Ok(SendWrapper::new(Rc::new(connection))),
        Some(Err(e)) => Err(DbError::Lost(format!("opening a connection: {e}"))),
        None => Err(DbError::Busy(format!(
            "no connection within {} ms",
            wait.as_millis()
        ))),
    }
}
