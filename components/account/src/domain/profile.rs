//! What a profile may hold.

/// Most characters of a name.
pub const NAME_CHARS: usize = 100;
/// Most characters of a bio.
pub const BIO_CHARS: usize = 1000;

/// A display name without surrounding space: 1 to 100 characters, none of them a control.
#[must_use]
pub fn name(text: &str) -> Option<String> {
    let name = text.trim();
    let fits =
        (1..=NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

/// A bio without surrounding space: up to 1000 characters, line breaks and tabs included.
#[must_use]
pub fn bio(text: &str) -> Option<String> {
    let bio = text.trim();
    let fits = bio.chars().count() <= BIO_CHARS
        && !bio
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    fits.then(|| bio.to_owned())
}

/// A language tag in its usual case, such as `vi-VN` or `zh-Hant-TW`: a language of 2 or 3 letters,
/// then subtags of up to 8 letters and digits (RFC 5646, form only).
#[must_use]
pub fn locale(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > 35 {
        return None;
    }
    let mut subtags = text.split('-');
    let language = subtags.next()?;
    if !(2..=3).contains(&language.len()) || !language.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let mut tag = language.to_ascii_lowercase();
    for subtag in subtags {
        if !(1..=8).contains(&subtag.len()) || !subtag.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        tag.push('-');
        let letters = subtag.bytes().all(|b| b.is_ascii_alphabetic());
        match subtag.len() {
            2 if letters => tag.push_str(&subtag.to_ascii_uppercase()),
            4 if letters => {
                let (first, rest) = subtag.split_at_checked(1)?;
                tag.push_str(&first.to_ascii_uppercase());
                tag.push_str(&rest.to_ascii_lowercase());
            }
            _ => tag.push_str(&subtag.to_ascii_lowercase()),
        }
    }
    Some(tag)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_trimmed_and_hold_no_controls() {
        assert_eq!(name("  Nguyễn Thị Lan "), Some("Nguyễn Thị Lan".into()));
        assert_eq!(name(&"ễ".repeat(100)).map(|n| n.chars().count()), Some(100));
        for text in ["", "   ", "a\nb", "a\0b", &"x".repeat(101)] {
            assert_eq!(name(text), None);
        }
        assert_eq!(bio("line\nline\t"), Some("line\nline".into()));
        assert_eq!(bio("a\u{7}b"), None);
    }

    #[test]
    fn locales_are_put_into_their_usual_case() {
        assert_eq!(locale("VI-vn").as_deref(), Some("vi-VN"));
        assert_eq!(locale("zh-hANT-tw").as_deref(), Some("zh-Hant-TW"));
        assert_eq!(locale("de-CH-1996").as_deref(), Some("de-CH-1996"));
        assert_eq!(locale("es-419").as_deref(), Some("es-419"));
        for text in [
            "",
            "e",
            "english",
            "en_US",
            "en-",
            "en--US",
            "12",
            "en-abcdefghi",
        ] {
            assert_eq!(locale(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_a_locale_becomes_stays_as_it_is(text in "[a-zA-Z0-9-]{0,40}") {
            if let Some(tag) = locale(&text) {
                prop_assert_eq!(locale(&tag), Some(tag.clone()));
                prop_assert!(tag.eq_ignore_ascii_case(&text));
            }
        }
    }
}
