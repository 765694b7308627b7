//! The workers' lanes and their heartbeats.

/// Every lane of the workers, as in the names of its tick and its beat.
pub const LANES: [&str; 4] = ["relay", "order-flows", "payment-flows", "notification-lane"];

/// Oldest beat of a lane that keeps up, in milliseconds. It beats twice a second when idle, and a
/// busy wake takes a little over two seconds, or as long as the calls that it has begun: five.
pub const MOST_MS: u64 = 10_000;

/// A lane, and how old its last beat is, if there is one.
pub type Beat = (&'static str, Option<u64>);

/// The beat that says how the worker is as a whole: the oldest, and none where a lane has none.
#[must_use]
pub fn worst(beats: &[Beat]) -> Option<u64> {
    let ages: Option<Vec<u64>> = beats.iter().map(|(_, age)| *age).collect();
    ages?.into_iter().max()
}

/// How old a beat is, by its text in Redis and the time now, both Unix milliseconds. A beat from
/// the future (another host's clock) is no age.
#[must_use]
pub fn age_ms(beat: &str, now_ms: u64) -> Option<u64> {
    beat.trim()
        .parse::<u64>()
        .ok()
        .map(|at| now_ms.saturating_sub(at))
}

/// A lane's state in a word.
#[must_use]
pub fn word(age_ms: Option<u64>) -> &'static str {
    match age_ms {
        None => "no_beat",
        Some(age) if age > MOST_MS => "late",
        Some(_) => "ok",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_ages() {
        assert_eq!(age_ms("1000", 1250), Some(250));
        assert_eq!(age_ms("2000", 1250), Some(0));
        assert_eq!(age_ms("soon", 1250), None);
    }

    #[test]
    fn ten_seconds_are_late() {
        assert_eq!(word(Some(10_000)), "ok");
        assert_eq!(word(Some(10_001)), "late");
        assert_eq!(word(None), "no_beat");
    }

    #[test]
    fn the_worker_is_as_well_as_its_worst_lane() {
        assert_eq!(worst(&[("a", Some(3)), ("b", Some(7))]), Some(7));
        assert_eq!(worst(&[("a", Some(3)), ("b", None)]), None);
        assert_eq!(worst(&[]), None);
    }

    /// `spin.toml` decides what lanes there are.
    #[test]
    fn the_lanes_are_those_of_the_manifest() {
        let manifest = include_str!("../../../../spin.toml");
        let mut lanes: Vec<&str> = manifest
            .lines()
            .filter_map(|line| line.split_once(":stoa:tick:")?.1.strip_suffix('"'))
            .collect();
        lanes.sort_unstable();
        let mut known = LANES;
        known.sort_unstable();
        assert_eq!(lanes, known);
    }
}
