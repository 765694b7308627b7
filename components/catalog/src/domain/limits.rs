//! What the fields of a request may hold, where more than a length or a range has to be said.

use std::collections::{BTreeMap, BTreeSet};

use garde::Error;

use super::slug::{CATEGORY_SLUG, PRODUCT_SLUG, is_slug};

/// Names to values, such as a variant's colour or a product's material.
pub type Pairs = BTreeMap<String, String>;

/// At most ten, and short enough together to stand in an index.
pub fn attributes(pairs: &Pairs, (): &()) -> garde::Result {
    check(pairs, 10, 40, 100)?;
    // An entry of a B-tree holds 2.7 kB, and letters may take four bytes.
    let bytes: usize = pairs
        .iter()
        .map(|(name, value)| name.len().saturating_add(value.len()))
        .sum();
    if bytes > 2_000 {
        Err(Error::new("longer than 2000 bytes together"))
    } else {
        Ok(())
    }
}

/// At most fifty.
pub fn specifications(pairs: &Pairs, (): &()) -> garde::Result {
    check(pairs, 50, 100, 1_000)
}

fn check(pairs: &Pairs, most: usize, name_length: usize, value_length: usize) -> garde::Result {
    if pairs.len() > most {
        return Err(Error::new(format!("more than {most} pairs")));
    }
    for (name, value) in pairs {
        if name.trim().is_empty() || name.chars().count() > name_length {
            return Err(Error::new(format!(
                "a name has 1 to {name_length} characters"
            )));
        }
        if value.chars().count() > value_length {
            return Err(Error::new(format!(
                "the value of {name} has more than {value_length} characters"
            )));
        }
    }
    Ok(())
}

/// More than blanks.
pub fn not_blank(text: &str, (): &()) -> garde::Result {
    if text.trim().is_empty() {
        Err(Error::new("is blank"))
    } else {
        Ok(())
    }
}

/// What somebody types to search for: 1 to 200 characters between the blanks around it.
pub fn search_text(text: &str, (): &()) -> garde::Result {
    let length = text.trim().chars().count();
    if !(1..=200).contains(&length) {
        Err(Error::new("has not 1 to 200 characters besides blanks"))
    } else if text.contains('\0') {
        Err(Error::new("holds NUL, which is no character to search for"))
    } else {
        Ok(())
    }
}

/// A currency of ISO 4217.
pub fn currency(code: &str, (): &()) -> garde::Result {
    if stoa_kit::money::is_currency(code) {
        Ok(())
    } else {
        Err(Error::new(
            "is no currency code of ISO 4217, such as VND or USD",
        ))
    }
}

/// A product's slug.
pub fn product_slug(text: &str, (): &()) -> garde::Result {
    slug(text, PRODUCT_SLUG)
}

/// A category's slug.
pub fn category_slug(text: &str, (): &()) -> garde::Result {
    slug(text, CATEGORY_SLUG)
}

fn slug(text: &str, longest: usize) -> garde::Result {
    if is_slug(text, longest) {
        Ok(())
    } else {
        Err(Error::new(format!(
            "is no slug: a-z, 0-9 and single hyphens between them, 1 to {longest} characters"
        )))
    }
}

/// The position of the first combination of attributes that stood in the list before.
pub fn repeated<'a>(combinations: impl IntoIterator<Item = &'a Pairs>) -> Option<usize> {
    let mut seen = BTreeSet::new();
    combinations
        .into_iter()
        .position(|pairs| !seen.insert(pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(entries: &[(&str, &str)]) -> Pairs {
        entries
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn attributes_are_few_and_short() {
        assert!(attributes(&pairs(&[("colour", "red"), ("size", "")]), &()).is_ok());
        assert!(attributes(&pairs(&[(" ", "red")]), &()).is_err());
        assert!(attributes(&pairs(&[("colour", &"r".repeat(101))]), &()).is_err());
        let many: Pairs = (0..11).map(|n| (n.to_string(), String::new())).collect();
        assert!(attributes(&many, &()).is_err());
    }

    #[test]
    fn a_text_to_search_for_is_more_than_blanks_and_not_a_book() {
        assert!(search_text("  tea ", &()).is_ok());
        assert!(search_text(&"🍵".repeat(200), &()).is_ok());
        for bad in ["", "   ", "te\0a", &"x".repeat(201)] {
            assert!(search_text(bad, &()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn attributes_fit_an_index_whatever_the_script() {
        let wide: Pairs = (0..10).map(|n| (n.to_string(), "灯".repeat(100))).collect();
        assert!(attributes(&wide, &()).is_err());
    }

    #[test]
    fn the_second_of_two_equal_combinations_is_found() {
        let (red, blue) = (pairs(&[("colour", "red")]), pairs(&[("colour", "blue")]));
        assert_eq!(repeated([&red, &blue]), None);
        assert_eq!(repeated([&red, &blue, &red]), Some(2));
        assert_eq!(repeated([&Pairs::new(), &Pairs::new()]), Some(1));
    }
}
