//! What locks are kept in.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::redis::{Away, as_text, command, text};
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
        let mut all = vec![text(script), text(keys.len().to_string())];
        all.extend(keys.into_iter().chain(arguments).map(text));
        let answer = command("EVAL", all).await?;
        answer
            .iter()
            .map(|part| as_text(part).and_then(|n| n.parse().ok()))
            .collect::<Option<_>>()
            .ok_or_else(|| Away::new("an answer that is no number"))
    }

    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }

    fn now(&self) -> Duration {
        START.with(|start| Instant::now().saturating_duration_since(*start))
    }
}
