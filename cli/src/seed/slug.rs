//! Names in addresses: lower-case Latin letters, digits and single hyphens.

/// Letters of Vietnamese by the plain letter that stands for them.
const PLAIN: &[(char, &str)] = &[
    ('a', "àáảãạăằắẳẵặâầấẩẫậ"),
    ('d', "đ"),
    ('e', "èéẻẽẹêềếểễệ"),
    ('i', "ìíỉĩị"),
    ('o', "òóỏõọôồốổỗộơờớởỡợ"),
    ('u', "ùúủũụưừứửữự"),
    ('y', "ỳýỷỹỵ"),
];

/// The slug of a name: at most 100 characters, so that a number may follow.
pub fn of(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    let mut gap = false;
    for letter in name.chars().flat_map(char::to_lowercase) {
        match plain(letter) {
            Some(plain) => {
                if gap && !slug.is_empty() {
                    slug.push('-');
                }
                gap = false;
                slug.push(plain);
            }
            // An apostrophe joins what it stands between: "men's" is "mens".
            None => gap = gap || letter != '\'',
        }
        if slug.len() >= 100 {
            break;
        }
    }
    slug
}

fn plain(letter: char) -> Option<char> {
    if letter.is_ascii_alphanumeric() {
        return Some(letter);
    }
    if letter.is_ascii() {
        return None;
    }
    PLAIN
        .iter()
        .find(|(_, letters)| letters.contains(letter))
        .map(|(plain, _)| *plain)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn accents_go_and_words_are_joined_by_hyphens() {
        assert_eq!(
            of("Đèn lồng lụa, thủ công Hội An"),
            "den-long-lua-thu-cong-hoi-an"
        );
        assert_eq!(
            of("Men's áo dài – “gift” edition!"),
            "mens-ao-dai-gift-edition"
        );
        assert!(of(&"lồng ".repeat(60)).len() <= 101);
    }
}
