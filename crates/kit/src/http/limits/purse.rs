//! Tokens that an instance has taken from a bucket and not spent yet: no clock and no wire.

use std::time::{Duration, Instant};

use super::{Level, Taken, Verdict};

/// One actor's tokens of one class.
#[derive(Debug, Default)]
pub(super) struct Purse {
    tokens: u32,
    /// As it was at that time.
    level: Option<(Instant, Level)>,
    /// There will be none before.
    empty_until: Option<Instant>,
    /// Requests that are asking just now.
    asking: u32,
}

/// What a purse says to a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Spend {
    /// It has a token, or knows that there is none.
    Decided(Verdict),
    /// The bucket has to be asked.
    Ask,
}

impl Purse {
    pub(super) fn spend(&mut self, now: Instant) -> Spend {
        if let Some(left) = self.tokens.checked_sub(1) {
            self.tokens = left;
            return Spend::Decided(Verdict::Go(self.level(now)));
        }
        match (self.empty_until, self.level(now)) {
            (Some(until), Some(level)) if now < until => Spend::Decided(Verdict::Wait {
                ms: ms(until.saturating_duration_since(now)),
                level,
            }),
            _ => Spend::Ask,
        }
    }

    /// A request goes to ask, for so many: those that ask at the same time do not each take a lot.
    pub(super) fn asks(&mut self, lot: u32) -> u32 {
        self.asking = self.asking.saturating_add(1);
        if self.asking > 1 { 1 } else { lot }
    }

    /// It has come back, with nothing when nobody answered.
    pub(super) fn answered(&mut self, now: Instant, answer: Option<Taken>) -> Verdict {
        self.asking = self.asking.saturating_sub(1);
        let Some(Taken {
            taken,
            level,
            wait_ms,
        }) = answer
        else {
            return Verdict::Go(None);
        };
        self.level = Some((now, level));
        match taken.checked_sub(1) {
            Some(rest) => {
                self.empty_until = None;
                self.tokens = self.tokens.saturating_add(rest);
                Verdict::Go(self.level(now))
            }
            // Another's lot may have come meanwhile.
            None if self.tokens > 0 => {
                self.tokens = self.tokens.saturating_sub(1);
                Verdict::Go(self.level(now))
            }
            None => {
                self.empty_until = now.checked_add(Duration::from_millis(wait_ms));
                Verdict::Wait { ms: wait_ms, level }
            }
        }
    }

    /// What is left in the bucket and here, as far as it is known.
    fn level(&self, now: Instant) -> Option<Level> {
        let (at, level) = self.level?;
        Some(Level {
            left: level.left.saturating_add(self.tokens),
            full_in_ms: level
                .full_in_ms
                .saturating_sub(ms(now.saturating_duration_since(at))),
        })
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(taken: u32, left: u32, wait_ms: u64) -> Option<Taken> {
        Some(Taken {
            taken,
            level: Level {
                left,
                full_in_ms: 1_000,
            },
            wait_ms,
        })
    }

    fn left(verdict: Verdict) -> Option<u32> {
        match verdict {
            Verdict::Go(level) => level.map(|l| l.left),
            Verdict::Wait { .. } => panic!("it may go"),
        }
    }

    #[test]
    fn a_lot_is_spent_before_the_bucket_is_asked_again() {
        let (mut purse, now) = (Purse::default(), Instant::now());
        assert_eq!(purse.spend(now), Spend::Ask);
        assert_eq!(purse.asks(3), 3);
        assert_eq!(left(purse.answered(now, taken(3, 7, 0))), Some(9));
        for expected in [8, 7] {
            match purse.spend(now) {
                Spend::Decided(verdict) => assert_eq!(left(verdict), Some(expected)),
                Spend::Ask => panic!("there are tokens"),
            }
        }
        assert_eq!(purse.spend(now), Spend::Ask);
    }

    #[test]
    fn an_empty_bucket_is_not_asked_again_before_it_can_have_one() {
        let (mut purse, now) = (Purse::default(), Instant::now());
        purse.asks(1);
        assert!(matches!(
            purse.answered(now, taken(0, 0, 400)),
            Verdict::Wait { ms: 400, .. }
        ));
        let soon = now + Duration::from_millis(300);
        assert!(matches!(
            purse.spend(soon),
            Spend::Decided(Verdict::Wait { ms: 100, .. })
        ));
        assert_eq!(purse.spend(now + Duration::from_millis(400)), Spend::Ask);
    }

    #[test]
    fn requests_that_ask_together_take_one_each() {
        let mut purse = Purse::default();
        assert_eq!((purse.asks(16), purse.asks(16), purse.asks(16)), (16, 1, 1));
        let now = Instant::now();
        for _ in 0..3 {
            purse.answered(now, None);
        }
        assert_eq!(purse.asks(16), 16);
    }

    #[test]
    fn without_an_answer_it_goes_on() {
        let mut purse = Purse::default();
        purse.asks(1);
        assert_eq!(purse.answered(Instant::now(), None), Verdict::Go(None));
    }
}
