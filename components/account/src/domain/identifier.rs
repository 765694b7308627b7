//! What names an account at login, and the one form in which each is stored and compared.
//!
//! The three kinds cannot be mistaken for one another: only an e-mail address has an `@`, only a
//! phone number begins with `+`.

use std::fmt;

/// A normalised identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// Lower case.
    Email(String),
    /// E.164: `+` and 7 to 15 digits.
    Phone(String),
    /// Lower case.
    Username(String),
}

impl Identifier {
    /// Reads whatever somebody typed into a login form. `None`: no account can have it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.contains('@') {
            email(text).map(Self::Email)
        } else if text.starts_with('+') {
            phone(text).map(Self::Phone)
        } else {
            username(text).map(Self::Username)
        }
    }

    /// `email`, `phone` or `username`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Phone(_) => "phone",
            Self::Username(_) => "username",
        }
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Email(text) | Self::Phone(text) | Self::Username(text)) = self;
        f.write_str(text)
    }
}

/// An e-mail address in lower case. ASCII only: addresses beyond it have an ASCII form (RFC 5890)
/// for their domain, and lower case in one way only.
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let (local, domain) = text.split_once('@')?;
    let local_fits = (1..=64).contains(&local.len())
        && local.split('.').all(|atom| !atom.is_empty())
        && local
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b));
    let domain_fits = domain.contains('.')
        && domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
    (text.len() <= 254 && local_fits && domain_fits).then(|| text.to_ascii_lowercase())
}

/// A phone number in E.164. It has to be international; spaces and the usual marks between digits
/// are left out.
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    let digits: String = text
        .trim()
        .strip_prefix('+')?
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}'))
        .collect();
    let fits = (7..=15).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0');
    fits.then(|| format!("+{digits}"))
}

/// A username in lower case: 3 to 32 letters, digits, `_`, `.` and `-`, beginning with a letter or
/// digit.
#[must_use]
pub fn username(text: &str) -> Option<String> {
    let name = text.trim().to_ascii_lowercase();
    let fits = (3..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_kind_is_told_by_its_form() {
        assert_eq!(
            Identifier::read(" An@Example.COM "),
            Some(Identifier::Email("an@example.com".into()))
        );
        assert_eq!(
            Identifier::read("+84 (0)91-234.56.78"),
            Some(Identifier::Phone("+840912345678".into()))
        );
        assert_eq!(
            Identifier::read("Lan_92"),
            Some(Identifier::Username("lan_92".into()))
        );
    }

    #[test]
    fn what_no_account_can_have_is_nothing() {
        for text in [
            "",
            " ",
            "a@b",
            "@example.com",
            "a@",
            "a@@example.com",
            "a b@example.com",
            "a@-x.com",
            "a@x..com",
            ".a@example.com",
            "ä@example.com",
            "+0123456789",
            "+12345",
            "+1234567890123456",
            "+12a4567890",
            "ab",
            "_ab",
            "a b c",
            "héloïse",
            "0123456789012345678901234567890123",
            "a\0b",
        ] {
            assert_eq!(Identifier::read(text), None, "{text:?}");
        }
        assert_eq!(phone("0912345678"), None);
        assert_eq!(
            email(&format!("{}@{}.com", "a".repeat(64), "b".repeat(63))).map(|e| e.len()),
            Some(132)
        );
        assert_eq!(email(&format!("{}@example.com", "a".repeat(65))), None);
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_is_stable(text in "\\PC{0,60}") {
            if let Some(identifier) = Identifier::read(&text) {
                prop_assert_eq!(Identifier::read(&identifier.to_string()), Some(identifier));
            }
        }

        #[test]
        fn case_and_surrounding_space_do_not_matter(name in "[a-zA-Z0-9][a-zA-Z0-9_.-]{2,31}", pad in " {0,3}") {
            let padded = format!("{pad}{}{pad}", name.to_ascii_uppercase());
            prop_assert_eq!(username(&padded), username(&name));
            let address = format!("{}@Example.org", "x".repeat(name.len()));
            prop_assert_eq!(email(&address.to_ascii_uppercase()), email(&address));
        }

        #[test]
        fn marks_between_digits_do_not_matter(digits in "[1-9][0-9]{6,14}", marks in proptest::collection::vec("[ ().-]{0,2}", 15)) {
            let spread: String = digits.chars().zip(&marks).map(|(d, m)| format!("{d}{m}")).collect();
            prop_assert_eq!(phone(&format!("+{spread}")), Some(format!("+{digits}")));
        }

        #[test]
        fn whatever_is_accepted_satisfies_the_tables_constraints(text in "[+@a-zA-Z0-9_. -]{0,40}") {
            match Identifier::read(&text) {
                Some(Identifier::Email(e)) => prop_assert!(e.len() <= 254 && e == e.to_lowercase()),
                Some(Identifier::Phone(p)) => {
                    prop_assert!((8..=16).contains(&p.len()) && !p.starts_with("+0"));
                }
                Some(Identifier::Username(u)) => {
                    prop_assert!((3..=32).contains(&u.len()) && u == u.to_lowercase());
                }
                None => {}
            }
        }
    }
}
