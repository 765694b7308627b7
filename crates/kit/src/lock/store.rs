//! What locks are kept in.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::redis::{Away, eval, numbers, text};
use crate::time::sleep;

/// A Redis, and a clock to wait by.
pub trait Store {
    /// Runs a script; the numbers that it answers. In bounded time: whoever waits for it renews nothing.
    fn run(
        &self,
        script: &'static str,
        keys: Vec<String>,
        arguments: Vec<String>,
    ) -> impl Future<Output = Result<Vec<i64>, Away>>;
    /// Waits.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;
    /// A clock that only runs forward, since whenever.
    fn now(&self) -> Duration;
}

/// The Redis of a guest.
#[derive(Debug, Clone, Copy)]
pub struct Redis;

thread_local! {
    static START: Instant = Instant::now();
}

impl Store for Redis {
    async fn run(
        &self,
        script: &'static str,
        keys: Vec<String>,
        arguments: Vec<String>,
    ) -> Result<Vec<i64>, Away> {
        let answer = eval(script, keys, arguments.into_iter().map(text)).await?;
        numbers(&answer).ok_or_else(|| Away::new("an answer that is no number"))
    }

    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }

    fn now(&self) -> Duration {
        START.with(|start| Instant::now().saturating_duration_since(*start))
    }
}
