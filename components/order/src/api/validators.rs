//! The domain's rules as `garde` asks for them.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Utc};
use uuid::Uuid;

use stoa_kit::{money, text};

fn rule(holds: bool, text: &'static str) -> garde::Result {
    if holds {
        Ok(())
    } else {
        Err(garde::Error::new(text))
    }
}

pub(super) fn phone(value: &str, (): &()) -> garde::Result {
    rule(
        text::is_phone(value),
        "a phone number in E.164, such as +84901234567",
    )
}

pub(super) fn country(value: &str, (): &()) -> garde::Result {
    rule(
        text::is_country(value),
        "an ISO 3166-1 alpha-2 code in upper case, such as VN",
    )
}

pub(super) fn currency(value: &str, (): &()) -> garde::Result {
    rule(
        money::is_currency(value),
        "an ISO 4217 code in upper case, such as VND",
    )
}

pub(super) fn line(value: &str, (): &()) -> garde::Result {
    rule(
        text::is_line(value),
        "not only space, no control characters",
    )
}

pub(super) fn note(value: &str, (): &()) -> garde::Result {
    rule(
        text::is_note(value),
        "not only space, of the control characters only line breaks and tabs",
    )
}

/// A page of the shop: whoever may choose where a buyer goes after paying could choose a copy of it.
/// Browsers read `\\` as `/`.
pub(super) fn shop_path(value: &str, (): &()) -> garde::Result {
    rule(
        value.starts_with('/')
            && !value.starts_with("//")
            && !value
                .chars()
                .any(|c| c == '\\' || c.is_control() || c.is_whitespace()),
        "a path of the shop, such as /checkouts/done",
    )
}

/// Lower-case letters, digits and `_`: names of payment providers.
pub(super) fn provider(value: &str, (): &()) -> garde::Result {
    rule(
        value
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
        "lower-case letters, digits and _",
    )
}

/// Years of four digits: what a date of the API and of the database can both be.
pub(super) fn moment(value: &DateTime<Utc>, (): &()) -> garde::Result {
    rule((1..=9999).contains(&value.year()), "a year from 1 to 9999")
}

pub(super) fn distinct(value: &[Uuid], (): &()) -> garde::Result {
    let distinct: BTreeSet<&Uuid> = value.iter().collect();
    rule(distinct.len() == value.len(), "each one once")
}
