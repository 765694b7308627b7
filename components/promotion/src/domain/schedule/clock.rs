//! The clocks of a zone: when they show what a cron expression names.

use std::ops::Range;

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::Recurrence;
use super::cron::Pattern;

const DAY_S: i64 = 86_400;
/// How long before a time the walk to it begins. Clocks are not set by more than a day, so that what
/// they showed before a change is known by then.
const LEAD_S: i64 = 26 * 3_600;

/// A zone's name as the database spells it.
pub fn zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// A cron expression by the clocks of a zone. Times are seconds since 1970.
pub struct Clock {
    pattern: Pattern,
    zone: Tz,
}

impl Clock {
    pub fn read(recurrence: &Recurrence) -> Option<Self> {
        Some(Self {
            pattern: Pattern::read(&recurrence.cron)?,
            zone: zone(&recurrence.zone)?,
        })
    }

    /// The first time from `from` on and before `to` at which it is what the expression names.
    pub fn first_in(&self, from: i64, to: i64) -> Option<i64> {
        self.stretches(from, to).find_map(|stretch| {
            stretch
                .at_change
                .or_else(|| stretch.real(self.pattern.first_in(&stretch.local)))
        })
    }

    /// The last such time.
    pub fn last_in(&self, from: i64, to: i64) -> Option<i64> {
        self.stretches(from, to)
            .filter_map(|stretch| {
                stretch
                    .real(self.pattern.last_in(&stretch.local))
                    .or(stretch.at_change)
            })
            .last()
    }

    fn stretches(&self, from: i64, to: i64) -> Stretches<'_> {
        Stretches {
            clock: self,
            from,
            to,
            at: from.saturating_sub(LEAD_S),
            shown: None,
        }
    }

    /// Seconds that the clocks are ahead of UTC.
    fn offset(&self, at: i64) -> i64 {
        DateTime::from_timestamp(at, 0).map_or(0, |at| {
            let offset = self.zone.offset_from_utc_datetime(&at.naive_utc());
            i64::from(offset.fix().local_minus_utc())
        })
    }

    /// The end of the stretch that begins at a time: where the offset changes, at most a day later.
    fn end_of(&self, at: i64, offset: i64) -> i64 {
        let mut other = at.saturating_add(DAY_S);
        if self.offset(other) == offset {
            return other;
        }
        let mut same = at;
        while other.saturating_sub(same) > 1 {
            let middle = same.midpoint(other);
            if self.offset(middle) == offset {
                same = middle;
            } else {
                other = middle;
            }
        }
        other
    }
}

/// Real time from one change of the clocks to the next, at most a day of it.
struct Stretch {
    /// What the clocks show meanwhile and is to be asked for.
    local: Range<i64>,
    /// Seconds that they are ahead of UTC.
    offset: i64,
    /// The moment of the change before it, when that left out a time that is named.
    at_change: Option<i64>,
}

impl Stretch {
    fn real(&self, local: Option<i64>) -> Option<i64> {
        local.map(|local| local.saturating_sub(self.offset))
    }
}

/// The stretches that have a part between `from` and `to`.
struct Stretches<'a> {
    clock: &'a Clock,
    from: i64,
    to: i64,
    at: i64,
    /// The latest time that the clocks have shown, not included.
    shown: Option<i64>,
}

impl Iterator for Stretches<'_> {
    type Item = Stretch;

    fn next(&mut self) -> Option<Stretch> {
        loop {
            if self.at >= self.to {
                return None;
            }
            let begin = self.at;
            let offset = self.clock.offset(begin);
            let end = self.clock.end_of(begin, offset);
            self.at = end;
            let local = |real: i64| real.saturating_add(offset);
            let pattern = &self.clock.pattern;
            let mut first = local(begin.max(self.from));
            let mut at_change = None;
            if pattern.fixed {
                let shown = self.shown.unwrap_or_else(|| local(begin));
                if begin >= self.from && pattern.first_in(&(shown..local(begin))).is_some() {
                    at_change = Some(begin);
                }
                first = first.max(shown);
                self.shown = Some(shown.max(local(end)));
            }
            if end > self.from {
                return Some(Stretch {
                    local: first..local(end.min(self.to)),
                    offset,
                    at_change,
                });
            }
        }
    }
}
