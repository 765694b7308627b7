//! What goods are called and how they are described.

use super::dice::Dice;
use super::words::{Both, Language, Shelf, Source, Thing};

/// The name of one product, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Naming<'a> {
    shelf: &'a Shelf<'a>,
    pub language: Language,
    pub thing: &'a Thing,
    quality: &'a Both,
    source: &'a Both,
    /// How many on the shelf have the same words.
    before: u64,
}

impl<'a> Naming<'a> {
    /// The `n`th name of a shelf: English and Vietnamese by turns, each combination of words once
    /// before any comes again.
    pub fn new(shelf: &'a Shelf<'a>, n: u64) -> Naming<'a> {
        let (things, qualities) = (&shelf.goods.things, &shelf.group.qualities);
        let [t, q, s] = [things.len(), qualities.len(), shelf.sources.len()].map(|n| n as u64);
        let (language, i) = if n.is_multiple_of(2) {
            (Language::Vietnamese, n / 2)
        } else {
            (Language::English, n / 2)
        };
        // A stride without a common factor: neighbours differ in everything.
        let word = i * 1009 % (t * q * s);
        Naming {
            shelf,
            language,
            thing: &things[(word % t) as usize],
            quality: &qualities[(word / t % q) as usize],
            source: &shelf.sources[(word / (t * q)) as usize],
            before: i / (t * q * s),
        }
    }

    /// Such as "Hand-made silk lantern from Huế".
    pub fn name(&self) -> String {
        let [thing, quality, source] =
            [&self.thing.name, self.quality, self.source].map(|word| word.to(self.language));
        let name = match (self.shelf.group.source, self.language) {
            (Source::Place, Language::English) => format!("{quality} {thing} from {source}"),
            (Source::Maker, Language::English) => format!("{source} {quality} {thing}"),
            (Source::Publisher, _) => format!("{thing}, {quality}, {source}"),
            (_, Language::Vietnamese) => format!("{thing} {quality} {source}"),
        };
        let name = capital(&name);
        match (self.before, self.language) {
            (0, _) => name,
            (n, Language::English) => format!("{name}, no. {}", n + 1),
            (n, Language::Vietnamese) => format!("{name}, số {}", n + 1),
        }
    }

    /// Three sentences.
    pub fn description(&self, dice: &mut Dice) -> String {
        let group = self.shelf.group;
        let [about, usage, sale] = [&group.about, &group.usage, self.shelf.sale]
            .map(|sentences: &[Both]| dice.pick(sentences).to(self.language));
        let thing = self.thing.name.to(self.language);
        let about = about
            .replace("{thing}", thing)
            .replace("{Thing}", &capital(thing));
        format!("{about} {usage} {sale}")
    }

    /// Where it comes from, or who made it.
    pub fn origin(&self) -> (&'static str, &'a str) {
        let what = match self.shelf.group.source {
            Source::Place => "origin",
            Source::Maker => "brand",
            Source::Publisher => "publisher",
        };
        (what, self.source.to(self.language))
    }
}

/// The text with its first letter in upper case.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::words::Words;
    use super::*;

    #[test]
    fn names_are_unique_on_their_shelf_whatever_the_number() {
        let words = Words::read().unwrap();
        for shelf in words.shelves().unwrap() {
            let names: BTreeSet<String> =
                (0..10_000).map(|n| Naming::new(&shelf, n).name()).collect();
            assert_eq!(names.len(), 10_000, "{}", shelf.category);
            assert!(names.iter().all(|name| name.chars().count() <= 100));
        }
    }

    #[test]
    fn names_read_as_people_write_them() {
        let words = Words::read().unwrap();
        let shelves = words.shelves().unwrap();
        let name = |category: &str, n| {
            let shelf = shelves.iter().find(|s| s.category == category).unwrap();
            Naming::new(shelf, n).name()
        };
        assert_eq!(name("lighting", 0), "Đèn lồng giấy thủ công Hội An");
        assert_eq!(name("lighting", 1), "Handmade paper lantern from Hội An");
        assert_eq!(name("camping", 1), "Sông Xanh lightweight hammock");
        assert_eq!(
            name("novels", 1),
            "The Lantern Maker, first edition, Red River Press"
        );
        assert_eq!(
            name("novels", 2 * 2304),
            "Người làm đèn lồng, ấn bản đầu, NXB Sông Hồng, số 2"
        );
    }

    #[test]
    fn descriptions_have_fifteen_to_forty_words() {
        let words = Words::read().unwrap();
        for shelf in words.shelves().unwrap() {
            for n in 0..600 {
                let text = Naming::new(&shelf, n).description(&mut Dice::of("description", n));
                let count = text.split_whitespace().count();
                assert!((15..=40).contains(&count), "{count}: {text}");
                assert!(!text.contains(['{', '}']), "{text}");
            }
        }
    }
}
