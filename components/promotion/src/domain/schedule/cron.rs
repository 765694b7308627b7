//! A cron expression, and the local times that it names.
//!
//! The library reads the expression and knows which days it names. It is not asked to search: its
//! search runs to the year 5000 for a day that never comes.

use std::ops::Range;

use chrono::{DateTime, Datelike};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

const DAY_S: i64 = 86_400;
const LONGEST: usize = 100;

/// What a cron expression names.
pub struct Pattern {
    cron: Cron,
    /// Seconds of the day, rising.
    times: Vec<i64>,
    /// Neither minute nor hour begins with `*`.
    pub fixed: bool,
}

impl Pattern {
    /// None when it cannot be read.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST || !is_plain(text) {
            return None;
        }
        let cron = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build()
            .parse(text)
            .ok()?;
        let set = |most: u32, named: &dyn Fn(u32) -> bool| -> Vec<i64> {
            (0..most).filter(|n| named(*n)).map(i64::from).collect()
        };
        let hours = set(24, &|h| cron.pattern.hour_match(h).unwrap_or(false));
        let minutes = set(60, &|m| cron.pattern.minute_match(m).unwrap_or(false));
        let times = hours
            .iter()
            .flat_map(|hour| {
                minutes.iter().map(move |minute| {
                    hour.saturating_mul(60)
                        .saturating_add(*minute)
                        .saturating_mul(60)
                })
            })
            .collect();
        let fixed = !cron.pattern.minutes.from_wildcard && !cron.pattern.hours.from_wildcard;
        Some(Self { cron, times, fixed })
    }

    /// The first local time that it names in a range; local times are seconds as if 1970 had begun
    /// by this clock.
    pub fn first_in(&self, local: &Range<i64>) -> Option<i64> {
        days(local).find_map(|day| {
            let begin = day.saturating_mul(DAY_S);
            let from = local.start.saturating_sub(begin);
            let at = self.times.partition_point(|t| *t < from);
            let time = begin.saturating_add(*self.times.get(at)?);
            (time < local.end && self.names(day)).then_some(time)
        })
    }

    /// The last one.
    pub fn last_in(&self, local: &Range<i64>) -> Option<i64> {
        days(local).rev().find_map(|day| {
            let begin = day.saturating_mul(DAY_S);
            let to = local.end.saturating_sub(begin);
            let at = self.times.partition_point(|t| *t < to).checked_sub(1)?;
            let time = begin.saturating_add(*self.times.get(at)?);
            (time >= local.start && self.names(day)).then_some(time)
        })
    }

    fn names(&self, day: i64) -> bool {
        let Some(date) = DateTime::from_timestamp(day.saturating_mul(DAY_S), 0) else {
            return false;
        };
        let (year, month) = (date.year(), date.month());
        // Far from where calendars end.
        (1900..=9999).contains(&year)
            && self.cron.pattern.month_match(month).unwrap_or(false)
            && self
                .cron
                .pattern
                .day_match(year, month, date.day())
                .unwrap_or(false)
    }
}

/// The days that a range touches; of an empty range perhaps one.
fn days(local: &Range<i64>) -> std::ops::RangeInclusive<i64> {
    let last = local.end.saturating_sub(1);
    local.start.div_euclid(DAY_S)..=last.div_euclid(DAY_S)
}

/// Five fields of letters, digits and signs that cron knows, and no number of more than two digits:
/// none has a meaning there.
fn is_plain(text: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"*/,-#? ".contains(&b);
    text.bytes().all(known)
        && text.split_whitespace().count() == 5
        && text
            .split(|c: char| !c.is_ascii_digit())
            .all(|number| number.len() <= 2)
}
