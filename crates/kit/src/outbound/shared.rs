//! What instances know of a destination together, through Redis. One round trip when something changes;
//! without Redis each instance finds out for itself.
//!
//! Of a destination there are four keys: `failures` counts those that follow each other, `open` lives as
//! long as it is left alone, `tripped` holds how long that was and outlives it until a try succeeds, `try`
//! is the one try that is under way. All of them die of age.
//!
//! Most instances live for one wake, so that whoever succeeds is seldom one that has failed before. An
//! instance is told with its first question how many failures there are, and when its call succeeds it takes
//! them back: a success between two failures counts, whoever's they are.

use crate::redis::{command, eval, number, numbers, text};

use super::breaker::{LONGEST_OPEN_MS, OPEN_MS, THRESHOLD, TRY_MS, WINDOW_MS};

/// How long a destination that nobody calls any more is remembered to have been down.
const TRIPPED_MS: u64 = 600_000;

/// May a call go? Keys: open, tripped, try, failures; then for how long a try may be under way. Answers what
/// to do (0 go, 1 go and try for all, 2 do not), and how many failures there are, how many milliseconds it was
/// left alone, or how many it still is.
pub const ASK: &str = "
local left = redis.call('PTTL', KEYS[1])
if left > 0 then return {2, left} end
local length = redis.call('GET', KEYS[2])
if not length then return {0, tonumber(redis.call('GET', KEYS[4]) or '0')} end
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
    /// It may go; so many failures follow each other just now.
    Go(u32),
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
    let answer = eval(ASK, keys(destination), [number(TRY_MS)]).await.ok()?;
    word(&numbers(&answer)?)
}

fn word(answer: &[i64]) -> Option<Word> {
    let [what, how_much] = *answer else {
        return None;
    };
    let ms = u64::try_from(how_much).unwrap_or_default();
    Some(match what {
        0 => Word::Go(u32::try_from(how_much).unwrap_or_default()),
        1 => Word::Try(ms),
        _ => Word::Leave(ms),
    })
}

/// One more failure; for how long it is open then, if it is.
pub(super) async fn failed(destination: &str) -> Option<u64> {
    let arguments = [
        number(WINDOW_MS),
        number(THRESHOLD),
        number(OPEN_MS),
        number(LONGEST_OPEN_MS),
        number(TRIPPED_MS),
    ];
    let answer = eval(FAIL, keys(destination), arguments).await.ok()?;
    let ms = *numbers(&answer)?.first()?;
    u64::try_from(ms).ok().filter(|ms| *ms > 0)
}

/// The try has shown that it works again.
pub(super) async fn recovered(destination: &str) {
    // Who cannot say so lets the marks die of age.
    let _ = command("DEL", keys(destination).map(text).to_vec()).await;
}

/// A call has come back between failures. Should they have been too many meanwhile, that stands: this one
/// was under way before.
pub(super) async fn interrupted(destination: &str) {
    let [.., failures] = keys(destination);
    let _ = command("DEL", vec![text(failures)]).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_what_to_do_and_one_that_is_none_says_nothing() {
        assert_eq!(word(&[0, 3]), Some(Word::Go(3)));
        assert_eq!(word(&[1, 5_000]), Some(Word::Try(5_000)));
        assert_eq!(word(&[2, 40]), Some(Word::Leave(40)));
        for broken in [&[] as &[i64], &[0], &[0, 1, 2]] {
            assert_eq!(word(broken), None);
        }
    }
}
