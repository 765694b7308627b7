//! A day as a reader sees it.

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

    proptest! {
        #[test]
        fn no_text_brings_it_down(text in "\\PC{0,30}|[0-9T:-]{0,30}") {
            let _ = day(&text, Language::English);
        }
    }
}
