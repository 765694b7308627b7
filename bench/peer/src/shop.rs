//! What the handlers share.

use std::str::FromStr;

use anyhow::{Context, Result};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use redis::aio::ConnectionManager;
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Row};

use crate::tokens::Authority;

/// As many connections as the components' host may open for one of them.
const CONNECTIONS: usize = 16;

/// Postgres, Redis and the keys.
pub struct Shop {
    pool: Pool,
    pub redis: ConnectionManager,
    pub authority: Authority,
    pub product_cache_ms: u64,
}

impl Shop {
    pub async fn open(
        database: &str,
        redis: &str,
        issuer: String,
        product_cache_ms: u64,
    ) -> Result<Self> {
        let config = tokio_postgres::Config::from_str(database).context("the database's URL")?;
        let manager = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let pool = Pool::builder(Manager::from_config(config, NoTls, manager))
            .max_size(CONNECTIONS)
            .build()?;
        let redis = redis::Client::open(redis).context("the Redis URL")?;
        let redis = ConnectionManager::new(redis)
            .await
            .context("connecting to Redis")?;
        let shop = Self {
            pool,
            redis,
            authority: Authority::new(issuer),
            product_cache_ms,
        };
        // Better told at once than with the first request.
        drop(shop.pool.get().await.context("connecting to Postgres")?);
        Ok(shop)
    }

    /// A connection for one request.
    pub async fn db(&self) -> Result<Object, Failure> {
        Ok(self.pool.get().await?)
    }
}

/// Whatever keeps a request from being answered. The benchmark counts it, nobody handles it.
#[derive(Debug)]
pub struct Failure(StatusCode, String);

impl Failure {
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self(status, text.into())
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        Self(StatusCode::INTERNAL_SERVER_ERROR, text)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

/// What the shop's rules do not allow.
pub fn refused(why: &str) -> Failure {
    Failure::new(StatusCode::CONFLICT, why)
}

/// The rows of a statement, which is prepared once on each connection.
pub async fn all(
    db: &Object,
    text: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, Failure> {
    let statement = db.prepare_cached(text).await?;
    Ok(db.query(&statement, parameters).await?)
}

/// The same of a statement that has one row.
pub async fn one(
    db: &Object,
    text: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Row, Failure> {
    let statement = db.prepare_cached(text).await?;
    Ok(db.query_one(&statement, parameters).await?)
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A JSON text as it is, with its length.
pub fn json_text(status: StatusCode, text: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], text).into_response()
}
