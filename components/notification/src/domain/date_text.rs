//! A day, or a moment, as a reader sees it.

use super::language::Language;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The day of a time in RFC 3339, in the time's own zone: `9 January 2026`, `09/01/2026`. Nothing
/// when it is no such time.
#[must_use]
pub fn day(time: &str, language: Language) -> Option<String> {
    let (date, _) = time.split_once(['T', 't', ' '])?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    let number: usize = month.parse().ok()?;
    let name = MONTHS.get(number.checked_sub(1)?)?;
    let of_month: u8 = day.parse().ok().filter(|d| (1..=31).contains(d))?;
    Some(match language {
        Language::English => format!("{of_month} {name} {year}"),
        Language::Vietnamese => format!("{day}/{month}/{year}"),
    })
}

/// The minute of a time in RFC 3339, in the time's own zone: `9 January 2026, 03:04`,
/// `03:04 ngày 09/01/2026`. Nothing when it is no such time.
#[must_use]
pub fn moment(time: &str, language: Language) -> Option<String> {
    let day = day(time, language)?;
    let (_, clock) = time.split_once(['T', 't', ' '])?;
    let minute = clock.get(..5)?;
    let (hours, minutes) = minute.split_once(':')?;
    let below = |text: &str, limit: u8| {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        digits && text.parse().is_ok_and(|number: u8| number < limit)
    };
    if !below(hours, 24) || !below(minutes, 60) {
        return None;
    }
    Some(match language {
        Language::English => format!("{day}, {minute}"),
        Language::Vietnamese => format!("{minute} ngày {day}"),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_stands_in_the_way_of_the_language() {
        let time = "2026-01-09T03:04:05.000Z";
        assert_eq!(
            day(time, Language::English).as_deref(),
            Some("9 January 2026")
        );
        assert_eq!(
            day(time, Language::Vietnamese).as_deref(),
            Some("09/01/2026")
        );
    }

    #[test]
    fn what_is_no_time_has_no_day() {
        for text in [
            "",
            "soon",
            "2026-01-09",
            "2026-13-09T00:00:00Z",
            "2026-00-09T00:00:00Z",
            "2026-01-32T00:00:00Z",
            "26-01-09T00:00:00Z",
            "2026-01-09-01T00:00:00Z",
            "2026-1é-09T00:00:00Z",
        ] {
            assert_eq!(day(text, Language::English), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_told_to_the_minute() {
        let time = "2026-01-09T03:04:05.000Z";
        assert_eq!(
            moment(time, Language::English).as_deref(),
            Some("9 January 2026, 03:04")
        );
        assert_eq!(
            moment(time, Language::Vietnamese).as_deref(),
            Some("03:04 ngày 09/01/2026")
        );
        for text in [
            "2026-01-09T",
            "2026-01-09T24:00Z",
            "2026-01-09T+1:00Z",
            "2026-01-09T03-04Z",
        ] {
            assert_eq!(moment(text, Language::English), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_brings_it_down(text in "\\PC{0,30}|[0-9T:-]{0,30}") {
            let _ = day(&text, Language::English);
            let _ = moment(&text, Language::Vietnamese);
        }
    }
}
