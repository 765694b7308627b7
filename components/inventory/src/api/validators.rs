//! What the fields of a request may hold, where more than a length or a range has to be said.

use crate::domain::piece::is_serial;

/// More than blanks, none around it, on one line.
pub fn label(text: &str, (): &()) -> garde::Result {
    if text.trim().is_empty() || text.trim() != text || text.contains(char::is_control) {
        Err(garde::Error::new(
            "one line without blanks at its ends, and not empty",
        ))
    } else {
        Ok(())
    }
}

/// A serial number.
pub fn serial(text: &str, (): &()) -> garde::Result {
    if is_serial(text) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "1 to 64 letters, digits and . _ / -, a letter or digit first",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_line_of_something() {
        assert!(label("Kho Hà Nội", &()).is_ok());
        for text in ["", " ", " a", "a ", "a\nb", "a\u{0}b"] {
            assert!(label(text, &()).is_err(), "{text:?}");
        }
    }
}
