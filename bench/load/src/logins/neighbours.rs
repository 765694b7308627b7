//! All three beside each other: what they are held against.

use serde::Serialize;

use super::found::Pages;
use super::sign_in::RATE;

/// Fewer than this part of the logins were not that load.
const ENOUGH: f64 = 0.9;
/// What they may add to the p99 of product pages in the same process, in milliseconds.
const MOST_ADDED_MS: f64 = 60.0;
/// How many times as long that p99 may be while they are in another process.
const MOST_TIMES: f64 = 2.0;

/// All three at one number of connections.
#[derive(Debug, Serialize)]
pub struct Neighbours {
    /// Whether product pages came from the cache.
    pub cached: bool,
    pub connections: u16,
    pub pages: Vec<Pages>,
    /// p99 beside logins in the same process, minus p99 alone.
    pub added_p99_ms: f64,
    /// p99 beside logins in another process, over p99 alone.
    pub times_p99: Option<f64>,
}

impl Neighbours {
    fn title(&self) -> String {
        let cached = if self.cached { ", cached" } else { "" };
        format!("logins, product{cached}, {} connections", self.connections)
    }

    /// Why it does not count, or does not do. What was measured only for a moment is held against nothing.
    pub fn failures(&self, quick: bool) -> Vec<String> {
        let title = self.title();
        let mut failures = Vec::new();
        for pages in &self.pages {
            if pages.errors > 0 {
                let first = pages.first_error.as_deref().unwrap_or("unknown");
                failures.push(format!(
                    "{title}, {}: {} errors, first: {first}",
                    pages.beside, pages.errors
                ));
            }
            let few = |logins: &f64| *logins < ENOUGH * f64::from(RATE);
            if let Some(logins) = pages.logins.filter(few).filter(|_| !quick) {
                failures.push(format!(
                    "{title}, {}: {logins} logins a second instead of {RATE}",
                    pages.beside
                ));
            }
        }
        if quick {
            return failures;
        }
        if self.added_p99_ms > MOST_ADDED_MS {
            failures.push(format!(
                "{title}: logins in one process cost {} ms of p99 ({MOST_ADDED_MS} at most)",
                self.added_p99_ms
            ));
        }
        if let Some(times) = self.times_p99.filter(|it| *it > MOST_TIMES) {
            failures.push(format!(
                "{title}: with account in its own process p99 is {times} times as long ({MOST_TIMES} at most)"
            ));
        }
        failures
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Where;
    use super::super::found::Found;
    use super::*;

    fn pages(beside: Where, logins: Option<f64>) -> Pages {
        let mut pages = Found::new().unwrap().finish(beside);
        pages.logins = logins;
        pages
    }

    /// With what costs so much.
    pub(in super::super) fn neighbours(added_p99_ms: f64, times_p99: f64) -> Neighbours {
        Neighbours {
            cached: true,
            connections: 8,
            pages: vec![
                pages(Where::Nowhere, None),
                pages(Where::SameProcess, Some(10.0)),
                pages(Where::OwnProcess, Some(10.0)),
            ],
            added_p99_ms,
            times_p99: Some(times_p99),
        }
    }

    #[test]
    fn what_costs_too_much_fails_unless_it_was_measured_for_a_moment() {
        assert!(neighbours(60.0, 2.0).failures(false).is_empty());
        assert_eq!(neighbours(60.1, 2.0).failures(false).len(), 1);
        assert_eq!(neighbours(60.0, 2.1).failures(false).len(), 1);
        assert!(neighbours(61.0, 3.0).failures(true).is_empty());
    }

    #[test]
    fn errors_and_logins_that_were_not_made_fail() {
        let mut failing = neighbours(1.0, 1.0);
        failing.pages[1].logins = Some(8.9);
        failing.pages[2].errors = 1;
        assert_eq!(failing.failures(false).len(), 2);
        assert_eq!(failing.failures(true).len(), 1);
    }
}
