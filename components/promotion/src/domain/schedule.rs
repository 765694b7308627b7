//! When a promotion is on.
//!
//! A window begins when the clocks of a zone show a time that the cron expression names, and lasts
//! its duration in seconds that pass, whatever the clocks do meanwhile. Where the clocks change:
//! - A fixed time (neither minute nor hour begins with `*`) that is left out begins a window at the
//!   moment of the change; one that comes twice, only the first time.
//! - What repeats by minute or hour goes by the clocks as they are: nothing begins in the hour that
//!   is left out, and the hour that comes twice counts twice.

mod clock;
mod cron;
#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers of the tests are small, and a panic there is a failed test"
)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use stoa_kit::error::FieldError;

use clock::Clock;

/// How far ahead the next window is looked for, in seconds: five years, so that the 29th of
/// February is found.
const HORIZON_S: i64 = 5 * 366 * 86_400;
/// Shortest and longest window in seconds.
const DURATIONS: std::ops::RangeInclusive<u32> = 60..=31 * 86_400;

/// From when to when, and in which windows between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    pub starts_at: DateTime<Utc>,
    /// Not included; without end if absent.
    pub ends_at: Option<DateTime<Utc>>,
    /// Always between the two if absent.
    pub recurrence: Option<Recurrence>,
}

/// Windows that begin when a cron expression says, by the clocks of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Recurrence {
    /// Five fields: minute, hour, day of the month, month, day of the week. At most 100 characters.
    #[cfg_attr(feature = "http", schema(example = "0 18 * * FRI"))]
    pub cron: String,
    /// A name of the IANA time zone database.
    #[cfg_attr(feature = "http", schema(example = "Asia/Ho_Chi_Minh"))]
    pub zone: String,
    /// How long a window lasts, in seconds that pass: 60 to 2678400 (31 days).
    #[cfg_attr(feature = "http", schema(example = 7200))]
    pub duration_s: u32,
}

/// What a schedule says about a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    On,
    NotStarted,
    Ended,
    /// Between two windows.
    NotNow,
}

/// A time during which a promotion is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub starts_at: DateTime<Utc>,
    /// Not included; without end if absent.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Schedule {
    /// Whether it is on. A window that began before `starts_at` counts from then on.
    #[must_use]
    pub fn state(&self, at: DateTime<Utc>) -> State {
        if at < self.starts_at {
            return State::NotStarted;
        }
        if self.ends_at.is_some_and(|end| at >= end) {
            return State::Ended;
        }
        match &self.recurrence {
            None => State::On,
            Some(recurrence) if recurrence.open_since(at).is_some() => State::On,
            Some(_) => State::NotNow,
        }
    }

    /// The window that is open, of several the one that opened last, or the next to open. None when
    /// there is none before the end, or none in the next five years.
    #[must_use]
    pub fn next_window(&self, at: DateTime<Utc>) -> Option<Window> {
        let at = at.max(self.starts_at);
        if self.ends_at.is_some_and(|end| at >= end) {
            return None;
        }
        let Some(recurrence) = &self.recurrence else {
            return Some(Window {
                starts_at: self.starts_at,
                ends_at: self.ends_at,
            });
        };
        let begins = recurrence
            .open_since(at)
            .or_else(|| recurrence.opens_next(at))?;
        let closes = begins.saturating_add(i64::from(recurrence.duration_s));
        let opens = DateTime::from_timestamp(begins, 0)?.max(self.starts_at);
        let closes = DateTime::from_timestamp(closes, 0)?;
        if self.ends_at.is_some_and(|end| opens >= end) {
            return None;
        }
        Some(Window {
            starts_at: opens,
            ends_at: Some(self.ends_at.map_or(closes, |end| end.min(closes))),
        })
    }

    /// What is wrong with it, by field.
    #[must_use]
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut wrong = |pointer: &str, code: &str, detail: &str| {
            errors.push(FieldError {
                pointer: pointer.into(),
                code: code.into(),
                detail: detail.into(),
            });
        };
        if self.ends_at.is_some_and(|end| end <= self.starts_at) {
            wrong("/ends_at", "out_of_range", "It ends after it starts.");
        }
        let Some(recurrence) = &self.recurrence else {
            return errors;
        };
        if !DURATIONS.contains(&recurrence.duration_s) {
            wrong(
                "/recurrence/duration_s",
                "out_of_range",
                "A window lasts 60 to 2678400 seconds.",
            );
        }
        let zone = clock::zone(&recurrence.zone);
        if zone.is_none() {
            wrong(
                "/recurrence/zone",
                "invalid",
                "There is no such zone; one is called Europe/Berlin, another Asia/Ho_Chi_Minh.",
            );
        }
        if cron::Pattern::read(&recurrence.cron).is_none() {
            wrong(
                "/recurrence/cron",
                "invalid",
                "It has five fields (minute, hour, day of the month, month, day of the week), such as 0 18 * * FRI.",
            );
        } else if zone.is_some() && recurrence.opens_next(self.starts_at).is_none() {
            wrong(
                "/recurrence/cron",
                "out_of_range",
                "That time does not come in the five years after the start.",
            );
        }
        errors
    }
}

impl Recurrence {
    /// When the window began that is open, in seconds since 1970.
    fn open_since(&self, at: DateTime<Utc>) -> Option<i64> {
        let now = at.timestamp();
        let duration = self.duration_s.min(*DURATIONS.end());
        let earliest = now.saturating_sub(i64::from(duration)).saturating_add(1);
        Clock::read(self)?.last_in(earliest, now.saturating_add(1))
    }

    /// When the next window begins.
    fn opens_next(&self, after: DateTime<Utc>) -> Option<i64> {
        let next = after.timestamp().saturating_add(1);
        Clock::read(self)?.first_in(next, next.saturating_add(HORIZON_S))
    }
}
