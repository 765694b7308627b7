//! Slugs: names in addresses, of lower-case Latin letters, digits and single hyphens.

use uuid::Uuid;

/// Longest slug of a product.
pub const PRODUCT_SLUG: usize = 120;
/// Longest slug of a category.
pub const CATEGORY_SLUG: usize = 80;

/// Latin letters with marks, and letters that are not Latin's 26, by what stands for them.
const FOLDS: &[(&str, &str)] = &[
    ("a", "àáâãäåāăąǎạảấầẩẫậắằẳẵặ"),
    ("ae", "æ"),
    ("c", "çćĉċč"),
    ("d", "ďđð"),
    ("e", "èéêëēĕėęěẹẻẽếềểễệ"),
    ("g", "ĝğġģ"),
    ("h", "ĥħ"),
    ("i", "ìíîïĩīĭįıǐỉị"),
    ("j", "ĵ"),
    ("k", "ķ"),
    ("l", "ĺļľŀł"),
    ("n", "ñńņňŋ"),
    ("o", "òóôõöøōŏőơǒọỏốồổỗộớờởỡợ"),
    ("oe", "œ"),
    ("r", "ŕŗř"),
    ("s", "śŝşšșſ"),
    ("ss", "ß"),
    ("t", "ţťŧț"),
    ("th", "þ"),
    ("u", "ùúûüũūŭůűųưǔụủứừửữự"),
    ("w", "ŵ"),
    ("y", "ýÿŷỳỵỷỹ"),
    ("z", "źżž"),
];

/// Whether a text is a slug of at most `longest` characters.
pub fn is_slug(text: &str, longest: usize) -> bool {
    text.len() <= longest
        && text.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// The slug of a name, or one of the id when nothing of the name can be written in one.
pub fn product_slug(name: &str, id: Uuid) -> String {
    match fold(name) {
        slug if slug.is_empty() => {
            // The end of an id is its random part.
            let hex = id.simple().to_string();
            format!("product-{}", hex.get(20..).unwrap_or(&hex))
        }
        slug => slug,
    }
}

fn fold(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    let mut gap = false;
    for letter in name
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_mark(*c))
    {
        let mut one = [0_u8; 4];
        let piece: &str = if letter.is_ascii_alphanumeric() {
            letter.encode_utf8(&mut one)
        } else if let Some(piece) = folded(letter) {
            piece
        } else {
            // An apostrophe joins what it stands between: "men's" is "mens".
            gap = gap || !matches!(letter, '\'' | '’');
            continue;
        };
        let hyphen = if gap && !slug.is_empty() { "-" } else { "" };
        if slug
            .len()
            .saturating_add(hyphen.len())
            .saturating_add(piece.len())
            > PRODUCT_SLUG
        {
            break;
        }
        slug.push_str(hyphen);
        slug.push_str(piece);
        gap = false;
    }
    slug
}

fn folded(letter: char) -> Option<&'static str> {
    FOLDS
        .iter()
        .find(|(_, letters)| letters.contains(letter))
        .map(|(piece, _)| *piece)
}

/// A mark of its own beside the letter, as decomposed text has it.
fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slug(name: &str) -> String {
        product_slug(name, Uuid::from_u128(0xabc))
    }

    #[test]
    fn marks_are_left_out_and_the_rest_is_joined_by_hyphens() {
        assert_eq!(slug("Đèn lồng giấy"), "den-long-giay");
        assert_eq!(slug("  Áo thun – cỡ M (2 cái)!  "), "ao-thun-co-m-2-cai");
        assert_eq!(slug("Straße & Œuvre"), "strasse-oeuvre");
        assert_eq!(slug("Men's İstanbul jacket"), "mens-istanbul-jacket");
    }

    #[test]
    fn composed_and_decomposed_text_give_the_same() {
        assert_eq!(slug("gia\u{302}\u{301}y"), slug("giấy"));
    }

    #[test]
    fn every_letter_of_vietnamese_is_known() {
        let letters = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ";
        assert!(fold(letters).len() == letters.chars().count());
        assert!(fold(&letters.to_uppercase()) == fold(letters));
    }

    #[test]
    fn a_name_without_any_such_letter_gets_a_slug_of_the_id() {
        for name in ["灯笼", "!!!", "\u{301}"] {
            assert_eq!(slug(name), "product-000000000abc");
        }
    }

    #[test]
    fn a_slug_has_neither_capitals_nor_hyphens_without_use() {
        assert!(is_slug("a-1", 80));
        for text in ["", "-a", "a-", "a--b", "A", "ä", "a b", &"a".repeat(81)] {
            assert!(!is_slug(text, 80), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_name_has_a_slug(name in "\\PC{0,200}") {
            prop_assert!(is_slug(&slug(&name), PRODUCT_SLUG));
        }

        #[test]
        fn letters_of_latin_scripts_make_a_slug_too(name in "[a-zA-Z0-9 À-ỹ'-]{1,200}") {
            prop_assert!(is_slug(&slug(&name), PRODUCT_SLUG));
        }

        #[test]
        fn a_slug_is_its_own_slug(text in "[a-z0-9]{1,20}(-[a-z0-9]{1,20}){0,3}") {
            prop_assert_eq!(slug(&text), text);
        }
    }
}
