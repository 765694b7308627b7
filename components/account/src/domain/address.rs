//! Addresses at which people are reached, and the codes that prove them.

use serde::Deserialize;

/// Digits of a code.
const DIGITS: usize = 6;

/// How somebody is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By e-mail.
    Email,
    /// By SMS.
    Phone,
}

impl Channel {
    /// As the store and events name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// The channel of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "email" => Some(Self::Email),
            "phone" => Some(Self::Phone),
            _ => None,
        }
    }
}

/// A code to be read from one screen and typed into another. The remainder favours some codes by a
/// part in 2^44, which helps nobody.
#[must_use]
pub fn code(random: [u8; 8]) -> String {
    let number = u64::from_le_bytes(random)
        .checked_rem(1_000_000)
        .unwrap_or_default();
    format!("{number:0DIGITS$}")
}

/// Whether a text is a code.
#[must_use]
pub fn is_code(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn channels_have_the_names_that_the_store_knows() {
        for channel in [Channel::Email, Channel::Phone] {
            assert_eq!(Channel::of_name(channel.name()), Some(channel));
        }
        assert_eq!(Channel::of_name("fax"), None);
    }

    #[test]
    fn a_code_may_begin_with_zeros() {
        assert_eq!(code([0; 8]), "000000");
        assert_eq!(code(1_000_042_u64.to_le_bytes()), "000042");
        assert!(!is_code("12345") && !is_code("1234567") && !is_code("12345x"));
        assert!(!is_code("١٢٣"));
    }

    proptest! {
        #[test]
        fn every_code_is_a_code(random: [u8; 8]) {
            prop_assert!(is_code(&code(random)));
        }
    }
}
