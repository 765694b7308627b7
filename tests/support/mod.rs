//! What the tests stand on: a running app, accounts that act, and waiting with a deadline.

pub mod actor;
pub mod app;
pub mod drops;
pub mod events;
pub mod goods;
pub mod last_look;
pub mod mail;
pub mod money;
pub mod needles;
pub mod recorder;
pub mod rush;
pub mod web;
pub mod written;

use std::future::Future;
use std::time::{Duration, Instant};

pub use actor::{Actor, Reply};
pub use app::App;

/// Every module that has a schema.
pub const MODULES: [&str; 7] = [
    "account",
    "catalog",
    "inventory",
    "order",
    "promotion",
    "payment",
    "notification",
];

/// Polls until `probe` gives a value. Panics with `what` when the deadline passes first.
pub async fn until<T, F, Fut>(what: &str, limit: Duration, mut probe: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + limit;
    loop {
        if let Some(value) = probe().await {
            return value;
        }
        assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// The root of the checkout.
pub fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests lie in the checkout")
        .to_path_buf()
}
