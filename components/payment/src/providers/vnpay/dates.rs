//! VNPAY's times: `yyyyMMddHHmmss` in GMT+7, and real ones.

use chrono::{DateTime, Duration, Utc};
use stoa_kit::time::unix_now;
use uuid::Uuid;

/// When a payment was made, Unix seconds: the time in the leg's id, so that it is the same whenever it is
/// asked for. Legs whose ids hold none are of 1970, which VNPAY refuses.
#[must_use]
pub fn made_at(leg: Uuid) -> i64 {
    leg.get_timestamp()
        .map(|stamp| stamp.to_unix().0)
        .and_then(|seconds| i64::try_from(seconds).ok())
        .unwrap_or_default()
}

/// VNPAY knows the name of a request for as long as the day lasts, so that a refund may be repeated then,
/// and on no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// So near to midnight that a repetition would be on the next one: not yet.
    Ending,
    Today,
    /// A repetition would be another refund.
    Over,
}

/// How long before midnight nothing is sent any more, seconds: longer than a call takes, and than clocks
/// differ.
const LAST_S: i64 = 60;

/// What of the day is left that belongs to a refund whose turn came at `begun_at`.
#[must_use]
pub fn day_of_refund(begun_at: i64, now: i64) -> Day {
    let its = day(begun_at.saturating_add(LAST_S));
    if day(now) < its {
        Day::Ending
    } else if day(now.saturating_add(LAST_S)) == its {
        Day::Today
    } else {
        Day::Over
    }
}

/// Days in GMT+7 since 1970.
fn day(seconds: i64) -> i64 {
    seconds.saturating_add(7 * 3_600).div_euclid(86_400)
}

/// Now.
#[must_use]
pub fn now() -> i64 {
    i64::try_from(unix_now()).unwrap_or_default()
}

/// As VNPAY writes it.
#[must_use]
pub fn format(seconds: i64) -> String {
    DateTime::<Utc>::from_timestamp(seconds, 0)
        .and_then(|time| time.checked_add_signed(Duration::hours(7)))
        .map(|time| time.format("%Y%m%d%H%M%S").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_seven_hours_ahead() {
        assert_eq!(format(0), "19700101070000");
        // 31 December, 17:00 in London, is midnight in Hanoi.
        assert_eq!(format(1_704_042_000), "20240101000000");
    }

    /// 31 December 2023, 17:00 in London.
    const MIDNIGHT: i64 = 1_704_042_000;

    #[test]
    fn a_refund_is_repeated_on_the_day_of_its_first_try_and_never_later() {
        let begun = MIDNIGHT - 3_600;
        assert_eq!(day_of_refund(begun, begun), Day::Today);
        assert_eq!(day_of_refund(begun, MIDNIGHT - 61), Day::Today);
        // Underway over midnight it would be on the next day.
        for now in [MIDNIGHT - 60, MIDNIGHT, MIDNIGHT + 86_400 * 30] {
            assert_eq!(day_of_refund(begun, now), Day::Over, "{now}");
        }
    }

    #[test]
    fn what_begins_a_moment_before_midnight_is_of_the_next_day() {
        let begun = MIDNIGHT - 10;
        assert_eq!(day_of_refund(begun, begun), Day::Ending);
        assert_eq!(day_of_refund(begun, MIDNIGHT - 1), Day::Ending);
        assert_eq!(day_of_refund(begun, MIDNIGHT), Day::Today);
        assert_eq!(day_of_refund(begun, MIDNIGHT + 86_400 - 61), Day::Today);
        assert_eq!(day_of_refund(begun, MIDNIGHT + 86_400 - 60), Day::Over);
    }

    proptest! {
        /// Whenever it begins, there is one day on which it may be sent, and all sending is on that day.
        #[test]
        fn all_tries_are_on_one_day(begun in 0..4_000_000_000_i64, later in 0..400_000_i64) {
            let first = (0..=LAST_S)
                .map(|wait| begun.saturating_add(wait))
                .find(|now| day_of_refund(begun, *now) == Day::Today);
            prop_assert!(first.is_some());
            let now = begun.saturating_add(later);
            if day_of_refund(begun, now) == Day::Today {
                prop_assert_eq!(first.map(day), Some(day(now)));
                prop_assert_eq!(first.map(day), Some(day(now.saturating_add(LAST_S))));
            }
        }
    }

    #[test]
    fn the_time_is_that_of_the_id() {
        let leg = Uuid::now_v7();
        assert!(now().abs_diff(made_at(leg)) < 10);
        assert_eq!(made_at(Uuid::nil()), 0);
    }
}
