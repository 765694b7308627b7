//! What one measurement found.

use std::time::Duration;

use anyhow::{Context, Result};
use hdrhistogram::Histogram;

/// How a request ended.
#[derive(Debug)]
pub enum Outcome {
    /// With 2xx.
    Done,
    /// With 503 and when to try again: how a target keeps too much away from itself.
    Refused,
    /// With another status, or without an answer.
    Failed(String),
}

/// Answers of one target.
#[derive(Debug)]
pub struct Sample {
    /// For how long they were counted.
    pub elapsed: Duration,
    /// Microseconds from sending to the last byte, of what was done in time.
    pub done: Histogram<u64>,
    /// The same of what was refused.
    pub refused: Histogram<u64>,
    /// In the lead-in too.
    pub errors: u64,
    pub first_error: Option<String>,
}

impl Sample {
    pub fn new(elapsed: Duration) -> Result<Self> {
        Ok(Self {
            elapsed,
            done: histogram()?,
            refused: histogram()?,
            errors: 0,
            first_error: None,
        })
    }

    /// Takes in how a request ended, after which time, and whether that counts.
    pub fn record(&mut self, outcome: Outcome, took: Duration, counts: bool) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        match outcome {
            Outcome::Done if counts => self.done.saturating_record(micros),
            Outcome::Refused if counts => self.refused.saturating_record(micros),
            Outcome::Done | Outcome::Refused => {}
            Outcome::Failed(error) => {
                self.errors += 1;
                self.first_error.get_or_insert(error);
            }
        }
    }

    /// Takes in another one of the same time.
    pub fn add(&mut self, other: Self) -> Result<()> {
        self.done.add(&other.done).context("adding histograms")?;
        self.refused
            .add(&other.refused)
            .context("adding histograms")?;
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
        Ok(())
    }

    /// Requests done per second.
    pub fn rate(&self) -> f64 {
        self.done.len() as f64 / self.elapsed.as_secs_f64()
    }
}

/// An empty histogram: up to a minute, three significant digits.
pub fn histogram() -> Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, 60_000_000, 3).context("a histogram")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_kept_apart() {
        let mut sample = Sample::new(Duration::from_secs(2)).unwrap();
        sample.record(Outcome::Done, Duration::from_millis(1), true);
        sample.record(Outcome::Done, Duration::from_millis(1), false);
        sample.record(Outcome::Refused, Duration::from_millis(30), true);
        sample.record(
            Outcome::Failed("500".into()),
            Duration::from_millis(1),
            false,
        );
        let mut all = Sample::new(Duration::from_secs(2)).unwrap();
        all.add(sample).unwrap();
        assert_eq!((all.done.len(), all.refused.len(), all.errors), (1, 1, 1));
        assert!(all.done.max() < 2_000 && all.refused.max() > 29_000);
        assert_eq!(all.rate(), 0.5);
    }
}
