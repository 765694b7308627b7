//! Waiting with a deadline, and real time for security matters.
//!
//! Business time never comes from here: statements read `shared.now()`.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::future::{Either, select};

/// Real time as seconds since 1970.
#[must_use]
pub fn unix_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs())
}

/// Real time as milliseconds since 1970.
#[must_use]
pub fn unix_now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}

/// The future's value, or `None` when it took longer than `limit`; it is dropped then.
pub async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    let timer = pin!(sleep(limit));
    match select(pin!(future), timer).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(((), _)) => None,
    }
}

/// Waits.
#[cfg(target_arch = "wasm32")]
pub(crate) async fn sleep(duration: Duration) {
    spin_sdk::time::sleep(duration).await;
}

/// Natively there is no host clock to wait on, and nothing to wait for: unit tests never get here.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) async fn sleep(_: Duration) {
    futures::future::pending::<()>().await;
}
