//! A word that only the goods of this run have in their names.

use anyhow::{Result, anyhow};

/// Syllables with accents and without.
const SYLLABLES: [(&str, &str); 16] = [
    ("bằng", "bang"),
    ("chí", "chi"),
    ("đức", "duc"),
    ("giữa", "giua"),
    ("hồ", "ho"),
    ("khế", "khe"),
    ("lũy", "luy"),
    ("mộc", "moc"),
    ("nghĩ", "nghi"),
    ("phở", "pho"),
    ("quả", "qua"),
    ("rừng", "rung"),
    ("sậy", "say"),
    ("trầm", "tram"),
    ("vũ", "vu"),
    ("xưa", "xua"),
];

/// The word, as it stands in names and as people type it.
#[derive(Debug)]
pub struct Word {
    pub written: String,
    /// Without accents.
    pub plain: String,
    /// With two neighbouring letters in the wrong order.
    pub mistyped: String,
}

impl Word {
    /// One of a million.
    pub fn new() -> Result<Word> {
        let mut random = [0_u8; 5];
        getrandom::fill(&mut random).map_err(|e| anyhow!("randomness: {e}"))?;
        Ok(Word::of(random))
    }

    fn of(random: [u8; 5]) -> Word {
        let syllables = random.map(|byte| SYLLABLES[usize::from(byte) % SYLLABLES.len()]);
        let plain: String = syllables.iter().map(|s| s.1).collect();
        let mut letters: Vec<char> = plain.chars().collect();
        // The first place where it makes a difference, away from the beginning.
        if let Some(place) = (3..letters.len() - 1).find(|i| letters[*i] != letters[*i + 1]) {
            letters.swap(place, place + 1);
        }
        Word {
            written: syllables.iter().map(|s| s.0).collect(),
            mistyped: letters.into_iter().collect(),
            plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_written_with_accents_and_typed_without_and_wrong() {
        let word = Word::of([0, 4, 13, 18, 255]);
        assert_eq!(word.written, "bằnghồtrầmđứcxưa");
        assert_eq!(word.plain, "banghotramducxua");
        assert_eq!(word.mistyped, "banhgotramducxua");
        for byte in 0..=255 {
            let word = Word::of([byte; 5]);
            assert!(
                word.plain.is_ascii() && word.plain != word.mistyped,
                "{word:?}"
            );
        }
    }
}
