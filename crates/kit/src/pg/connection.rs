//! Connections that live while statements are in flight on them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared, WeakShared};
use send_wrapper::SendWrapper;
use spin_sdk::pg::{Connection, ParameterValue};

use super::{DbError, Row};

type Opening = Shared<LocalBoxFuture<'static, Result<Rc<Connection>, DbError>>>;
type WeakOpening = WeakShared<LocalBoxFuture<'static, Result<Rc<Connection>, DbError>>>;

thread_local! {
    /// The shared connection of each database, as long as somebody holds it.
    static CURRENT: RefCell<HashMap<&'static str, WeakOpening>> = RefCell::default();
}

/// The right to run statements on a connection. When the last lease of a connection is dropped,
/// the connection goes back to the host's pool.
pub(super) struct Lease {
    opening: SendWrapper<Opening>,
    variable: Option<&'static str>,
}

impl Lease {
    /// The connection that the instance's reads share; opened by the first of them.
    pub(super) async fn shared(variable: &'static str, address: String) -> Result<Self, DbError> {
        let current = CURRENT.with_borrow(|c| c.get(variable).and_then(WeakShared::upgrade));
        let opening = current.unwrap_or_else(|| {
            let opening = open(address);
            if let Some(weak) = opening.downgrade() {
                CURRENT.with_borrow_mut(|c| c.insert(variable, weak));
            }
            opening
        });
        Self::ready(SendWrapper::new(opening), Some(variable)).await
    }

    /// A connection that nobody else uses meanwhile.
    pub(super) async fn alone(address: String) -> Result<Self, DbError> {
        Self::ready(SendWrapper::new(open(address)), None).await
    }

    async fn ready(opening: SendWrapper<Opening>, variable: Option<&'static str>) -> Result<Self, DbError> {
        let lease = Self { opening, variable };
        lease.connection().await.map(|_| lease)
    }

    async fn connection(&self) -> Result<SendWrapper<Rc<Connection>>, DbError> {
        let result = crate::local(Opening::clone(&self.opening)).await;
        if result.is_err() {
            self.forget();
        }
        result.map(SendWrapper::new)
    }

    /// Runs one statement and collects its rows.
    pub(super) async fn query(&self, sql: &'static str, params: Vec<ParameterValue>) -> Result<Vec<Row>, DbError> {
        let connection = self.connection().await?;
        let result = crate::local(async {
            let mut answer = connection.query(sql, params).await?;
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
                    .and_then(WeakShared::upgrade)
                    .is_some_and(|o| o.ptr_eq(&self.opening));
                if same {
                    c.remove(variable);
                }
            });
        }
    }
}

fn open(address: String) -> Opening {
    async move {
        Connection::open(address)
            .await
            .map(Rc::new)
            .map_err(|e| DbError::Lost(format!("opening a connection: {e}")))
    }
    .boxed_local()
    .shared()
}
