//! What instances tell each other of a destination, through Redis. One round trip when something
//! changes; without Redis each instance finds out for itself.

use crate::redis::{RedisParameter, RedisResult, as_text, command, text};

use super::breaker::{OPEN_MS, WINDOW_MS, threshold};

/// Counts a failure for all and opens for all when there were too many. Keys: the count, the mark; then
/// how long the count lives, how many are too many, and how long it is open. Answers how long the mark
/// still lives.
const FAIL: &str = "
local n = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
if n >= tonumber(ARGV[2]) then redis.call('SET', KEYS[2], '1', 'PX', ARGV[3], 'NX') end
return redis.call('PTTL', KEYS[2])";

fn count_key(destination: &str) -> String {
    format!("stoa:breaker:{destination}:failures")
}

fn open_key(destination: &str) -> String {
    format!("stoa:breaker:{destination}:open")
}

/// For how many milliseconds others leave it alone, if they do.
pub(super) async fn open_for(destination: &str) -> Option<u64> {
    let answer = command("PTTL", vec![text(open_key(destination))])
        .await
        .ok()?;
    milliseconds(&answer)
}

/// One more failure; for how long it is open then, if it is.
pub(super) async fn failed(destination: &str) -> Option<u64> {
    let number = |n: u64| RedisParameter::Int64(i64::try_from(n).unwrap_or(i64::MAX));
    let answer = command(
        "EVAL",
        vec![
            text(FAIL),
            text("2"),
            text(count_key(destination)),
            text(open_key(destination)),
            number(WINDOW_MS),
            number(u64::from(threshold())),
            number(OPEN_MS),
        ],
    )
    .await
    .ok()?;
    milliseconds(&answer)
}

/// It works again.
pub(super) async fn recovered(destination: &str) {
    let keys = vec![text(count_key(destination)), text(open_key(destination))];
    // Who cannot say so lets the marks die of age.
    let _ = command("DEL", keys).await;
}

/// A time to live; negative is none.
fn milliseconds(answer: &[RedisResult]) -> Option<u64> {
    answer
        .first()
        .and_then(as_text)
        .and_then(|ms| ms.parse().ok())
        .filter(|ms| *ms > 0)
}
