//! Sellers' warehouses, and how stock is spread over them.

use uuid::Uuid;

use super::dice::Dice;
use super::ids::id;
use super::people;

/// One seller with their warehouses.
#[derive(Clone, Debug)]
pub struct Shop {
    pub seller: Uuid,
    pub warehouses: Vec<Warehouse>,
}

/// One warehouse.
#[derive(Clone, Debug)]
pub struct Warehouse {
    pub id: Uuid,
    pub name: &'static str,
    /// Lower is taken from first.
    pub priority: i32,
}

const NAMES: [[&str; 3]; 2] = [
    ["Kho Hà Nội", "Kho Đà Nẵng", "Kho Sài Gòn"],
    ["Main store", "Annex", "Harbour depot"],
];

/// Every seller's, in the order of the sellers: one to three warehouses each.
pub fn all() -> Vec<Shop> {
    let shop = |(account, country): (u64, &str)| {
        let names = NAMES[usize::from(country != "VN")];
        let count = 1 + account as usize % 3;
        let warehouses = (0_u8..).zip(names).take(count).map(|(i, name)| Warehouse {
            id: id("warehouse", (account + 1) * 10 + u64::from(i)),
            name,
            priority: i32::from(i),
        });
        Shop {
            seller: id("account", account),
            warehouses: warehouses.collect(),
        }
    };
    people::sellers().map(shop).collect()
}

impl Shop {
    /// What is on the shelves of a variant: nothing in one of twenty, else some units in one or more
    /// warehouses.
    pub fn stock(&self, dice: &mut Dice) -> Vec<(Uuid, i64)> {
        let count = self.warehouses.len() as u64;
        if dice.percent(5) {
            return Vec::new();
        }
        let (first, spread) = (dice.below(count), 1 + dice.below(count));
        (first..first + spread)
            .map(|i| self.warehouses[(i % count) as usize].id)
            .map(|warehouse| (warehouse, dice.between(3, 120)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn sellers_have_one_to_three_warehouses_of_their_own() {
        let shops = all();
        let sizes: BTreeSet<usize> = shops.iter().map(|s| s.warehouses.len()).collect();
        assert_eq!(sizes, BTreeSet::from([1, 2, 3]));
        let ids: BTreeSet<Uuid> = shops
            .iter()
            .flat_map(|s| s.warehouses.iter().map(|w| w.id))
            .collect();
        assert_eq!(
            ids.len(),
            shops.iter().map(|s| s.warehouses.len()).sum::<usize>()
        );
    }

    #[test]
    fn stock_lies_in_different_warehouses_of_the_seller() {
        let shops = all();
        let shop = shops.iter().find(|s| s.warehouses.len() == 3).unwrap();
        let mut spreads = BTreeSet::new();
        for n in 0..500 {
            let stock = shop.stock(&mut Dice::of("stock", n));
            let places: BTreeSet<Uuid> = stock.iter().map(|(w, _)| *w).collect();
            assert_eq!(places.len(), stock.len());
            assert!(stock.iter().all(|(_, units)| (3..=120).contains(units)));
            spreads.insert(stock.len());
        }
        assert_eq!(spreads, BTreeSet::from([0, 1, 2, 3]));
    }
}
