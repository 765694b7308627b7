//! Redis: caches, and the ticks and bells that wake the workers. Never the truth.
//!
//! A worker's *lane* is woken by two channels: the expiry of its tick, twice a second when nothing
//! happens, and its bell, for what should not wait that long.
//!
//! Everything here has a deadline and may fail without harm: callers go on without the cache.
//! After a failure Redis is left alone for a moment, so that its absence costs little.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use send_wrapper::SendWrapper;
use spin_sdk::redis::Connection;
pub use spin_sdk::redis::{RedisParameter, RedisResult};

use crate::time::{unix_now_ms, within};
use crate::{local, variables};

/// No cache is worth waiting longer for.
const DEADLINE: Duration = Duration::from_millis(250);
/// How long Redis is left alone after a failure.
pub(crate) const PAUSE: Duration = Duration::from_millis(500);
/// When a tick expires that was armed now.
const TICK_MS: i64 = 500;
/// How long a bell that was rung keeps quiet, unless the lane wakes before.
const RUNG_MS: i64 = 250;
/// How long a beat is remembered.
const BEAT_MS: i64 = 30_000;

/// A lane hears one ring, however many call until it wakes: a wake takes up all that there is, and
/// messages that queue behind it would each make an instance for nothing. Keys: rung, tick; then how
/// long each lives, and the bell's channel.
const RING: &str = "
if redis.call('SET', KEYS[1], '1', 'PX', ARGV[1], 'NX') then redis.call('PUBLISH', ARGV[3], '1') end
redis.call('SET', KEYS[2], '1', 'PX', ARGV[2], 'NX')
return 1";

/// From here on a ring is for the next wake. Keys: rung, tick, beat; then how long tick and beat live,
/// and the time.
const WAKE: &str = "
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[1], 'NX')
redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[2])
return 1";

thread_local! {
    static CONNECTION: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
    static PAUSED_UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
    static TICKS_ARMED: RefCell<HashMap<&'static str, Instant>> = RefCell::default();
}

/// Redis did not answer; the text is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("redis: {0}")]
pub struct Away(String);

impl Away {
    /// With a text for the log.
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

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
            return Err(Away::new("paused after a failure"));
        }
        let outcome = within(DEADLINE, async {
            let connection = connection().await?;
            connection
                .execute(name, arguments)
                .await
                .map_err(|e| Away::new(e.to_string()))
        })
        .await
        .unwrap_or_else(|| Err(Away::new("no answer in time")));
        if outcome.is_err() {
            CONNECTION.set(None);
            PAUSED_UNTIL.set(Instant::now().checked_add(PAUSE));
        }
        outcome
    })
    .await
}

/// Runs a script.
///
/// # Errors
/// As [`command`].
pub async fn eval<K: Into<String>>(
    script: &str,
    keys: impl IntoIterator<Item = K>,
    arguments: impl IntoIterator<Item = RedisParameter>,
) -> Result<Vec<RedisResult>, Away> {
    let keys: Vec<_> = keys.into_iter().map(text).collect();
    let mut all = vec![text(script), text(keys.len().to_string())];
    all.extend(keys);
    all.extend(arguments);
    command("EVAL", all).await
}

/// Makes sure that the lane's tick is armed: its key expires within half a second and wakes the
/// lane. Called after whatever gives the lane work. Cheap when it was called a moment ago.
pub async fn arm_tick(lane: &'static str) -> Result<(), Away> {
    let now = Instant::now();
    let recent = TICKS_ARMED.with_borrow(|armed| {
        armed
            .get(lane)
            .is_some_and(|at| now.saturating_duration_since(*at) < Duration::from_millis(200))
    });
    if recent {
        return Ok(());
    }
    command(
        "SET",
        vec![
            text(tick_key(lane)),
            text("1"),
            text("PX"),
            RedisParameter::Int64(TICK_MS),
            text("NX"),
        ],
    )
    .await?;
    TICKS_ARMED.with_borrow_mut(|armed| armed.insert(lane, now));
    Ok(())
}

/// Arms the relay's tick without making the answer wait for it. To be called after every statement
/// that may have published; should it fail, the supervisor's own arming brings the events out.
pub fn ring_relay() {
    #[cfg(target_arch = "wasm32")]
    spin_sdk::wasip3::spawn(async {
        // Losing a ring loses time, not events.
        let _ = arm_tick("relay").await;
    });
}

/// Wakes a lane now, without making the answer wait for it: for work that should not wait for the
/// tick, which is armed as well. After the statement that made the work.
///
/// For HTTP components: what a worker spawns ends with its wake, so it awaits [`ring_now`].
pub fn ring(lane: &'static str) {
    #[cfg(not(target_arch = "wasm32"))]
    let _ = lane;
    #[cfg(target_arch = "wasm32")]
    spin_sdk::wasip3::spawn(async move {
        // Losing a ring loses time, and no work.
        let _ = ring_now(lane).await;
    });
}

/// Wakes a lane now.
///
/// # Errors
/// [`Away`]: nobody was woken.
pub async fn ring_now(lane: &str) -> Result<(), Away> {
    let keys = [rung_key(lane), tick_key(lane)];
    let bell = text(format!("stoa:bell:{lane}"));
    eval(RING, keys, [number(RUNG_MS), number(TICK_MS), bell])
        .await
        .map(|_| ())
}

/// To be called by a lane when it wakes, before it looks for work, and again when it is done: arms its
/// next tick (at once, so that it goes on even if this wake comes to a bad end, and again, because a
/// long wake outlives its first tick), beats its heart, and is ready to be rung for.
pub async fn lane_awake(lane: &str) {
    let keys = [rung_key(lane), tick_key(lane), beat_key(lane)];
    let now = text(unix_now_ms().to_string());
    if let Err(away) = eval(WAKE, keys, [number(TICK_MS), number(BEAT_MS), now]).await {
        eprintln!("{lane}: tick and heartbeat: {:?}", away.to_string());
    }
}

/// Where a lane keeps its heartbeat, the Unix milliseconds of its last wake.
#[must_use]
pub fn beat_key(lane: &str) -> String {
    format!("stoa:beat:{lane}")
}

fn tick_key(lane: &str) -> String {
    format!("stoa:tick:{lane}")
}

fn rung_key(lane: &str) -> String {
    format!("stoa:rung:{lane}")
}

/// A text argument of a command.
pub fn text(value: impl Into<String>) -> RedisParameter {
    RedisParameter::Binary(value.into().into_bytes())
}

/// A number for a command; the largest where it has no room for it.
pub fn number(value: impl TryInto<i64>) -> RedisParameter {
    RedisParameter::Int64(value.try_into().unwrap_or(i64::MAX))
}

/// An answer of nothing but numbers.
#[must_use]
pub fn numbers(answer: &[RedisResult]) -> Option<Vec<i64>> {
    let number = |part: &RedisResult| as_text(part).and_then(|n| n.parse().ok());
    answer.iter().map(number).collect()
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
        .map_err(|e| Away::new(e.to_string()))?;
    let opened = local(Connection::open(address))
        .await
        .map_err(|e| Away::new(e.to_string()))?;
    let opened = Rc::new(opened);
    CONNECTION.set(Some(Rc::clone(&opened)));
    Ok(SendWrapper::new(opened))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_however_they_are_written_and_all_or_none() {
        let one = RedisResult::Int64(1);
        let text = |text: &str| RedisResult::Binary(text.as_bytes().to_vec());
        assert_eq!(numbers(&[one.clone(), text("-7")]), Some(vec![1, -7]));
        assert_eq!(numbers(&[]), Some(Vec::new()));
        assert_eq!(numbers(&[one.clone(), text("x")]), None);
        assert_eq!(numbers(&[one, RedisResult::Nil]), None);
    }

    #[test]
    fn what_is_too_large_is_the_largest() {
        assert!(matches!(number(u64::MAX), RedisParameter::Int64(i64::MAX)));
        assert!(matches!(number(-5_i32), RedisParameter::Int64(-5)));
    }
}
