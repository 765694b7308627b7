//! Rules for texts that more than one module takes.

use std::fmt;
use std::str::FromStr;

/// Whether a text is a phone number in E.164.
#[must_use]
pub fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

/// Whether a text is an ISO 3166-1 alpha-2 code, in upper case.
#[must_use]
pub fn is_country(text: &str) -> bool {
    text.len() == 2
        && text.bytes().all(|b| b.is_ascii_uppercase())
        && iso_currency::Country::from_str(text).is_ok()
}

/// Whether a text says something on one line: not only space, no control characters.
#[must_use]
pub fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}

/// Whether a text says something, perhaps on several lines.
#[must_use]
pub fn is_note(text: &str) -> bool {
    !text.trim().is_empty()
        && !text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// A text as a log shows it: what could end its line, and so begin another one that nobody has written, or turn
/// what is read, stands there as its number.
#[derive(Debug, Clone, Copy)]
pub struct OneLine<'a>(pub &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        self.0.chars().try_for_each(|c| match c {
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                write!(f, "{}", c.escape_unicode())
            }
            c if c.is_control() => write!(f, "{}", c.escape_default()),
            c => f.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_in_it_a_text_in_a_log_stays_on_its_line() {
        for (text, shown) in [
            (
                "Nothing \"special\", \\ or ế.",
                "Nothing \"special\", \\ or ế.",
            ),
            ("a\r\nb\tc\0", "a\\r\\nb\\tc\\u{0}"),
            ("\u{1b}[2J\u{85}", "\\u{1b}[2J\\u{85}"),
            ("\u{2028}\u{202e}\u{2067}", "\\u{2028}\\u{202e}\\u{2067}"),
        ] {
            assert_eq!(OneLine(text).to_string(), shown);
        }
    }

    #[test]
    fn phone_numbers_are_in_e164() {
        assert!(is_phone("+84901234567") && is_phone("+1234567"));
        for text in [
            "",
            "84901234567",
            "+",
            "+0123456789",
            "+84 901",
            "+123456",
            "+1234567890123456",
            "+8490x234567",
        ] {
            assert!(!is_phone(text), "{text}");
        }
    }

    #[test]
    fn countries_are_in_iso_3166() {
        assert!(
            ["VN", "US", "DE", "SS", "SX", "TW", "GB"]
                .into_iter()
                .all(is_country)
        );
        assert!(
            !["vn", "UK", "XX", "V", "VNM", "", "ZZ"]
                .into_iter()
                .any(is_country)
        );
    }

    #[test]
    fn texts_hold_no_controls() {
        assert!(is_line("12 Hàng Bạc") && is_note("ring\ntwice"));
        assert!(!is_line("a\nb") && !is_line("  ") && !is_note("\u{0}") && !is_note("\n"));
    }
}
