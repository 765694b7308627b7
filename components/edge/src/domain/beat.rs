//! The worker's heartbeat.

/// Oldest beat of a worker that keeps up, in milliseconds. It beats twice a second when idle, and
/// a busy wake takes a little over two seconds.
pub const MOST_MS: u64 = 5_000;

/// How old a beat is, by its text in Redis and the time now, both Unix milliseconds. A beat from
/// the future (another host's clock) is no age.
#[must_use]
pub fn age_ms(beat: &str, now_ms: u64) -> Option<u64> {
    beat.trim()
        .parse::<u64>()
        .ok()
        .map(|at| now_ms.saturating_sub(at))
}

/// The worker's state in a word.
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
    fn five_seconds_are_late() {
        assert_eq!(word(Some(5_000)), "ok");
        assert_eq!(word(Some(5_001)), "late");
        assert_eq!(word(None), "no_beat");
    }
}
