//! When to leave a destination alone: the state machine, without clock or wire.
//!
//! Closed, it counts failures that follow each other. Open, it lets nothing through. When its time is
//! over it is half-open: one call at a time goes through to try, and decides. Which call of which instance
//! that is, the instances settle among themselves: see `shared`.

/// So many failures in a row open it.
pub(super) const THRESHOLD: u32 = 5;
/// Failures further apart than this do not follow each other.
pub(super) const WINDOW_MS: u64 = 30_000;
/// How long it is open at first; twice as long after each try that failed.
pub(super) const OPEN_MS: u64 = 5_000;
pub(super) const LONGEST_OPEN_MS: u64 = 60_000;
/// After so long a try has been given up by whoever made it.
pub(super) const TRY_MS: u64 = 10_000;

/// What others should hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    None,
    Failed,
    /// The failures so far do not lead to anything.
    Interrupted,
    /// It was open, and works again.
    Recovered,
}

/// How a call goes that may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// As any other.
    Go,
    /// To find out whether the destination works again.
    Try,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32, last: u64 },
    Open { until: u64, length: u64 },
    HalfOpen { tried_at: u64, length: u64 },
}

/// The breaker of one destination. Times are milliseconds of any one clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Breaker {
    state: State,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            state: State::Closed {
                failures: 0,
                last: 0,
            },
        }
    }
}

impl Breaker {
    /// Whether a call may go; if not, for how many milliseconds none may.
    pub(super) fn admit(&mut self, now: u64) -> Result<Admission, u64> {
        let (left, length) = match self.state {
            State::Closed { .. } => return Ok(Admission::Go),
            State::Open { until, length } => (until.saturating_sub(now), length),
            State::HalfOpen { tried_at, length } => {
                (tried_at.saturating_add(TRY_MS).saturating_sub(now), length)
            }
        };
        if left > 0 {
            return Err(left);
        }
        self.told_to_try(now, length);
        Ok(Admission::Try)
    }

    /// A call came back.
    pub(super) fn succeeded(&mut self) -> News {
        match self.state {
            State::Closed { failures: 0, .. } => News::None,
            // It was let through before others failed: the tries decide.
            State::Open { .. } => News::None,
            State::Closed { .. } => {
                *self = Self::default();
                News::Interrupted
            }
            State::HalfOpen { .. } => {
                *self = Self::default();
                News::Recovered
            }
        }
    }

    /// A call did not.
    pub(super) fn failed(&mut self, now: u64) -> News {
        match self.state {
            State::Closed { failures, last } => {
                let failures = if now.saturating_sub(last) <= WINDOW_MS {
                    failures.saturating_add(1)
                } else {
                    1
                };
                self.state = if failures >= THRESHOLD {
                    open(now, OPEN_MS)
                } else {
                    State::Closed {
                        failures,
                        last: now,
                    }
                };
            }
            State::HalfOpen { length, .. } => {
                self.state = open(now, length.saturating_mul(2).min(LONGEST_OPEN_MS));
            }
            State::Open { .. } => return News::None,
        }
        News::Failed
    }

    /// The others leave it alone, for so long from now.
    pub(super) fn told_open(&mut self, now: u64, for_ms: u64) {
        let length = match self.state {
            State::Closed { .. } => OPEN_MS,
            State::Open { length, .. } | State::HalfOpen { length, .. } => length,
        };
        self.state = State::Open {
            until: now.saturating_add(for_ms.min(LONGEST_OPEN_MS)),
            length,
        };
    }

    /// The next call is the one that tries, after it was left alone for so long.
    pub(super) fn told_to_try(&mut self, now: u64, length: u64) {
        self.state = State::HalfOpen {
            tried_at: now,
            length: length.clamp(OPEN_MS, LONGEST_OPEN_MS),
        };
    }

    /// The others call it, and so many of their calls in a row have failed.
    pub(super) fn told_closed(&mut self, now: u64, failures: u32) {
        self.state = State::Closed {
            failures: failures.min(THRESHOLD.saturating_sub(1)),
            last: now,
        };
    }
}

fn open(now: u64, length: u64) -> State {
    State::Open {
        until: now.saturating_add(length),
        length,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn opened(at: u64) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..THRESHOLD {
            assert_eq!(breaker.admit(at), Ok(Admission::Go));
            assert_eq!(breaker.failed(at), News::Failed);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_says_for_how_long() {
        assert_eq!(opened(1_000).admit(2_000), Err(OPEN_MS - 1_000));
    }

    #[test]
    fn a_success_between_starts_the_count_again() {
        let mut breaker = Breaker::default();
        for _ in 0..10 {
            for _ in 1..THRESHOLD {
                breaker.failed(0);
            }
            assert_eq!(breaker.succeeded(), News::Interrupted);
            assert_eq!(breaker.succeeded(), News::None);
        }
        assert_eq!(breaker.admit(0), Ok(Admission::Go));
    }

    #[test]
    fn whoever_is_told_of_failures_takes_them_back_or_adds_to_them() {
        let told = |failures| {
            let mut breaker = Breaker::default();
            breaker.told_closed(100, failures);
            assert_eq!(breaker.admit(100), Ok(Admission::Go));
            breaker
        };
        assert_eq!(told(0).succeeded(), News::None);
        assert_eq!(told(3).succeeded(), News::Interrupted);
        let mut last = told(THRESHOLD - 1);
        assert_eq!(last.failed(200), News::Failed);
        assert!(last.admit(200).is_err());
        let mut early = told(3);
        assert_eq!(early.failed(200), News::Failed);
        assert_eq!(early.admit(200), Ok(Admission::Go));
        // What is open is not said to be closed, however high the count.
        told(u32::MAX);
    }

    #[test]
    fn failures_far_apart_do_not_open_it() {
        let mut breaker = Breaker::default();
        for n in 0..20 {
            breaker.failed(n * (WINDOW_MS + 1));
        }
        assert_eq!(breaker.admit(21 * WINDOW_MS), Ok(Admission::Go));
    }

    #[test]
    fn one_call_tries_when_its_time_is_over() {
        let mut breaker = opened(0);
        assert_eq!(breaker.admit(OPEN_MS), Ok(Admission::Try));
        assert!(breaker.admit(OPEN_MS).is_err());
        assert_eq!(breaker.succeeded(), News::Recovered);
        assert_eq!(breaker.admit(OPEN_MS), Ok(Admission::Go));
        assert_eq!(breaker.admit(OPEN_MS), Ok(Admission::Go));
    }

    #[test]
    fn a_try_that_fails_opens_it_for_twice_as_long() {
        let mut breaker = opened(0);
        let mut now = 0;
        let mut length = OPEN_MS;
        for _ in 0..8 {
            now += length;
            assert_eq!(breaker.admit(now), Ok(Admission::Try));
            assert_eq!(breaker.failed(now), News::Failed);
            length = (length * 2).min(LONGEST_OPEN_MS);
            assert_eq!(breaker.admit(now), Err(length));
        }
    }

    #[test]
    fn a_try_that_nobody_heard_of_again_blocks_nobody_for_ever() {
        let mut breaker = opened(0);
        assert_eq!(breaker.admit(OPEN_MS), Ok(Admission::Try));
        assert!(breaker.admit(OPEN_MS + TRY_MS - 1).is_err());
        assert_eq!(breaker.admit(OPEN_MS + TRY_MS), Ok(Admission::Try));
    }

    #[test]
    fn what_others_found_counts_here_too() {
        let mut breaker = Breaker::default();
        breaker.told_open(100, 300);
        assert_eq!(breaker.admit(200), Err(200));
        assert_eq!(breaker.admit(400), Ok(Admission::Try));
        // Another instance tries already.
        breaker.told_open(400, 50);
        assert_eq!(breaker.admit(420), Err(30));
        breaker.told_closed(420, 0);
        assert_eq!(breaker.admit(420), Ok(Admission::Go));
    }

    #[test]
    fn whoever_tries_for_all_goes_on_from_how_long_it_was_left_alone() {
        let mut breaker = Breaker::default();
        breaker.told_to_try(0, 20_000);
        assert_eq!(breaker.failed(100), News::Failed);
        assert_eq!(breaker.admit(100), Err(40_000));
    }

    #[test]
    fn a_late_success_does_not_close_what_is_open() {
        let mut breaker = opened(0);
        assert_eq!(breaker.succeeded(), News::None);
        assert!(breaker.admit(1).is_err());
    }

    proptest! {
        #[test]
        fn it_never_stays_shut_for_longer_than_the_longest(steps in prop::collection::vec((0..6_u8, 0..20_000_u64), 0..100)) {
            let mut breaker = Breaker::default();
            let mut now = 0_u64;
            for (what, later) in steps {
                now = now.saturating_add(later);
                match what {
                    0 => { breaker.failed(now); }
                    1 => { breaker.succeeded(); }
                    2 => breaker.told_open(now, later),
                    3 => breaker.told_to_try(now, later),
                    4 => breaker.told_closed(now, u32::try_from(later).unwrap_or(u32::MAX)),
                    _ => { let _ = breaker.admit(now); }
                }
            }
            prop_assert!(breaker.admit(now.saturating_add(LONGEST_OPEN_MS).saturating_add(TRY_MS)).is_ok());
        }
    }
}
