//! The locks' Redis for what runs outside of a component: the command line, tests.

use std::future::Future;
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;

use super::Store;
use crate::redis::Away;

/// For an answer; several of them fit into a lease.
const ANSWER: Duration = Duration::from_secs(2);

/// A connection, and a clock to wait by.
#[derive(Clone)]
pub struct Native {
    connection: MultiplexedConnection,
    begun: Instant,
}

impl Native {
    /// Over a connection, which gets a time limit for answers.
    #[must_use]
    pub fn new(mut connection: MultiplexedConnection) -> Self {
        connection.set_response_timeout(ANSWER);
        Self {
            connection,
            begun: Instant::now(),
        }
    }
}

impl Store for Native {
    async fn run(
        &self,
        script: &'static str,
        keys: Vec<String>,
        arguments: Vec<String>,
    ) -> Result<Vec<i64>, Away> {
        let away = |error: redis::RedisError| Away::new(error.to_string());
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(keys.len()).arg(keys).arg(arguments);
        let mut connection = self.connection.clone();
        match command.query_async(&mut connection).await.map_err(away)? {
            redis::Value::Int(one) => Ok(vec![one]),
            many => redis::from_redis_value(&many).map_err(away),
        }
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> {
        tokio::time::sleep(duration)
    }

    fn now(&self) -> Duration {
        self.begun.elapsed()
    }
}
