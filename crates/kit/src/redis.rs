//! Redis: caches, and the tick that wakes the workers. Never the truth.
//!
//! Everything here has a deadline and may fail without harm: callers go on without the cache.
//! After a failure Redis is left alone for a moment, so that its absence costs little.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use send_wrapper::SendWrapper;
use spin_sdk::redis::Connection;
pub use spin_sdk::redis::{RedisParameter, RedisResult};

use crate::time::within;
use crate::{local, variables};

/// No cache is worth waiting longer for.
const DEADLINE: Duration = Duration::from_millis(250);
/// How long Redis is left alone after a failure.
const PAUSE: Duration = Duration::from_millis(500);

thread_local! {
    static CONNECTION: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
    static PAUSED_UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
    static TICK_ARMED: RefCell<Option<(String, Instant)>> = const { RefCell::new(None) };
}

/// Redis did not answer; the text is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("redis: {0}")]
pub struct Away(String);

/// Runs one command and returns its flattened answer.
///
/// # Errors
/// [`Away`] when Redis cannot be reached, does not answer in time, or refuses the command.
pub async fn command(
    name: &'static str,
    arguments: Vec<RedisParameter>,
) -> Result<Vec<RedisResult>, Away> {
    local(async move {
        if PAUSED_UNTIL
            .get()
            .is_some_and(|until| Instant::now() < until)
        {
            return Err(Away("paused after a failure".into()));
        }
        let outcome = within(DEADLINE, async {
            let connection = connection().await?;
            connection
                .execute(name, arguments)
                .await
                .map_err(|e| Away(e.to_string()))
        })
        .await
        .unwrap_or_else(|| Err(Away("no answer in time".into())));
        if outcome.is_err() {
            CONNECTION.set(None);
            PAUSED_UNTIL.set(Instant::now().checked_add(PAUSE));
        }
        outcome
    })
    .await
}

/// Makes sure that the lane's tick is armed: its key expires within half a second and wakes the
/// lane. Called after whatever gives the lane work. Cheap when it was called a moment ago.
pub async fn arm_tick(lane: &'static str) -> Result<(), Away> {
    let now = Instant::now();
    let recent = TICK_ARMED.with_borrow(|armed| {
        armed.as_ref().is_some_and(|(name, at)| {
            name == lane && now.saturating_duration_since(*at) < Duration::from_millis(200)
        })
    });
    if recent {
        return Ok(());
    }
    command(
        "SET",
        vec![
            text(format!("stoa:tick:{lane}")),
            text("1"),
            text("PX"),
            RedisParameter::Int64(500),
            text("NX"),
        ],
    )
    .await?;
    TICK_ARMED.set(Some((lane.to_owned(), now)));
    Ok(())
}

/// Rings for the relay without making the answer wait for it. To be called after every statement
/// that may have published; should it fail, the supervisor's own arming brings the events out.
pub fn ring_relay() {
    #[cfg(target_arch = "wasm32")]
    spin_sdk::wasip3::spawn(async {
        // Losing a ring loses time, not events.
        let _ = arm_tick("relay").await;
    });
}

/// A text argument of a command.
pub fn text(value: impl Into<String>) -> RedisParameter {
    RedisParameter::Binary(value.into().into_bytes())
}

/// The text of an answer's part, if it is one.
#[must_use]
pub fn as_text(result: &RedisResult) -> Option<String> {
    match result {
        RedisResult::Status(text) => Some(text.clone()),
        RedisResult::Binary(bytes) => String::from_utf8(bytes.clone()).ok(),
        RedisResult::Int64(number) => Some(number.to_string()),
        RedisResult::Nil => None,
    }
}

async fn connection() -> Result<SendWrapper<Rc<Connection>>, Away> {
    if let Some(open) = CONNECTION.with_borrow(Clone::clone) {
        return Ok(SendWrapper::new(open));
    }
    let address = variables::get("redis_url")
        .await
        .map_err(|e| Away(e.to_string()))?;
    let opened = local(Connection::open(address))
        .await
        .map_err(|e| Away(e.to_string()))?;
    let opened = Rc::new(opened);
    CONNECTION.set(Some(Rc::clone(&opened)));
    Ok(SendWrapper::new(opened))
}
