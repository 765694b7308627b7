//! Pools of connections, and the check that nobody gives one back inside a transaction.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls, SimpleQueryMessage};

use crate::limit::Permit;

/// Connections to one address, per component.
const POOL_SIZE: usize = 64;

/// How long the check waits for statements that are still under way on the connection.
const CHECK_TIMEOUT: Duration = Duration::from_secs(15);

static STRICT: LazyLock<bool> =
    LazyLock::new(|| std::env::var("STOA_HOST_STRICT").is_ok_and(|value| value == "1"));

static ABANDONED: AtomicU64 = AtomicU64::new(0);

/// How many connections came back with a transaction left open. Counted only with
/// `STOA_HOST_STRICT=1`, because asking costs a round trip for every connection used.
pub fn abandoned_transactions() -> u64 {
    ABANDONED.load(Ordering::Relaxed)
}

/// The pools of one component, by connection string.
#[derive(Default)]
pub struct Pools(Mutex<HashMap<String, Pool>>);

impl Pools {
    pub async fn get(&self, address: &str, owner: &Arc<str>, permit: Permit) -> Result<Client> {
        let pool = self.pool(address)?;
        let object = pool.get().await?;
        Ok(Client {
            object: Some(object),
            permit: Some(permit),
            owner: owner.clone(),
        })
    }

    fn pool(&self, address: &str) -> Result<Pool> {
        let mut pools = self.0.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(pool) = pools.get(address) {
            return Ok(pool.clone());
        }
        let config: Config = address
            .parse()
            .context("not a Postgres connection string")?;
        ensure!(
            config.get_ssl_mode() != SslMode::Require,
            "sslmode=require: this host connects to Postgres without TLS"
        );
        // Recycling resets the session. It does not end a transaction.
        let manager = ManagerConfig {
            recycling_method: RecyclingMethod::Clean,
        };
        let pool = Pool::builder(Manager::from_config(config, NoTls, manager))
            .max_size(POOL_SIZE)
            .build()?;
        pools.insert(address.to_owned(), pool.clone());
        Ok(pool)
    }
}

/// A connection that goes back to its pool when dropped.
pub struct Client {
    object: Option<Object>,
    permit: Option<Permit>,
    owner: Arc<str>,
}

impl Client {
    pub fn connection(&self) -> Result<&tokio_postgres::Client> {
        let object = self.object.as_ref().context("the connection is closed")?;
        Ok(object)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if !*STRICT {
            return;
        }
        let (Some(object), Ok(runtime)) =
            (self.object.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        let (owner, permit) = (self.owner.clone(), self.permit.take());
        runtime.spawn(async move {
            match tokio::time::timeout(CHECK_TIMEOUT, in_transaction(&object)).await {
                Ok(false) => drop(object),
                Ok(true) => {
                    ABANDONED.fetch_add(1, Ordering::Relaxed);
                    eprintln!(
                        "stoa-host: abandoned transaction: {owner} gave a connection back inside \
                         a transaction; on Spin its next user would have joined it. The \
                         connection is closed"
                    );
                    drop(Object::take(object));
                }
                Err(_) => drop(Object::take(object)),
            }
            drop(permit);
        });
    }
}

/// Outside a transaction the statement starts one of its own, at its own time. This sees
/// transactions that have not written anything as well.
async fn in_transaction(client: &tokio_postgres::Client) -> bool {
    match client
        .simple_query("SELECT now() = statement_timestamp()")
        .await
    {
        Ok(messages) => messages.iter().any(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0) == Some("f"),
            _ => false,
        }),
        Err(error) => error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION),
    }
}
