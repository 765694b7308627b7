//! Postgres, the way the host wants it.
//!
//! Connections are the scarce thing: one lives only while statements are in flight on it. Reads of
//! one instance that run at the same time share a connection, and the driver pipelines them.
//! Anything that may wait on a lock or take long opens one of its own, so that it holds nobody up.
//! There are no transactions in guest code: what must be atomic is one statement or one function.

mod connection;
mod error;
mod row;

pub use error::DbError;
pub use row::{FromDb, Row};
pub use spin_sdk::pg::ParameterValue;

use std::time::Duration;

use crate::variables;
use connection::Lease;

/// How long a request that has not begun anything waits for a connection. Under overload it is
/// refused then, quickly and harmlessly: 503 with `Retry-After`.
const ADMISSION: Duration = Duration::from_secs(2);
/// How long work that has begun waits: giving it up half-way costs more than letting it finish.
const PATIENCE: Duration = Duration::from_secs(8);

/// A module's database, by the variable that holds its connection string.
#[derive(Debug, Clone, Copy)]
pub struct Db {
    variable: &'static str,
    wait: Duration,
}

impl Db {
    /// The database whose connection string is in `variable`, such as `catalog_db`.
    #[must_use]
    pub const fn new(variable: &'static str) -> Self {
        Self {
            variable,
            // A provider is called by somebody who has been admitted already.
            wait: if cfg!(feature = "http") {
                ADMISSION
            } else {
                PATIENCE
            },
        }
    }

    /// The same database, for the later steps of a process whose first step has been admitted.
    #[must_use]
    pub const fn patient(self) -> Self {
        Self {
            variable: self.variable,
            wait: PATIENCE,
        }
    }

    /// A read on the shared connection. Repeated once on a fresh connection when the first turns
    /// out to be dead.
    ///
    /// # Errors
    /// [`DbError`]
    pub async fn read(
        &self,
        sql: &'static str,
        params: Vec<ParameterValue>,
    ) -> Result<Vec<Row>, DbError> {
        match self.shared(sql, params.clone()).await {
            Err(DbError::Lost(_)) => self.shared(sql, params).await,
            other => other,
        }
    }

    /// [`Db::read`], first row.
    ///
    /// # Errors
    /// [`DbError`]
    pub async fn read_one(
        &self,
        sql: &'static str,
        params: Vec<ParameterValue>,
    ) -> Result<Option<Row>, DbError> {
        Ok(self.read(sql, params).await?.into_iter().next())
    }

    /// A write that carries a reference (an idempotency key, an id made by the caller), so that it
    /// may safely be repeated: once on a fresh connection when the outcome is unknown, and up to
    /// three times when Postgres asks for it (serialization failure, deadlock).
    ///
    /// # Errors
    /// [`DbError`]
    pub async fn write(
        &self,
        sql: &'static str,
        params: Vec<ParameterValue>,
    ) -> Result<Vec<Row>, DbError> {
        let mut lost = 0_u8;
        let mut busy = 0_u8;
        loop {
            match self.alone(sql, params.clone()).await {
                Err(DbError::Lost(_)) if lost < 1 => lost = lost.saturating_add(1),
                Err(e) if e.asks_for_repetition() && busy < 3 => busy = busy.saturating_add(1),
                other => return other,
            }
        }
    }

    /// [`Db::write`], first row.
    ///
    /// # Errors
    /// [`DbError`]
    pub async fn write_one(
        &self,
        sql: &'static str,
        params: Vec<ParameterValue>,
    ) -> Result<Option<Row>, DbError> {
        Ok(self.write(sql, params).await?.into_iter().next())
    }

    /// A write that must not be repeated when its outcome is unknown.
    ///
    /// # Errors
    /// [`DbError`]; [`DbError::Lost`] means that nobody knows whether it happened.
    pub async fn write_once(
        &self,
        sql: &'static str,
        params: Vec<ParameterValue>,
    ) -> Result<Vec<Row>, DbError> {
        self.alone(sql, params).await
    }

    async fn shared(
        &self,
        sql: &'static str,
        params: Vec<ParameterValue>,
    ) -> Result<Vec<Row>, DbError> {
        let lease = Lease::shared(self.variable, self.address().await?, self.wait).await?;
        lease.query(sql, params).await
    }

    async fn alone(
        &self,
        sql: &'static str,
        params: Vec<ParameterValue>,
    ) -> Result<Vec<Row>, DbError> {
        let lease = Lease::alone(self.address().await?, self.wait).await?;
        lease.query(sql, params).await
    }

    async fn address(&self) -> Result<String, DbError> {
        variables::get(self.variable)
            .await
            .map_err(|e| DbError::Other {
                sqlstate: String::new(),
                message: e.to_string(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// axum asks for it of every handler.
    fn is_send<T: Send>(_: &T) {}

    #[test]
    fn statements_may_be_awaited_in_handlers() {
        let db = Db::new("no_db");
        is_send(&db.read("SELECT 1", Vec::new()));
        is_send(&db.write("SELECT 1", Vec::new()));
        is_send(&db.write_once("SELECT 1", Vec::new()));
        is_send(&crate::redis::command("PING", Vec::new()));
        is_send(&crate::redis::arm_tick("relay"));
        is_send(&crate::variables::get("no_variable"));
    }
}
