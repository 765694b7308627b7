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
    use super::*;

    #[test]
    fn times_are_seven_hours_ahead() {
        assert_eq!(format(0), "19700101070000");
        // 31 December, 17:00 in London, is midnight in Hanoi.
        assert_eq!(format(1_704_042_000), "20240101000000");
    }

    #[test]
    fn the_time_is_that_of_the_id() {
        let leg = Uuid::now_v7();
        assert!(now().abs_diff(made_at(leg)) < 10);
        assert_eq!(made_at(Uuid::nil()), 0);
    }
}
