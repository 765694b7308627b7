//! What a client says it is. Whoever signed in has written it, perhaps to be read by the owner of the
//! account: so nothing in it may look like a link.

/// Most characters that are shown.
const LONGEST: usize = 80;

/// The name of a device as a letter may show it; nothing when nothing is left of it.
pub(super) fn name(text: &str) -> Option<String> {
    let mut name = String::new();
    let mut rest = text.chars().take(LONGEST).peekable();
    while let Some(c) = rest.next() {
        match c {
            // In a version.
            '.' if rest.peek().is_some_and(char::is_ascii_digit)
                && name.ends_with(|last: char| last.is_ascii_digit()) =>
            {
                name.push(c);
            }
            '(' | ')' | ',' | ';' | '-' | '_' | '+' => name.push(c),
            '/' if !name.ends_with('/') => name.push(c),
            _ if c.is_alphanumeric() => name.push(c),
            _ if c.is_whitespace() && !name.ends_with(' ') => name.push(' '),
            _ => {}
        }
    }
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_browser_is_named_as_it_names_itself() {
        assert_eq!(
            name("Firefox/128.0 (X11; Linux x86_64)").as_deref(),
            Some("Firefox/128.0 (X11; Linux x86_64)")
        );
    }

    #[test]
    fn nothing_in_it_becomes_a_link() {
        assert_eq!(
            name("Call +1 555, or see https://evil.example/x").as_deref(),
            Some("Call +1 555, or see https/evilexample/x")
        );
        assert_eq!(name("a\r\nb\u{0}").as_deref(), Some("a b"));
        for text in ["", "  ", "\u{202e}", "<>&\"'"] {
            assert_eq!(name(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_it_says_stays_short_and_plain(text in ".{0,200}") {
            let name = name(&text).unwrap_or_default();
            prop_assert!(name.chars().count() <= LONGEST);
            prop_assert!(!name.contains("//") && !name.contains(['<', '>', '@', ':', '&', '"']));
        }
    }
}
