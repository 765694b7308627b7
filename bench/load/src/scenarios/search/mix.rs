//! What is searched for: drawn from the names of the products, so that everything is found, and always
//! the same from the same products.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use uuid::Uuid;

use super::Query;

/// How many queries there are of each kind.
const OF_A_KIND: usize = 8;
/// How many there are.
pub const QUERIES: usize = 7 * OF_A_KIND;

/// Names of products, each with the category at the top of its own.
pub fn of(products: &[(String, Uuid)]) -> Result<Vec<Query>> {
    let words = by_frequency(products);
    let known = |start: &str| words.iter().any(|word| word.starts_with(start));
    let names: Vec<(Vec<String>, Uuid)> = products
        .iter()
        .map(|(name, category)| (split(name).collect(), *category))
        .filter(|(words, _): &(Vec<String>, Uuid)| words.len() >= 3)
        .collect();
    let (common, rarer) = words.split_at(words.len() / 2);

    let mut queries = Queries(Vec::new());
    queries.add("common words", 3, common.iter().take(OF_A_KIND).cloned())?;
    queries.add("rarer words", 4, spaced(rarer).cloned())?;
    queries.add(
        "two words",
        5,
        spaced(&names).map(|(words, _)| words[1..3].join(" ")),
    )?;
    let misspelt: Vec<String> = words
        .iter()
        .filter(|word| word.is_ascii() && word.len() >= 6)
        // Without its third letter. Where that begins another word, it is no mistake.
        .map(|word| format!("{}{}", &word[..2], &word[3..]))
        .filter(|word| !known(word))
        .collect();
    queries.add("misspelt words", 1, spaced(&misspelt).cloned())?;
    let long: Vec<&String> = words.iter().filter(|it| it.chars().count() >= 7).collect();
    queries.add(
        "beginnings",
        2,
        spaced(&long).map(|word| word.chars().take(4).collect()),
    )?;
    // Others than those that stand for common words.
    let next = || common.iter().skip(OF_A_KIND).take(OF_A_KIND).cloned();
    for query in queries.add("words by price", 2, next())? {
        query.cheapest_in = Some("VND");
    }
    let longest =
        |(words, _): &(Vec<String>, Uuid)| words.iter().max_by_key(|it| it.len()).cloned();
    let in_category = queries.add("words in a category", 3, spaced(&names).filter_map(longest))?;
    for (query, (_, category)) in in_category.iter_mut().zip(spaced(&names)) {
        query.category = Some(*category);
    }
    Ok(queries.0)
}

struct Queries(Vec<Query>);

impl Queries {
    fn add(
        &mut self,
        kind: &str,
        weight: u32,
        words: impl Iterator<Item = String>,
    ) -> Result<&mut [Query]> {
        let before = self.0.len();
        self.0.extend(words.map(|words| Query {
            words,
            category: None,
            cheapest_in: None,
            weight,
        }));
        let added = &mut self.0[before..];
        ensure!(added.len() == OF_A_KIND, "the shop has too few {kind}");
        Ok(added)
    }
}

/// Words of four letters and more, those first that stand in the most names.
fn by_frequency(products: &[(String, Uuid)]) -> Vec<String> {
    let mut counts = HashMap::<String, usize>::new();
    for (name, _) in products {
        let mut words: Vec<String> = split(name).filter(|it| it.chars().count() >= 4).collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut words: Vec<(String, usize)> = counts.into_iter().collect();
    words.sort_unstable_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    words.into_iter().map(|(word, _)| word).collect()
}

fn split(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// As many as there are of a kind, at even distances.
fn spaced<T>(items: &[T]) -> impl Iterator<Item = &T> {
    let step = items.len() / OF_A_KIND;
    items.iter().step_by(step.max(1)).take(OF_A_KIND)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of nine letters, each another one.
    fn word(n: usize) -> String {
        const SYLLABLES: [&str; 8] = ["lan", "tre", "gom", "mây", "voi", "cay", "dep", "huy"];
        let at = |n: usize| SYLLABLES[n % 8];
        format!("{}{}{}", at(n), at(n / 8), at(n * 3 + 1))
    }

    fn products() -> Vec<(String, Uuid)> {
        let name = |n: usize| {
            format!(
                "{} {}, {} số {n}",
                word(n % 64),
                word(n * n % 64),
                word(n % 7)
            )
        };
        let category = |n: usize| Uuid::from_u128(n as u128 % 3);
        (0..400).map(|n| (name(n), category(n))).collect()
    }

    #[test]
    fn every_kind_is_there_and_all_words_are_letters() {
        let queries = of(&products()).unwrap();
        assert_eq!(queries.len(), QUERIES);
        assert!(
            queries
                .iter()
                .all(|query| query.words.chars().all(|c| c.is_alphabetic() || c == ' '))
        );
        let count = |test: fn(&Query) -> bool| queries.iter().filter(|query| test(query)).count();
        assert_eq!(count(|it| it.words.contains(' ')), OF_A_KIND);
        assert_eq!(count(|it| it.cheapest_in.is_some()), OF_A_KIND);
        assert_eq!(count(|it| it.category.is_some()), OF_A_KIND);
        assert_eq!(queries, of(&products()).unwrap(), "the same again");
    }

    #[test]
    fn a_misspelt_word_begins_no_word() {
        let queries = of(&products()).unwrap();
        let known = |query: &&Query| {
            let first = query.words.split(' ').next().unwrap();
            (0..64).any(|n| word(n).starts_with(first))
        };
        let unknown = queries.iter().filter(|query| !known(query));
        assert_eq!(unknown.count(), OF_A_KIND);
    }

    #[test]
    fn a_shop_without_words_is_refused() {
        assert!(of(&[]).is_err());
        assert!(of(&products()[..2]).is_err());
    }
}
