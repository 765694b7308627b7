//! Products as the text that COPY reads.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};
use std::ops::Range;

use serde_json::json;
use uuid::Uuid;

use super::products::Product;
use super::shops::Shop;
use super::words::Shelf;

/// Products of some numbers, as rows of the tables that they are loaded through.
#[derive(Debug, Default)]
pub struct Batch {
    pub products: String,
    pub variants: String,
    pub stock: String,
}

impl Batch {
    /// The products with these numbers. `categories`: ids by slug.
    pub fn new(
        numbers: Range<u64>,
        shelves: &[Shelf<'_>],
        shops: &[Shop],
        categories: &BTreeMap<String, Uuid>,
    ) -> Batch {
        let mut batch = Batch::default();
        for n in numbers {
            let product = Product::new(n, shelves, shops);
            if let Some(category) = categories.get(product.category) {
                batch.add(&product, *category);
            }
        }
        batch
    }

    fn add(&mut self, product: &Product<'_>, category: Uuid) {
        let (what, origin) = product.origin;
        let specifications = json!({what: origin});
        row(
            &mut self.products,
            &[
                &product.id,
                &product.seller,
                &product.slug,
                &product.name,
                &product.description,
                &category,
                &specifications,
                &product.currency.code(),
                &product.lowest_price(),
            ],
        );
        for (position, variant) in product.variants.iter().enumerate() {
            let [(a, value_a), (b, value_b)] = variant.attributes;
            let attributes = json!({a: value_a, b: value_b});
            row(
                &mut self.variants,
                &[
                    &variant.id,
                    &product.id,
                    &product.seller,
                    &variant.sku,
                    &attributes,
                    &variant.price,
                    &variant.weight_g,
                    &variant.barcode,
                    &(position + 1),
                ],
            );
            for (warehouse, units) in &variant.stock {
                row(
                    &mut self.stock,
                    &[&variant.id, warehouse, &product.seller, units],
                );
            }
        }
    }
}

/// One line of COPY's text format.
fn row(text: &mut String, values: &[&dyn Display]) {
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            text.push('\t');
        }
        // Writing to a string does not fail.
        let _ = write!(Escaped(text), "{value}");
    }
    text.push('\n');
}

/// Escapes what COPY's text format gives a meaning of its own.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if !piece.contains(['\\', '\t', '\n', '\r']) {
            self.0.push_str(piece);
            return Ok(());
        }
        for letter in piece.chars() {
            match letter {
                '\\' => self.0.push_str("\\\\"),
                '\t' => self.0.push_str("\\t"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                other => self.0.push(other),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ids, shops, words::Words};
    use super::*;

    #[test]
    fn a_row_keeps_what_means_something_to_copy() {
        let mut text = String::new();
        row(&mut text, &[&"a\tb\\", &7, &"\n"]);
        assert_eq!(text, "a\\tb\\\\\t7\t\\n\n");
    }

    #[test]
    fn a_batch_holds_every_product_variant_and_shelf() {
        let words = Words::read().unwrap();
        let shelves = words.shelves().unwrap();
        let categories: BTreeMap<String, Uuid> = shelves
            .iter()
            .map(|shelf| (shelf.category.to_owned(), ids::id("category", 0)))
            .collect();
        let batch = Batch::new(40..140, &shelves, &shops::all(), &categories);
        let columns = |text: &str, count: usize| {
            assert!(text.lines().all(|line| line.split('\t').count() == count));
            text.lines().count()
        };
        assert_eq!(columns(&batch.products, 9), 100);
        assert_eq!(columns(&batch.variants, 9), 500);
        assert!(columns(&batch.stock, 4) > 400);
    }
}
