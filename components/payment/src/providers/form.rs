//! `application/x-www-form-urlencoded`, in both directions.

/// The pairs as one text: letters, digits and `-_.` as they are, spaces as `+`, all else in percents.
#[must_use]
pub fn encode<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    pairs
        .iter()
        .map(|(key, value)| format!("{}={}", escape(key.as_ref()), escape(value.as_ref())))
        .collect::<Vec<_>>()
        .join("&")
}

/// One key or value.
#[must_use]
pub fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                use std::fmt::Write as _;
                // Writing to a string does not fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

/// The pairs of a text, in their order. `None`: broken percents, or no UTF-8.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((unescape(key)?, unescape(value)?))
        })
        .collect()
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from((high << 4) | low).ok()?);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

/// The value of the first pair of that key.
#[must_use]
pub fn value<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spaces_become_plus_and_the_rest_percents() {
        assert_eq!(
            encode(&[("a", "Thanh toán: 5"), ("b[c]", "x~y*z")]),
            "a=Thanh+to%C3%A1n%3A+5&b%5Bc%5D=x%7Ey%2Az"
        );
    }

    #[test]
    fn broken_texts_are_none() {
        assert_eq!(decode("a=%"), None);
        assert_eq!(decode("a=%4"), None);
        assert_eq!(decode("a=%zz"), None);
        assert_eq!(decode("a=%ff"), None);
        assert_eq!(decode("").map(|pairs| pairs.len()), Some(0));
        let pairs = decode("a=1&b&a=2").expect("pairs");
        assert_eq!(value(&pairs, "a"), Some("1"));
        assert_eq!(value(&pairs, "b"), Some(""));
        assert_eq!(value(&pairs, "c"), None);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(pairs in prop::collection::vec((".+", ".*"), 0..5)) {
            prop_assert_eq!(decode(&encode(&pairs)), Some(pairs));
        }
    }
}
