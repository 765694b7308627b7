//! The products, by their numbers.

use uuid::Uuid;

use super::dice::Dice;
use super::ids::id;
use super::names::Naming;
use super::price::Currency;
use super::shops::Shop;
use super::slug;
use super::words::{Axis, Language, Shelf};

/// A product with everything that belongs to it.
#[derive(Debug)]
pub struct Product<'a> {
    pub id: Uuid,
    pub seller: Uuid,
    pub category: &'a str,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub origin: (&'static str, &'a str),
    pub currency: Currency,
    pub variants: Vec<Variant<'a>>,
}

/// One form of it.
#[derive(Debug)]
pub struct Variant<'a> {
    pub id: Uuid,
    pub sku: String,
    pub attributes: [(&'a str, &'a str); 2],
    pub price: i64,
    pub weight_g: i64,
    pub barcode: String,
    /// Warehouses and units.
    pub stock: Vec<(Uuid, i64)>,
}

/// How many variants products have, by turns: five on average.
const VARIANTS: [u64; 5] = [4, 6, 5, 3, 7];

/// How many variants the products below `n` have.
#[cfg(test)]
pub fn variants_below(n: u64) -> u64 {
    (0..n).map(variants).sum()
}

fn variants(n: u64) -> u64 {
    VARIANTS[(n % 5) as usize]
}

impl<'a> Product<'a> {
    /// The `n`th of all.
    pub fn new(n: u64, shelves: &'a [Shelf<'a>], shops: &[Shop]) -> Product<'a> {
        let shelf = &shelves[n as usize % shelves.len()];
        let shop = &shops[n as usize % shops.len()];
        let naming = Naming::new(shelf, n / shelves.len() as u64);
        let mut dice = Dice::of("product", n);
        let name = naming.name();
        let currency = match naming.language {
            Language::English if dice.percent(50) => Currency::Usd,
            _ => Currency::Vnd,
        };
        // In hundredths of a thousand dong.
        let value = naming.thing.price * dice.between(75, 150);
        let description = naming.description(&mut dice);
        let [low, high] = shelf.goods.weight_g;
        let weight = dice.between(low, high);
        let [first, second] = &shelf.goods.axes;
        let combinations = (first.values.len() * second.values.len()) as u64;
        let start = dice.below(combinations);
        let variants = (0..variants(n))
            .map(|step| {
                let combination = (start + step) % combinations;
                let (a, b) = (
                    combination % first.values.len() as u64,
                    combination / first.values.len() as u64,
                );
                let number = n * 10 + step;
                Variant {
                    id: id("variant of goods", number),
                    sku: format!("{}-{n:05}-{}", shelf.goods.code, step + 1),
                    attributes: [
                        value_of(first, a, naming.language),
                        value_of(second, b, naming.language),
                    ],
                    price: currency.tag(value + value * 15 * b.cast_signed() / 100),
                    weight_g: weight + weight * 25 * b.cast_signed() / 100,
                    barcode: barcode(number),
                    stock: shop.stock(&mut dice),
                }
            })
            .collect();
        Product {
            id: id("goods", n),
            seller: shop.seller,
            category: shelf.category,
            slug: format!("{}-{n}", slug::of(&name)),
            name,
            description,
            origin: naming.origin(),
            currency,
            variants,
        }
    }

    pub fn lowest_price(&self) -> i64 {
        self.variants.iter().map(|v| v.price).min().unwrap_or(0)
    }
}

fn value_of(axis: &Axis, n: u64, language: Language) -> (&str, &str) {
    (&axis.name, axis.values[n as usize].to(language))
}

/// An EAN-13 of the range for use within one shop, with its check digit.
fn barcode(n: u64) -> String {
    let digits = format!("20{:010}", n % 10_000_000_000);
    let sum: u64 = digits
        .bytes()
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| u64::from(digit - b'0') * weight)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::shops;
    use super::super::words::Words;
    use super::*;

    fn each(count: u64, mut check: impl FnMut(u64, Product<'_>)) {
        let words = Words::read().unwrap();
        let (shelves, shops) = (words.shelves().unwrap(), shops::all());
        for n in 0..count {
            check(n, Product::new(n, &shelves, &shops));
        }
    }

    #[test]
    fn names_slugs_codes_and_ids_are_unique() {
        let (mut names, mut slugs, mut skus, mut ids) = (
            BTreeSet::new(),
            BTreeSet::new(),
            BTreeSet::new(),
            BTreeSet::new(),
        );
        each(30_000, |_, product| {
            assert!(product.slug.len() <= 120);
            names.insert(product.name);
            assert!(slugs.insert(product.slug));
            assert!(ids.insert(product.id));
            for variant in product.variants {
                assert!(ids.insert(variant.id));
                assert!(skus.insert(variant.sku));
            }
        });
        assert_eq!(names.len(), 30_000);
        assert_eq!(skus.len() as u64, variants_below(30_000));
    }

    #[test]
    fn prices_are_in_range_and_written_as_on_tags() {
        let mut currencies = [0, 0];
        each(5_000, |_, product| {
            let (unit, range) = match product.currency {
                Currency::Vnd => (1, 10_000..=10_000_000),
                Currency::Usd => (100, 150..=50_000),
            };
            assert_eq!(unit, 10_i64.pow(product.currency.exponent()));
            currencies[usize::from(product.currency == Currency::Usd)] += 1;
            for variant in &product.variants {
                assert!(
                    range.contains(&variant.price),
                    "{} of {}",
                    variant.price,
                    product.name
                );
                match product.currency {
                    Currency::Vnd => assert_eq!(variant.price % 1000, 0),
                    Currency::Usd => assert!([50, 99].contains(&(variant.price % 100))),
                }
            }
            assert!(
                product
                    .variants
                    .iter()
                    .all(|v| v.price >= product.lowest_price())
            );
        });
        assert!(
            currencies[0] > 3_000 && currencies[1] > 1_000,
            "{currencies:?}"
        );
    }

    #[test]
    fn variants_of_a_product_differ_and_there_are_five_on_average() {
        assert_eq!(variants_below(1_000), 5_000);
        each(2_000, |n, product| {
            let combinations: BTreeSet<_> = product.variants.iter().map(|v| v.attributes).collect();
            assert_eq!(combinations.len() as u64, variants(n), "{}", product.name);
            assert!(
                product
                    .variants
                    .iter()
                    .all(|v| (1..=1_000_000).contains(&v.weight_g))
            );
        });
    }

    #[test]
    fn a_barcode_ends_with_its_check_digit() {
        assert_eq!(barcode(0), "2000000000008");
        assert_eq!(barcode(12_345), "2000000123455");
    }
}
