//! The words that goods are made of, read from the files beside this one.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

/// A text in English and in Vietnamese.
#[derive(Clone, Debug, Deserialize)]
pub struct Both(String, String);

/// A language of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Vietnamese,
}

impl Both {
    pub fn to(&self, language: Language) -> &str {
        match language {
            Language::English => &self.0,
            Language::Vietnamese => &self.1,
        }
    }
}

/// A category, and the goods in it if it holds any.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub slug: String,
    pub parent: Option<String>,
    pub name: String,
    pub goods: Option<Goods>,
}

/// What a category holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goods {
    pub group: String,
    /// First part of the SKUs.
    pub code: String,
    /// Lightest and heaviest, in grams.
    pub weight_g: [i64; 2],
    pub axes: [Axis; 2],
    pub things: Vec<Thing>,
}

/// What the variants of a product differ in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    pub name: String,
    pub values: Vec<Both>,
}

/// Something to sell, and what it costs in thousands of dong.
#[derive(Debug, Deserialize)]
#[serde(from = "(String, String, i64)")]
pub struct Thing {
    pub name: Both,
    pub price: i64,
}

impl From<(String, String, i64)> for Thing {
    fn from((english, vietnamese, price): (String, String, i64)) -> Thing {
        Thing {
            name: Both(english, vietnamese),
            price,
        }
    }
}

/// What follows the name of a thing in the name of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Place,
    Maker,
    Publisher,
}

/// How goods of a kind are named and described.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub source: Source,
    pub qualities: Vec<Both>,
    pub about: Vec<Both>,
    #[serde(rename = "use")]
    pub usage: Vec<Both>,
}

#[derive(Debug, Deserialize)]
struct Sale {
    sentences: Vec<Both>,
}

#[derive(Deserialize)]
struct Categories {
    category: Vec<Category>,
}

#[derive(Deserialize)]
struct Groups {
    sources: BTreeMap<Source, Vec<Both>>,
    groups: BTreeMap<String, Group>,
    sale: Sale,
}

/// All of them.
#[derive(Debug)]
pub struct Words {
    /// Parents before children.
    pub categories: Vec<Category>,
    groups: BTreeMap<String, Group>,
    sources: BTreeMap<Source, Vec<Both>>,
    sale: Sale,
}

impl Words {
    pub fn read() -> Result<Words> {
        let categories: Categories = toml::from_str(include_str!("words/categories.toml"))
            .context("the words of the categories")?;
        let groups: Groups = toml::from_str(include_str!("words/groups.toml"))
            .context("the words of the groups of goods")?;
        Ok(Words {
            categories: categories.category,
            groups: groups.groups,
            sources: groups.sources,
            sale: groups.sale,
        })
    }

    /// The categories that hold goods.
    pub fn shelves(&self) -> Result<Vec<Shelf<'_>>> {
        let mut shelves = Vec::new();
        for category in &self.categories {
            let Some(goods) = &category.goods else {
                continue;
            };
            let group = self.groups.get(&goods.group);
            let group = group.with_context(|| format!("no group {}", goods.group))?;
            let sources = self.sources.get(&group.source);
            shelves.push(Shelf {
                category: &category.slug,
                goods,
                group,
                sources: sources.with_context(|| format!("no sources for {}", goods.group))?,
                sale: &self.sale.sentences,
            });
        }
        Ok(shelves)
    }
}

/// A category that holds goods, with everything to name them.
#[derive(Clone, Copy, Debug)]
pub struct Shelf<'a> {
    pub category: &'a str,
    pub goods: &'a Goods,
    pub group: &'a Group,
    pub sources: &'a [Both],
    pub sale: &'a [Both],
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_thirty_categories_in_a_tree() {
        let words = Words::read().unwrap();
        assert_eq!(words.categories.len(), 30);
        let mut seen = BTreeSet::new();
        for category in &words.categories {
            if let Some(parent) = &category.parent {
                assert!(seen.contains(parent), "{parent} stands before its children");
            }
            assert!(
                seen.insert(category.slug.clone()),
                "{} twice",
                category.slug
            );
        }
        assert_eq!(words.shelves().unwrap().len(), 23);
    }

    #[test]
    fn every_shelf_has_as_many_words_as_the_names_count_on() {
        let words = Words::read().unwrap();
        let mut codes = BTreeSet::new();
        for shelf in words.shelves().unwrap() {
            let sizes = (
                shelf.goods.things.len(),
                shelf.group.qualities.len(),
                shelf.sources.len(),
            );
            assert_eq!(sizes, (8, 12, 24), "{}", shelf.category);
            let [first, second] = &shelf.goods.axes;
            assert!(
                first.values.len() * second.values.len() >= 7,
                "{}",
                shelf.category
            );
            assert!(
                codes.insert(&shelf.goods.code),
                "{} twice",
                shelf.goods.code
            );
        }
    }
}
