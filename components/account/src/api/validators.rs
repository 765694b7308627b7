//! The domain's rules as `garde` asks for them.

use chrono::{DateTime, Datelike, Utc};
use stoa_kit::text;

use crate::domain::second_factor::Code;
use crate::domain::{address, contact, identifier, password, profile};

fn rule(holds: bool, text: &'static str) -> garde::Result {
    if holds {
        Ok(())
    } else {
        Err(garde::Error::new(text))
    }
}

pub(super) fn email(value: &str, (): &()) -> garde::Result {
    rule(
        identifier::email(value).is_some(),
        "an e-mail address in ASCII, such as lan@example.com",
    )
}

pub(super) fn phone(value: &str, (): &()) -> garde::Result {
    rule(
        identifier::phone(value).is_some(),
        "an international phone number, such as +84912345678",
    )
}

pub(super) fn username(value: &str, (): &()) -> garde::Result {
    rule(
        identifier::username(value).is_some(),
        "3 to 32 letters, digits, '_', '.' and '-', beginning with a letter or digit",
    )
}

pub(super) fn password(value: &str, (): &()) -> garde::Result {
    rule(
        (password::MIN_CHARS..=password::MAX_CHARS).contains(&value.chars().count()),
        "8 to 128 characters",
    )
}

pub(super) fn code(value: &str, (): &()) -> garde::Result {
    rule(address::is_code(value), "six digits")
}

pub(super) fn second_factor(value: &str, (): &()) -> garde::Result {
    rule(
        value.len() <= 20 && Code::read(value).is_some(),
        "six digits, or a recovery code such as abcde-fgh23",
    )
}

pub(super) fn reason(value: &str, (): &()) -> garde::Result {
    rule(
        text::is_note(value) && value.chars().count() <= 1000,
        "up to 1000 characters, not only space, of the control characters only line breaks and tabs",
    )
}

pub(super) fn action(value: &str, (): &()) -> garde::Result {
    rule(
        (1..=40).contains(&value.len())
            && value.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
        "1 to 40 lower-case letters and '_'",
    )
}

pub(super) fn moment(value: &DateTime<Utc>, (): &()) -> garde::Result {
    rule((1..=9999).contains(&value.year()), "a year from 1 to 9999")
}

pub(super) fn name(value: &str, (): &()) -> garde::Result {
    rule(
        profile::name(value).is_some(),
        "1 to 100 characters, not only space, no control characters",
    )
}

pub(super) fn bio(value: &str, (): &()) -> garde::Result {
    rule(
        profile::bio(value).is_some(),
        "up to 1000 characters, of the control characters only line breaks and tabs",
    )
}

pub(super) fn country(value: &str, (): &()) -> garde::Result {
    rule(
        text::is_country(value),
        "an ISO 3166-1 alpha-2 code in upper case, such as VN",
    )
}

pub(super) fn locale(value: &str, (): &()) -> garde::Result {
    rule(
        profile::locale(value).is_some(),
        "a language tag, such as vi-VN",
    )
}

pub(super) fn line(value: &str, (): &()) -> garde::Result {
    rule(
        text::is_line(value),
        "not only space, no control characters",
    )
}

pub(super) fn area_code(value: &str, (): &()) -> garde::Result {
    rule(
        contact::is_area_code(value),
        "1 to 20 ASCII letters, digits, '-' and '.'",
    )
}
