//! What a session is opened with, and what it may be.

use std::collections::BTreeSet;

use serde::Serialize;
use uuid::Uuid;

/// Most orders of one checkout.
pub const MOST_PARTS: usize = 100;
/// Most categories of one order.
pub const MOST_GOODS: usize = 1000;
/// Longest life of a session, seconds.
pub const LONGEST_S: u32 = 30 * 24 * 60 * 60;

/// Goods of one category in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Goods {
    /// What the buyer pays for them, minor units.
    pub amount: i64,
    /// Slugs of the category and all above it, root first.
    pub category_path: String,
}

/// What one order gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    pub order_id: Uuid,
    pub seller_id: Uuid,
    pub goods: Vec<Goods>,
    pub shipping: i64,
    pub subsidy: i64,
    pub cashback_by_platform: i64,
    pub cashback_by_seller: i64,
}

impl Part {
    /// What the buyer pays; `None` when it does not fit.
    fn paid(&self) -> Option<i64> {
        self.goods
            .iter()
            .try_fold(self.shipping, |sum, goods| sum.checked_add(goods.amount))
    }
}

/// What the buyer pays for all parts.
///
/// # Errors
/// What is wrong with them, for the log of whoever sent them.
pub fn total(payer: Uuid, parts: &[Part]) -> Result<i64, String> {
    if parts.is_empty() || parts.len() > MOST_PARTS {
        return Err(format!("{} parts; 1 to {MOST_PARTS}", parts.len()));
    }
    let orders: BTreeSet<Uuid> = parts.iter().map(|part| part.order_id).collect();
    if orders.len() != parts.len() {
        return Err("an order twice".into());
    }
    let mut total = 0_i64;
    // The escrow of all orders: what the platform adds has to fit too.
    let mut held = 0_i64;
    for part in parts {
        if part.seller_id == payer {
            return Err(format!(
                "order {}: nobody buys from themselves",
                part.order_id
            ));
        }
        if part.goods.is_empty() || part.goods.len() > MOST_GOODS {
            return Err(format!(
                "order {}: {} kinds of goods; 1 to {MOST_GOODS}",
                part.order_id,
                part.goods.len()
            ));
        }
        let amounts = [
            part.shipping,
            part.subsidy,
            part.cashback_by_platform,
            part.cashback_by_seller,
        ];
        let least = part
            .goods
            .iter()
            .map(|goods| goods.amount)
            .chain(amounts)
            .min();
        if least.is_some_and(|least| least < 0) {
            return Err(format!("order {}: a negative amount", part.order_id));
        }
        let too_much = || format!("order {}: more money than fits", part.order_id);
        let paid = part.paid().ok_or_else(too_much)?;
        total = total.checked_add(paid).ok_or_else(too_much)?;
        held = held
            .checked_add(paid)
            .and_then(|held| held.checked_add(part.subsidy))
            .and_then(|held| held.checked_add(part.cashback_by_platform))
            .ok_or_else(too_much)?;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(amounts: &[i64], shipping: i64) -> Part {
        Part {
            order_id: Uuid::now_v7(),
            seller_id: Uuid::now_v7(),
            goods: amounts
                .iter()
                .map(|amount| Goods {
                    amount: *amount,
                    category_path: "a/b".into(),
                })
                .collect(),
            shipping,
            subsidy: 0,
            cashback_by_platform: 0,
            cashback_by_seller: 0,
        }
    }

    fn of(parts: &[Part]) -> Result<i64, String> {
        total(Uuid::nil(), parts)
    }

    #[test]
    fn the_total_is_goods_and_shipping_of_all_orders() {
        assert_eq!(of(&[part(&[10, 20], 5), part(&[1], 0)]), Ok(36));
        assert_eq!(of(&[part(&[0], 0)]), Ok(0));
    }

    #[test]
    fn what_does_not_fit_64_bits_is_refused_and_the_last_that_does_is_not() {
        assert_eq!(of(&[part(&[i64::MAX], 0)]), Ok(i64::MAX));
        assert!(of(&[part(&[i64::MAX], 1)]).is_err());
        assert!(of(&[part(&[i64::MAX], 0), part(&[1], 0)]).is_err());
        let mut helped = part(&[i64::MAX], 0);
        helped.subsidy = 1;
        assert!(of(&[helped]).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(of(&[]).is_err());
        assert!(of(&[part(&[], 5)]).is_err());
        assert!(of(&[part(&[-1, 2], 0)]).is_err());
        let twice = part(&[1], 0);
        assert!(of(&[twice.clone(), twice.clone()]).is_err());
        assert!(total(twice.seller_id, &[twice]).is_err());
    }

    proptest! {
        #[test]
        fn no_amounts_bring_it_down(amounts in prop::collection::vec(any::<i64>(), 0..5), shipping in any::<i64>()) {
            let expected: i128 = amounts
                .iter()
                .map(|a| i128::from(*a))
                .sum::<i128>()
                .saturating_add(i128::from(shipping));
            if let Ok(total) = of(&[part(&amounts, shipping)]) {
                prop_assert_eq!(i128::from(total), expected);
            }
        }
    }
}
