//! What a search asks for, and where a page of its answer ends.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// More words than these say nothing more.
const MOST_WORDS: usize = 12;

/// In which order matches are listed. Each is a total order: the product's id decides at last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The best match first; only with words.
    Relevance,
    Newest,
    PriceAsc,
    PriceDesc,
    BestSelling,
}

impl Order {
    /// As the SQL functions call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Newest => "newest",
            Self::PriceAsc => "price_asc",
            Self::PriceDesc => "price_desc",
            Self::BestSelling => "best_selling",
        }
    }

    /// Whether it compares prices, which only those of one currency can be.
    pub fn compares_prices(self) -> bool {
        matches!(self, Self::PriceAsc | Self::PriceDesc)
    }
}

/// A search, all but the page of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Search {
    /// `None` lists whatever passes the filters; no words at all match nothing.
    pub words: Option<Vec<String>>,
    /// With everything below it.
    pub category: Option<Uuid>,
    /// Minor units, inclusive.
    pub min_price: Option<i64>,
    pub max_price: Option<i64>,
    pub currency: Option<String>,
    pub seller: Option<Uuid>,
    pub in_stock: Option<bool>,
    pub order: Order,
}

impl Search {
    /// Tells one search from another: a cursor is good for its own only. FNV-1a, 64 bits; somebody who
    /// makes two searches collide gains a page that begins in an odd place.
    pub fn fingerprint(&self) -> u64 {
        serde_json::to_vec(self)
            .unwrap_or_default()
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
            })
    }
}

/// Where a page ended: the position of its last item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Of which search: [`Search::fingerprint`].
    #[serde(rename = "q")]
    pub search: u64,
    /// How the item was found; `search_relevant_v1` says what the numbers mean.
    #[serde(rename = "t")]
    pub step: i32,
    /// What the item was sorted by before its id.
    #[serde(rename = "k")]
    pub key: i64,
    #[serde(rename = "i")]
    pub id: Uuid,
    /// Whether the search was for words near to those that were sent.
    #[serde(rename = "s")]
    pub similar: bool,
}

/// The words of what somebody typed, in their order. Nothing but letters, digits and accents is left in
/// them, so that none of it can mean anything to Postgres' language of queries.
pub fn words(text: &str) -> Vec<String> {
    let text: String = text.chars().filter(|c| !matches!(c, '\'' | '’')).collect();
    text.split(|c| !is_part_of_word(c))
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .map(ToOwned::to_owned)
        .collect()
}

/// Accents may come as characters of their own, after their letter.
fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn search(words: &str) -> Search {
        Search {
            words: Some(super::words(words)),
            category: None,
            min_price: None,
            max_price: None,
            currency: None,
            seller: None,
            in_stock: None,
            order: Order::Relevance,
        }
    }

    #[test]
    fn words_are_what_is_between_signs_and_blanks() {
        assert_eq!(words("  Đèn lồng, giấy "), ["Đèn", "lồng", "giấy"]);
        assert_eq!(words("tra/ca-phe 1.5l"), ["tra", "ca", "phe", "1", "5l"]);
        assert_eq!(words("men's and men’s"), ["mens", "and", "mens"]);
        assert!(words("&|!():* <-> '").is_empty());
        assert!(words(&"🍵".repeat(200)).is_empty());
    }

    #[test]
    fn accents_of_their_own_do_not_cut_a_word() {
        assert_eq!(
            words("lo\u{302}\u{300}ng den"),
            ["lo\u{302}\u{300}ng", "den"]
        );
    }

    #[test]
    fn another_search_has_another_fingerprint() {
        let one = search("paper lantern");
        let same = search("paper, lantern");
        let other = Search {
            order: Order::Newest,
            ..search("paper lantern")
        };
        assert_eq!(one.fingerprint(), same.fingerprint());
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_ne!(one.fingerprint(), search("paperlantern").fingerprint());
        let all = Search {
            words: None,
            ..search("")
        };
        assert_ne!(all.fingerprint(), search("").fingerprint());
    }

    #[test]
    fn a_position_fits_a_cursor() {
        let position = Position {
            search: u64::MAX,
            step: 6,
            key: i64::MIN,
            id: Uuid::max(),
            similar: true,
        };
        let cursor = stoa_kit::http::Cursor::encode(&position);
        assert!(cursor.len() < 512, "{}", cursor.len());
        assert_eq!(stoa_kit::http::Cursor::decode(&cursor), Some(position));
    }

    proptest! {
        #[test]
        fn no_sign_that_means_anything_in_a_query_gets_through(
            text in prop_oneof!["\\PC{0,200}", "[a-zđ0-9&|!():*<>'\"\\\\ \u{0}’\\-]{0,200}"],
        ) {
            let words = words(&text);
            prop_assert!(words.len() <= MOST_WORDS);
            for word in &words {
                prop_assert!(!word.is_empty());
                prop_assert!(word.chars().all(is_part_of_word), "{word:?}");
                prop_assert!(!word.contains(|c: char| c.is_whitespace() || c.is_ascii_punctuation() || c.is_control()));
            }
            prop_assert_eq!(super::words(&words.join(" ")), words);
        }
    }
}
