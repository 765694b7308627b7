//! The domain's rules as `garde` asks for them.

use crate::domain::delivery;

fn rule(holds: bool, text: &'static str) -> garde::Result {
    if holds {
        Ok(())
    } else {
        Err(garde::Error::new(text))
    }
}

pub(super) fn phone(value: &str, (): &()) -> garde::Result {
    rule(
        delivery::is_phone(value),
        "a phone number in E.164, such as +84901234567",
    )
}

pub(super) fn country(value: &str, (): &()) -> garde::Result {
    rule(
        delivery::is_country(value),
        "an ISO 3166-1 alpha-2 code in upper case, such as VN",
    )
}

pub(super) fn line(value: &str, (): &()) -> garde::Result {
    rule(
        delivery::is_line(value),
        "not only space, no control characters",
    )
}

pub(super) fn note(value: &str, (): &()) -> garde::Result {
    rule(
        delivery::is_note(value),
        "not only space, of the control characters only line breaks and tabs",
    )
}
