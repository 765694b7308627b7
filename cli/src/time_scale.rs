//! How fast business time runs: `stoa up --time-scale`.

use anyhow::{Context, Result};
use tokio_postgres::Client;

use crate::progress::Progress;

/// From here on each real second counts `scale` seconds of business time, which goes on from where it
/// is: it never jumps, and the time it is ahead by stays. Says so unless everything is as usual.
pub async fn set(client: &Client, scale: u32, progress: &Progress) -> Result<()> {
    let statement = "SELECT shared.rfc3339(shared.set_time_scale($1)),
                            extract(epoch FROM shared.now() - shared.real_now())::float8";
    let row = client
        .query_one(statement, &[&f64::from(scale)])
        .await
        .context("setting the time scale")?;
    if let Some(line) = line(scale, row.get(0), row.get(1)) {
        progress.say(line);
    }
    Ok(())
}

fn line(scale: u32, now: &str, ahead: f64) -> Option<String> {
    // A clock that was never moved differs by the time between two calls.
    match (scale, ahead.abs() > 1.0) {
        (1, false) => None,
        (1, true) => Some(format!(
            "  !  business time runs as fast as real time, from {now}, which it has reached before"
        )),
        _ => Some(format!(
            "  !  business time runs {scale} times as fast as real time, from {now}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn only_what_is_unusual_is_said() {
        assert_eq!(line(1, "2026-01-02T03:04:05.000Z", -0.002), None);
        assert!(line(1, "2027-01-02T03:04:05.000Z", 9e6).is_some());
        let fast = line(1000, "2026-01-02T03:04:05.000Z", 0.0).unwrap();
        assert!(fast.contains("1000 times") && fast.ends_with("2026-01-02T03:04:05.000Z"));
    }
}
