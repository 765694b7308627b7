//! Promotions that use units up: some free of several, and sets of goods.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::candidates::is_of;
use super::effects::InScope;
use super::running::LineEffect;
use super::shares::{percent, portion, split};
use crate::domain::rule::{Bundle, BundleOffer, BuyXGetY, Goods};

/// The cheapest units in scope are reduced, the dearest are the ones paid for, and those between
/// stay free for others.
pub fn buy_x_get_y(rule: &BuyXGetY, lines: &[InScope]) -> Vec<LineEffect> {
    let units: u64 = lines.iter().map(|l| u64::from(l.pool.fresh_units)).sum();
    let (buy, get) = (u64::from(rule.buy), u64::from(rule.get));
    let most = rule.max_repetitions.map_or(u64::MAX, u64::from);
    let Some(times) = units.checked_div(buy.saturating_add(get)) else {
        return Vec::new();
    };
    let times = times.min(most);
    let dearest = by_price(lines);
    let paid = take(
        times.saturating_mul(buy),
        dearest.iter().copied(),
        lines,
        &BTreeMap::new(),
    );
    let reduced = take(
        times.saturating_mul(get),
        dearest.iter().rev().copied(),
        lines,
        &paid,
    );

    let mut effects = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let of = |taken: &Taken| taken.get(&at).copied().unwrap_or(0);
        let (paid, reduced) = (of(&paid), of(&reduced));
        let used = paid.saturating_add(reduced);
        if used > 0 {
            let cost = portion(line.pool.cost(used), i64::from(reduced), i64::from(used));
            effects.push(LineEffect {
                line: line.position,
                amount: percent(cost, rule.basis_points),
                units: reduced,
                used,
            });
        }
    }
    if effects.iter().all(|e| e.amount == 0) {
        effects.clear();
    }
    effects
}

/// As many sets as gain something, the dearest first.
pub fn bundle(rule: &Bundle, lines: &[InScope]) -> Vec<LineEffect> {
    let items = items(rule, lines);
    let most = rule.max_repetitions.map_or(u64::MAX, u64::from);
    let sets = sets(&items, lines).min(most);
    let taken = |sets: u64| assemble(&items, sets, lines);
    let (taken, amounts) = match rule.offer {
        BundleOffer::BasisPoints(points) => {
            let taken = taken(sets);
            let costs = costs(&taken, lines);
            let amounts = costs.iter().map(|cost| percent(*cost, points)).collect();
            (taken, amounts)
        }
        BundleOffer::Price(price) => {
            let gain = |sets: u64| {
                let costs: i128 = costs(&taken(sets), lines)
                    .iter()
                    .map(|c| i128::from(*c))
                    .sum();
                costs.saturating_sub(i128::from(price.max(0)).saturating_mul(i128::from(sets)))
            };
            // Each set costs at most what the one before does, so those that gain come first.
            let (mut good, mut bad) = (0_u64, sets.saturating_add(1));
            while bad.saturating_sub(good) > 1 {
                let middle = good.midpoint(bad);
                if gain(middle) > gain(middle.saturating_sub(1)) {
                    good = middle;
                } else {
                    bad = middle;
                }
            }
            let amount = i64::try_from(gain(good)).unwrap_or(0);
            let taken = taken(good);
            let amounts = split(amount, &costs(&taken, lines));
            (taken, amounts)
        }
    };
    if amounts.iter().all(|amount| *amount == 0) {
        return Vec::new();
    }
    taken
        .iter()
        .zip(amounts)
        .filter_map(|((at, used), amount)| {
            Some(LineEffect {
                line: lines.get(*at)?.position,
                amount,
                units: *used,
                used: *used,
            })
        })
        .collect()
}

/// Units by position in the lines in scope.
type Taken = BTreeMap<usize, u32>;

/// A part of a set.
struct Item {
    goods: Goods,
    units: u64,
    /// The lines that it may be taken from, the dearest first.
    lines: Vec<usize>,
}

/// What a set is made of: variants, then products, so that what only a variant can be is not taken
/// for any of its product.
fn items(rule: &Bundle, lines: &[InScope]) -> Vec<Item> {
    let mut units_of: BTreeMap<Goods, u64> = BTreeMap::new();
    for item in &rule.items {
        let units = units_of.entry(item.goods).or_default();
        *units = units.saturating_add(u64::from(item.quantity));
    }
    let dearest = by_price(lines);
    let of = |goods: Goods| {
        let mut of = dearest.clone();
        of.retain(|at| lines.get(*at).is_some_and(|l| is_of(l.line, goods)));
        of
    };
    units_of
        .into_iter()
        .map(|(goods, units)| Item {
            goods,
            units,
            lines: of(goods),
        })
        .collect()
}

/// How many sets there are units for.
fn sets(items: &[Item], lines: &[InScope]) -> u64 {
    let most = items.iter().map(|item| {
        let of = || item.lines.iter().filter_map(|at| lines.get(*at));
        let units: u64 = of().map(|l| u64::from(l.pool.fresh_units)).sum();
        // Variants of a product that are asked for by themselves are taken from its units too.
        let by_variant: u64 = match item.goods {
            Goods::VariantId(_) => 0,
            Goods::ProductId(_) => items
                .iter()
                .filter(|other| matches!(other.goods, Goods::VariantId(_)))
                .filter(|other| of().any(|l| is_of(l.line, other.goods)))
                .map(|other| other.units)
                .sum(),
        };
        units
            .checked_div(item.units.saturating_add(by_variant))
            .unwrap_or(0)
    });
    most.min().unwrap_or(0)
}

/// The units of so many sets, the dearest of each item.
fn assemble(items: &[Item], sets: u64, lines: &[InScope]) -> Taken {
    let mut all = Taken::new();
    for item in items {
        let units = item.units.saturating_mul(sets);
        for (at, units) in take(units, item.lines.iter().copied(), lines, &all) {
            let sum = all.entry(at).or_default();
            *sum = sum.saturating_add(units);
        }
    }
    all
}

/// What the units cost, in the order of `taken`.
fn costs(taken: &Taken, lines: &[InScope]) -> Vec<i64> {
    taken
        .iter()
        .map(|(at, units)| lines.get(*at).map_or(0, |l| l.pool.cost(*units)))
        .collect()
}

/// Takes units from lines in an order, besides those that are taken already.
fn take(
    mut units: u64,
    order: impl Iterator<Item = usize>,
    lines: &[InScope],
    before: &Taken,
) -> Taken {
    let mut taken = Taken::new();
    for at in order {
        if units == 0 {
            break;
        }
        let Some(line) = lines.get(at) else { continue };
        let gone = before.get(&at).copied().unwrap_or(0);
        let there = line.pool.fresh_units.saturating_sub(gone);
        let some = u32::try_from(units).unwrap_or(u32::MAX).min(there);
        if some > 0 {
            taken.insert(at, some);
            units = units.saturating_sub(u64::from(some));
        }
    }
    taken
}

/// Positions of the lines with fresh units, the dearest unit first; the first of equals first.
fn by_price(lines: &[InScope]) -> Vec<usize> {
    let mut order: Vec<(usize, &InScope)> = lines
        .iter()
        .enumerate()
        .filter(|(_, l)| l.pool.fresh_units > 0)
        .collect();
    order.sort_by(|(_, a), (_, b)| dearer(b, a));
    order.into_iter().map(|(at, _)| at).collect()
}

/// Compares what a unit costs: `a/m` with `b/n` as `a·n` with `b·m`.
fn dearer(a: &InScope, b: &InScope) -> Ordering {
    let times = |amount: i64, units: u32| i128::from(amount).saturating_mul(i128::from(units));
    times(a.pool.fresh, b.pool.fresh_units).cmp(&times(b.pool.fresh, a.pool.fresh_units))
}
