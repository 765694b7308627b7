//! What instances know of a destination together, through Redis. One round trip when something changes;
//! without Redis each instance finds out for itself.
//!
//! Of a destination there are four keys: `failures` counts those that follow each other, `open` lives as
//! long as it is left alone, `tripped` holds how long that was and outlives it until a try succeeds, `try`
//! is the one try that is under way. All of them die of age.

use crate::redis::{RedisParameter, RedisResult, as_text, command, text};

use super::breaker::{LONGEST_OPEN_MS, OPEN_MS, TRY_MS, WINDOW_MS, threshold};

/// How long a destination that nobody calls any more is remembered to have been down.
const TRIPPED_MS: u64 = 600_000;

/// May a call go? Keys: open, tripped, try; then for how long a try may be under way. Answers what to do
/// (0 go, 1 go and try for all, 2 do not), and how many milliseconds it is left alone, or how long it was.
pub const ASK: &str = "
local left = redis.call('PTTL', KEYS[1])
if left > 0 then return {2, left} end
local length = redis.call('GET', KEYS[2])
if not length then return {0, 0} end
if redis.call('SET', KEYS[3], '1', 'PX', ARGV[1], 'NX') then return {1, tonumber(length)} end
return {2, math.max(1, redis.call('PTTL', KEYS[3]))}";

/// One more failure. Keys: open, tripped, try, failures; then how long the count lives, how many are too
/// many, how long it is open at first and at the longest, and how long that is remembered. Answers for how
/// long it is open, 0 when it is not.
pub const FAIL: &str = "
local left = redis.call('PTTL', KEYS[1])
if left > 0 then return left end
local length = tonumber(redis.call('GET', KEYS[2]))
if length then
  length = math.min(length * 2, tonumber(ARGV[4]))
else
  local n = redis.call('INCR', KEYS[4])
  redis.call('PEXPIRE', KEYS[4], ARGV[1])
  if n < tonumber(ARGV[2]) then return 0 end
  length = tonumber(ARGV[3])
end
redis.call('SET', KEYS[1], '1', 'PX', length)
redis.call('SET', KEYS[2], length, 'PX', ARGV[5])
redis.call('DEL', KEYS[3], KEYS[4])
return length";

/// What the others say to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// It may go.
    Go,
    /// It goes as the one that tries; so long was the destination left alone before.
    Try(u64),
    /// It may not, for so many milliseconds.
    Leave(u64),
}

/// Open, tripped, try, failures.
fn keys(destination: &str) -> [String; 4] {
    ["open", "tripped", "try", "failures"].map(|part| format!("stoa:breaker:{destination}:{part}"))
}

/// Asks whether a call may go; `None` when nobody answers.
pub(super) async fn ask(destination: &str) -> Option<Word> {
    let [open, tripped, trial, _] = keys(destination);
    let arguments = vec![
        text(ASK),
        text("3"),
        text(open),
        text(tripped),
        text(trial),
        number(TRY_MS),
    ];
    let answer = command("EVAL", arguments).await.ok()?;
    let ms = part(&answer, 1)?;
    match part(&answer, 0)? {
        0 => Some(Word::Go),
        1 => Some(Word::Try(ms)),
        _ => Some(Word::Leave(ms)),
    }
}

/// One more failure; for how long it is open then, if it is.
pub(super) async fn failed(destination: &str) -> Option<u64> {
    let mut arguments = vec![text(FAIL), text("4")];
    arguments.extend(keys(destination).map(text));
    arguments.extend([
        number(WINDOW_MS),
        number(u64::from(threshold())),
        number(OPEN_MS),
        number(LONGEST_OPEN_MS),
        number(TRIPPED_MS),
    ]);
    let answer = command("EVAL", arguments).await.ok()?;
    part(&answer, 0).filter(|ms| *ms > 0)
}

/// It works again.
pub(super) async fn recovered(destination: &str) {
    // Who cannot say so lets the marks die of age.
    let _ = command("DEL", keys(destination).map(text).to_vec()).await;
}

fn number(n: u64) -> RedisParameter {
    RedisParameter::Int64(i64::try_from(n).unwrap_or(i64::MAX))
}

fn part(answer: &[RedisResult], index: usize) -> Option<u64> {
    answer
        .get(index)
        .and_then(as_text)
        .and_then(|n| n.parse().ok())
}
