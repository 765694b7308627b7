//! What an entry of an address book may hold.

/// Whether a text may be the code of an administrative area, such as `01`, `00070` or `VN-HN`: 1 to
/// 20 ASCII letters, digits, `-` and `.`.
#[must_use]
pub fn is_area_code(text: &str) -> bool {
    (1..=20).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
}

/// The half of a pin that is missing beside the other.
#[must_use]
pub fn missing_half<T>(latitude: Option<T>, longitude: Option<T>) -> Option<&'static str> {
    match (latitude, longitude) {
        (Some(_), None) => Some("longitude"),
        (None, Some(_)) => Some("latitude"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn area_codes_are_those_of_registers() {
        for code in ["01", "00070", "VN-HN", "US.CA", &"9".repeat(20)] {
            assert!(is_area_code(code), "{code}");
        }
        for code in ["", " ", "Hà Nội", "a b", "0\0", &"9".repeat(21)] {
            assert!(!is_area_code(code), "{code:?}");
        }
    }

    #[test]
    fn a_pin_is_whole_or_not_there() {
        assert_eq!(missing_half(Some(1), Some(2)), None);
        assert_eq!(missing_half::<u8>(None, None), None);
        assert_eq!(missing_half(Some(1), None), Some("longitude"));
        assert_eq!(missing_half(None, Some(1)), Some("latitude"));
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_can_be_stored(text in "\\PC{0,10}|[\\x00-\\x20]{0,3}") {
            if is_area_code(&text) {
                prop_assert!(!text.is_empty() && !text.contains('\0'));
            }
        }
    }
}
