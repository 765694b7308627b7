//! What the fields of a request may hold, where more than a length or a range has to be said.

use chrono::{DateTime, Utc};
use stoa_kit::text::{is_line, is_note};

use crate::domain::validate::is_code;

/// A line of text.
pub fn line(text: &str, (): &()) -> garde::Result {
    said(is_line(text), "one line of text")
}

/// Text of one or several lines.
pub fn note(text: &str, (): &()) -> garde::Result {
    said(is_note(text), "text without control characters")
}

/// A code in any case.
pub fn code(text: &str, (): &()) -> garde::Result {
    said(
        is_code(&text.to_ascii_uppercase()),
        "3 to 40 letters A to Z, digits, hyphens and underscores",
    )
}

/// A currency.
pub fn currency(text: &str, (): &()) -> garde::Result {
    said(
        stoa_kit::money::is_currency(text),
        "no currency code of ISO 4217, such as VND or USD",
    )
}

/// A moment that every part of the system can write down.
pub fn moment(at: &DateTime<Utc>, (): &()) -> garde::Result {
    let year = chrono::Datelike::year(at);
    said(
        (2000..2200).contains(&year),
        "a time between the years 2000 and 2200",
    )
}

fn said(right: bool, rule: &str) -> garde::Result {
    if right {
        Ok(())
    } else {
        Err(garde::Error::new(rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_in_any_case_and_times_from_this_age() {
        assert!(code("ten-Off", &()).is_ok() && code("tê", &()).is_err());
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert!(moment(&at("2026-01-01T00:00:00Z"), &()).is_ok());
        assert!(moment(&at("1999-12-31T23:59:59Z"), &()).is_err());
        assert!(moment(&at("9999-12-31T23:59:59Z"), &()).is_err());
    }
}
