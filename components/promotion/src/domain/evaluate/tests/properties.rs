//! What holds of every basket and every list of promotions.

mod arbitrary;
mod checks;

use proptest::prelude::*;

use super::super::running::Running;
use super::super::{Goods, candidates, effects, groups};
use super::support::*;
use crate::domain::basket::{Basket, Line};
use crate::domain::evaluate::evaluate;
use crate::domain::promotion::Promotion;
use crate::domain::quote::Quote;
use crate::domain::rule::{Goods as Asked, Kind, Rule};
use arbitrary::{any_basket, any_promotions, huge_basket};
use checks::{check_explained, check_groups, check_limits, check_sums, gives};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn sums_are_exact_and_limits_are_kept(
        basket in any_basket(),
        promotions in any_promotions(12),
    ) {
        let quote = price(&basket, &promotions);
        check_sums(&basket, &quote);
        check_limits(&basket, &promotions, &quote);
        check_groups(&promotions, &quote);
        check_explained(&basket, &promotions, &quote);
        prop_assert_eq!(&quote, &price(&basket, &promotions), "the same again");
    }

    #[test]
    fn the_order_of_lines_and_promotions_makes_no_difference(
        (basket, shuffled) in any_basket().prop_flat_map(|basket| {
            let lines = Just(basket.lines.clone()).prop_shuffle();
            let parcels = Just(basket.parcels.clone()).prop_shuffle();
            (Just(basket), lines, parcels).prop_map(|(basket, lines, parcels)| {
                let shuffled = Basket { lines, parcels, ..basket.clone() };
                (basket, shuffled)
            })
        }),
        (promotions, others) in any_promotions(10).prop_flat_map(|promotions| {
            (Just(promotions.clone()), Just(promotions).prop_shuffle())
        }),
    ) {
        let by_line = |basket: &Basket, quote: &Quote| {
            let mut lines: Vec<_> = basket.lines.iter().cloned().zip(
                quote.lines.iter().map(|p| format!("{p:?}")),
            ).collect();
            lines.sort();
            let mut parcels: Vec<_> = basket.parcels.iter().cloned().zip(
                quote.parcels.iter().map(|p| format!("{p:?}")),
            ).collect();
            parcels.sort();
            (lines, parcels)
        };
        let one = price(&basket, &promotions);
        let other = price(&shuffled, &others);
        prop_assert_eq!(by_line(&basket, &one), by_line(&shuffled, &other));
        prop_assert_eq!(one.usages, other.usages);
        prop_assert_eq!(one.cashbacks, other.cashbacks);
        prop_assert_eq!(one.unused, other.unused);
    }

    #[test]
    fn what_does_not_apply_changes_nothing(
        basket in any_basket(),
        promotions in any_promotions(8),
        change in 0..6,
    ) {
        // Lower than all other numbers, first of the groups, and better than all others.
        let best = percent(0, 10_000).with(|p| {
            p.terms.group_name = "a".into();
            p.terms.group_position = 0;
            p.terms.priority = 1_000;
            match change {
                0 => p.enabled = false,
                1 => p.terms.currency = "VND".into(),
                2 => p.terms.scope.products = vec![id(77)],
                3 => p.owner_id = Some(id(77)),
                4 => p.terms.conditions.minimum_spend = Some(i64::MAX),
                _ => p.terms.conditions.first_order_only = true,
            }
        });
        let without = price(&basket, &promotions);
        let mut all = promotions;
        all.push(best);
        let mut with = price(&basket, &all);
        prop_assert!(why_not(&with, 0).is_some());
        with.unused.retain(|u| u.promotion_id != Some(id(0)));
        prop_assert_eq!(with, without);
    }

    #[test]
    fn what_is_exclusive_applies_when_it_gives_more_and_only_then(
        basket in any_basket(),
        promotions in any_promotions(8),
    ) {
        let (alone, stacked): (Vec<_>, Vec<_>) =
            promotions.iter().cloned().partition(|p| p.terms.exclusive);
        let stacked = gives(&price(&basket, &stacked));
        let quote = price(&basket, &promotions);
        let applies = quote.usages.iter().any(|u| alone.iter().any(|p| p.id == u.promotion_id));
        if applies {
            prop_assert!(gives(&quote) > stacked);
        } else {
            prop_assert_eq!(gives(&quote), stacked);
        }
        for one in alone {
            let one = gives(&price(&basket, &[one]));
            prop_assert!(one <= gives(&quote), "one gives {} by itself", one);
        }
    }

    #[test]
    fn a_unit_is_in_one_bundle_at_most(
        basket in any_basket(),
        promotions in any_promotions(12),
    ) {
        let goods = Goods::of(&basket).expect("goods");
        let all: Vec<&Promotion> = promotions.iter().collect();
        let codes = candidates::typed_codes(&basket.codes);
        let (candidates, _) =
            candidates::sift(&all, &goods, &basket.currency, &codes, &facts());
        let outcome = groups::choose(&candidates, &goods, &Running::new(&goods));
        let mut used = vec![0_u32; goods.lines.len()];
        for effect in outcome.applied.iter().flat_map(|a| &a.effect.lines) {
            used[effect.line] += effect.used;
        }
        for (line, used) in goods.lines.iter().zip(used) {
            prop_assert!(used <= line.of.quantity);
        }
    }

    #[test]
    fn sets_are_as_many_as_are_best_for_the_buyer(
        basket in any_basket(),
        promotion in arbitrary::any_fixed_price_bundle(),
    ) {
        let Rule::Bundle(rule) = &promotion.terms.rule else { return Ok(()) };
        let crate::domain::rule::BundleOffer::Price(set_price) = rule.offer else { return Ok(()) };
        let lines = basket.lines.into_iter().map(|l| Line { quantity: l.quantity.min(9), ..l });
        let basket = Basket { lines: lines.collect(), ..basket };
        // Try every number of sets, unit by unit: variants first, of what is left the dearest.
        let mut units: Vec<&Line> = basket
            .lines
            .iter()
            .flat_map(|l| std::iter::repeat_n(l, usize::try_from(l.quantity).expect("small")))
            .collect();
        units.sort_by_key(|l| std::cmp::Reverse(l.unit_price));
        let mut items = rule.items.clone();
        items.sort_by_key(|i| i.goods);
        let mut best = 0;
        'sets: for sets in 1..=rule.max_repetitions.unwrap_or(u32::MAX) {
            let mut left = units.clone();
            let mut gain = -set_price * i64::from(sets);
            for item in &items {
                for _ in 0..item.quantity * sets {
                    let found = left.iter().position(|l| match item.goods {
                        Asked::VariantId(v) => l.variant_id == v,
                        Asked::ProductId(p) => l.product_id == p,
                    });
                    let Some(found) = found else { break 'sets };
                    gain += left.remove(found).unit_price;
                }
            }
            best = best.max(gain);
        }
        let quote = price(&basket, std::slice::from_ref(&promotion));
        prop_assert_eq!(quote.discount, best);
    }

    #[test]
    fn of_several_as_many_as_possible_of_the_cheapest_are_free(
        basket in any_basket(),
        (buy, get, times) in (1..5_u32, 1..5_u32, 1..20_u32),
    ) {
        let rule = serde_json::json!({"buy": buy, "get": get, "max_repetitions": times});
        let quote = price(&basket, &[promotion(1, Kind::BuyXGetY, rule)]);
        let mut units: Vec<i64> = basket
            .lines
            .iter()
            .flat_map(|l| (0..l.quantity).map(|_| l.unit_price))
            .collect();
        units.sort_unstable();
        let all = u32::try_from(units.len()).expect("small");
        let free = (all / (buy + get)).min(times) * get;
        let free = usize::try_from(free).expect("small");
        prop_assert_eq!(quote.discount, units[..free].iter().sum::<i64>());
    }

    #[test]
    fn amounts_of_any_size_are_priced_or_refused(
        basket in huge_basket(),
        promotions in any_promotions(8),
    ) {
        if let Ok(quote) = evaluate(&basket, &promotions, &facts()) {
            check_sums(&basket, &quote);
        }
    }
}

#[test]
fn the_largest_basket_with_many_promotions_is_priced() {
    let basket = basket(
        (0..200)
            .map(|n| {
                line(
                    10 + n,
                    n % 7,
                    999,
                    1_000 + i64::try_from(n * n).expect("small"),
                )
            })
            .collect(),
    );
    let promotions: Vec<Promotion> = (0..200_u128)
        .map(|n| {
            let set = serde_json::json!({
                "items": (0..20).map(|item| serde_json::json!({
                    "goods": {"product_id": id(1 + (n + item) % 20)}, "quantity": 1,
                })).collect::<Vec<_>>(),
                "offer": {"price": 10_000},
                "max_repetitions": 5,
            });
            match n % 4 {
                0 => percent(n, 100),
                1 => promotion(
                    n,
                    Kind::BuyXGetY,
                    serde_json::json!({"buy": 2, "get": 1, "max_repetitions": 9}),
                ),
                _ => promotion(n, Kind::Bundle, set),
            }
        })
        .collect();
    let quote = price(&basket, &promotions);
    check_sums(&basket, &quote);
    assert!(quote.usages.len() > 100);
}

#[test]
fn an_effect_of_nothing_is_empty() {
    let basket = basket(vec![line(11, 1, 1, 0)]);
    let goods = Goods::of(&basket).expect("goods");
    let promotion = percent(1, 5_000);
    let (candidates, _) = candidates::sift(
        &[&promotion],
        &goods,
        "USD",
        &candidates::typed_codes(&[]),
        &facts(),
    );
    let effect = effects::effect(&candidates[0], &goods, &Running::new(&goods));
    assert_eq!((effect.amount(), effect.lines.len()), (0, 0));
}
