//! Ids of the benchmark's own rows. They follow from a number, so that pgbench, which has no lists,
//! can make them up as well.

use uuid::Uuid;

/// Products that are there; orders rotate over all of them.
pub const PRODUCTS: u64 = 400;

/// Products whose pages are read.
pub const PAGES: u64 = 200;

/// Variants of each product.
pub const VARIANTS: u64 = 4;

/// Accounts that buy; each has a cart of its own.
pub const BUYERS: u64 = 32;

/// Lines of each cart.
pub const CART_LINES: u64 = 5;

/// Each kind of row has a range of its own.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum Kind {
    Product = 1,
    Variant = 2,
    Category = 3,
    Warehouse = 4,
}

/// The prefix of all ids of a kind; twelve hexadecimal digits follow.
pub fn prefix(kind: Kind) -> String {
    format!("01980000-000{}-7000-8000-", kind as u8)
}

/// The id of the row number `n`.
pub fn id(kind: Kind, n: u64) -> Uuid {
    let high = (0x0198_0000_0000_u128 | kind as u128) << 80;
    Uuid::from_u128(high | 0x7000_u128 << 64 | 0x8000_u128 << 48 | u128::from(n & 0xffff_ffff_ffff))
}

/// The first variant of the product number `n`, the one that is ordered.
pub fn first_variant(product: u64) -> Uuid {
    id(Kind::Variant, product * VARIANTS)
}

/// The product in line `line` of the cart of buyer number `buyer`.
pub fn in_cart(buyer: u64, line: u64) -> u64 {
    buyer * CART_LINES + line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_prefix_and_its_number() {
        assert_eq!(
            id(Kind::Variant, 255).to_string(),
            format!("{}0000000000ff", prefix(Kind::Variant))
        );
        assert_eq!(id(Kind::Product, 1).get_version_num(), 7);
        assert_eq!(first_variant(3), id(Kind::Variant, 12));
    }

    #[test]
    fn there_are_products_for_all_carts() {
        assert!(in_cart(BUYERS - 1, CART_LINES - 1) < PRODUCTS);
    }
}
