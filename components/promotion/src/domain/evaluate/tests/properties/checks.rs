//! What is looked at in every quote.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::domain::basket::{Basket, Line};
use crate::domain::promotion::Promotion;
use crate::domain::quote::{Priced, Quote, Reason};
use crate::domain::rule::{Goods as Asked, Rule};

/// What the buyer gains, now and later.
pub fn gives(quote: &Quote) -> i64 {
    quote.usages.iter().map(|u| u.amount).sum()
}

/// Whether a line is what a promotion is about, said in other words than the code's.
fn concerns(promotion: &Promotion, line: &Line) -> bool {
    let scope = &promotion.terms.scope;
    let path = format!("/{}/", line.category_path);
    let mut named = scope.variants.contains(&line.variant_id);
    named |= scope.products.contains(&line.product_id);
    named |= scope
        .categories
        .iter()
        .any(|c| path.contains(&format!("/{c}/")));
    named |= scope.variants.len() + scope.products.len() + scope.categories.len() == 0;
    if let Rule::Bundle(bundle) = &promotion.terms.rule {
        named &= bundle.items.iter().any(|i| {
            [
                Asked::VariantId(line.variant_id),
                Asked::ProductId(line.product_id),
            ]
            .contains(&i.goods)
        });
    }
    named && (promotion.owner_id.is_none() || promotion.owner_id == Some(line.seller_id))
}

/// Sums are exact at every level, and nothing is below zero or above its list price.
pub fn check_sums(basket: &Basket, quote: &Quote) {
    let mut of_promotion: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut all = 0_i64;
    let listed: Vec<i64> = basket
        .lines
        .iter()
        .map(|l| l.unit_price * i64::from(l.quantity))
        .collect();
    let sent: Vec<i64> = basket.parcels.iter().map(|p| p.shipping).collect();
    let totals = |priced: &[Priced]| priced.iter().map(|p| p.list_total).collect::<Vec<_>>();
    assert_eq!(totals(&quote.lines), listed);
    assert_eq!(totals(&quote.parcels), sent);
    for priced in quote.lines.iter().chain(&quote.parcels) {
        let shares: i64 = priced.shares.iter().map(|s| s.amount).sum();
        assert_eq!(shares, priced.discount);
        assert!((0..=priced.list_total).contains(&priced.discount));
        assert!(priced.shares.iter().all(|s| s.amount > 0));
        for share in &priced.shares {
            *of_promotion.entry(share.promotion_id).or_default() += share.amount;
        }
        all += priced.discount;
    }
    assert_eq!(all, quote.discount);
    let mut back: BTreeMap<Uuid, i64> = BTreeMap::new();
    for cashback in &quote.cashbacks {
        assert!(cashback.amount > 0);
        *of_promotion.entry(cashback.promotion_id).or_default() += cashback.amount;
        *back.entry(cashback.seller_id).or_default() += cashback.amount;
    }
    for (seller, back) in back {
        let lines = basket.lines.iter().zip(&quote.lines);
        let paid: i64 = lines
            .filter(|(l, _)| l.seller_id == seller)
            .map(|(_, p)| p.list_total - p.discount)
            .sum();
        assert!(back <= paid, "more comes back than is paid");
    }
    let usages: BTreeMap<Uuid, i64> = quote
        .usages
        .iter()
        .map(|u| (u.promotion_id, u.amount))
        .collect();
    assert_eq!(usages.len(), quote.usages.len(), "each is used once");
    assert_eq!(usages, of_promotion);
}

/// Whatever is applied was allowed to, and touches what it is about alone.
pub fn check_limits(basket: &Basket, promotions: &[Promotion], quote: &Quote) {
    for usage in &quote.usages {
        let promotion = promotions
            .iter()
            .find(|p| p.id == usage.promotion_id)
            .expect("one of them");
        let terms = &promotion.terms;
        assert!(usage.amount > 0);
        assert!(promotion.enabled && terms.currency == basket.currency);
        assert!(terms.limits.budget.is_none_or(|b| usage.amount <= b));
        if let Rule::ProductDiscount(rule) = &terms.rule {
            assert!(rule.maximum.is_none_or(|m| usage.amount <= m));
        }
        let concerned: Vec<bool> = basket
            .lines
            .iter()
            .map(|l| concerns(promotion, l))
            .collect();
        let lines = basket.lines.iter().zip(&concerned);
        let spent: i64 = lines
            .filter(|(_, c)| **c)
            .map(|(l, _)| l.unit_price * i64::from(l.quantity))
            .sum();
        assert!(terms.conditions.minimum_spend.is_none_or(|m| spent >= m));
        for ((priced, line), concerned) in quote.lines.iter().zip(&basket.lines).zip(concerned) {
            for share in priced
                .shares
                .iter()
                .filter(|s| s.promotion_id == promotion.id)
            {
                assert!(concerned, "a line out of its scope");
                assert!((1..=line.quantity).contains(&share.units));
                assert_eq!(share.by_platform, promotion.owner_id.is_none());
            }
        }
        let mine = |seller: Uuid| promotion.owner_id.is_none_or(|o| o == seller);
        for (priced, parcel) in quote.parcels.iter().zip(&basket.parcels) {
            let mut shares = priced.shares.iter();
            assert!(
                mine(parcel.seller_id) || shares.all(|s| s.promotion_id != promotion.id),
                "somebody else's parcel"
            );
        }
        let mut back = quote.cashbacks.iter();
        assert!(back.all(|c| c.promotion_id != promotion.id || mine(c.seller_id)));
    }
}

/// Of a group one applies, or one of each of several sellers.
pub fn check_groups(promotions: &[Promotion], quote: &Quote) {
    let mut owners: BTreeMap<&str, Vec<Option<Uuid>>> = BTreeMap::new();
    let mut exclusive = 0;
    for usage in &quote.usages {
        let promotion = promotions
            .iter()
            .find(|p| p.id == usage.promotion_id)
            .expect("one of them");
        exclusive += usize::from(promotion.terms.exclusive);
        owners
            .entry(&promotion.terms.group_name)
            .or_default()
            .push(promotion.owner_id);
    }
    for owners in owners.values() {
        let distinct: BTreeSet<_> = owners.iter().collect();
        assert_eq!(distinct.len(), owners.len());
        assert!(owners.len() == 1 || !owners.contains(&None));
    }
    assert!(exclusive == 0 || (exclusive == quote.usages.len() && owners.len() == 1));
}

pub fn check_explained(basket: &Basket, promotions: &[Promotion], quote: &Quote) {
    let used: BTreeSet<Uuid> = quote.usages.iter().map(|u| u.promotion_id).collect();
    let unused: Vec<Uuid> = quote.unused.iter().filter_map(|u| u.promotion_id).collect();
    let typed: BTreeSet<String> = basket.codes.iter().map(|c| c.to_uppercase()).collect();
    for promotion in promotions {
        let concerned = promotion.code.as_ref().is_none_or(|c| typed.contains(c));
        let said = unused.iter().filter(|u| **u == promotion.id).count();
        let applied = usize::from(used.contains(&promotion.id));
        assert_eq!(said + applied, usize::from(concerned));
    }
    let unknown = quote.unused.iter().filter(|u| u.promotion_id.is_none());
    let known: BTreeSet<&String> = promotions.iter().filter_map(|p| p.code.as_ref()).collect();
    assert_eq!(
        unknown.filter(|u| u.reason == Reason::UnknownCode).count(),
        typed.iter().filter(|c| !known.contains(c)).count()
    );
}
