//! What fields of requests may hold, where more than a length or a range has to be said, and names in
//! paths.

use std::fmt;

use serde::{Deserialize, Serialize};
use stoa_kit::{money, text};

fn rule(holds: bool, text: &'static str) -> garde::Result {
    if holds {
        Ok(())
    } else {
        Err(garde::Error::new(text))
    }
}

/// The code of a currency.
pub(super) fn currency(value: &str, (): &()) -> garde::Result {
    rule(
        money::is_currency(value),
        "an ISO 4217 code in upper case, such as VND",
    )
}

/// More than blanks, on one line.
pub(super) fn line(value: &str, (): &()) -> garde::Result {
    rule(
        text::is_line(value),
        "not only space, no control characters",
    )
}

/// More than blanks, perhaps on several lines.
pub(super) fn note(value: &str, (): &()) -> garde::Result {
    rule(
        text::is_note(value),
        "not only space, of the control characters only line breaks and tabs",
    )
}

/// Visible ASCII, as providers and banks name things.
pub(super) fn token(value: &str, (): &()) -> garde::Result {
    rule(
        value.bytes().all(|b| b.is_ascii_graphic()),
        "visible ASCII characters without blanks",
    )
}

/// A bank's code.
pub(super) fn bank_code(value: &str, (): &()) -> garde::Result {
    rule(
        value
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
        "letters in upper case and digits",
    )
}

/// The code of a country.
pub(super) fn country(value: &str, (): &()) -> garde::Result {
    rule(
        text::is_country(value),
        "an ISO 3166 code of two letters in upper case, such as VN",
    )
}

/// A document's number.
pub(super) fn document_number(value: &str, (): &()) -> garde::Result {
    rule(
        value
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-'),
        "letters in upper case, digits and hyphens",
    )
}

/// A category's slug.
pub(super) fn slug(value: &str, (): &()) -> garde::Result {
    rule(
        is_slug(value),
        "letters in lower case, digits and single hyphens between them",
    )
}

fn is_slug(value: &str) -> bool {
    value.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

/// A currency in a path. Another text names nothing there.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Currency(String);

impl Currency {
    /// Its ISO 4217 code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Currency {
    type Error = &'static str;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        if money::is_currency(&code) {
            Ok(Self(code))
        } else {
            Err("no currency")
        }
    }
}

/// A category's slug in a path.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Slug(pub String);

impl TryFrom<String> for Slug {
    type Error = &'static str;

    fn try_from(slug: String) -> Result<Self, Self::Error> {
        if slug.len() <= 100 && is_slug(&slug) {
            Ok(Self(slug))
        } else {
            Err("no slug")
        }
    }
}

/// A payment provider that keeps money for us, as it is named in tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderName {
    Sandbox,
    SandboxInstant,
    SandboxDecline,
    Stripe,
    Vnpay,
    Sepay,
}

impl ProviderName {
    /// As the tables have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::SandboxInstant => "sandbox_instant",
            Self::SandboxDecline => "sandbox_decline",
            Self::Stripe => "stripe",
            Self::Vnpay => "vnpay",
            Self::Sepay => "sepay",
        }
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_words_and_hyphens_between_them() {
        for good in ["phones", "table-lamps", "a1-2"] {
            assert!(is_slug(good), "{good}");
        }
        for bad in ["", "-", "a-", "-a", "a--b", "A", "a b", "đ"] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    #[test]
    fn a_provider_has_one_name_everywhere() {
        for provider in [
            ProviderName::Sandbox,
            ProviderName::SandboxInstant,
            ProviderName::SandboxDecline,
            ProviderName::Stripe,
            ProviderName::Vnpay,
            ProviderName::Sepay,
        ] {
            let json = serde_json::to_value(provider).expect("serialises");
            assert_eq!(json, provider.as_str());
        }
    }
}
