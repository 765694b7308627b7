use serde_json::json;

use super::super::support::*;
use crate::domain::evaluate::{Unpriceable, evaluate};
use crate::domain::quote::{Cashback, Share};
use crate::domain::rule::{Kind, Scope};

#[test]
fn a_percentage_is_taken_off_each_line_half_to_even() {
    let basket = basket(vec![
        line(11, 1, 1, 1_005),
        line(12, 1, 1, 1_015),
        line(13, 2, 3, 333),
    ]);
    let quote = price(&basket, &[percent(1, 1_000)]);
    // 100.5, 101.5 and 99.9.
    assert_eq!(discounts(&quote), [100, 102, 100]);
    assert_eq!(quote.discount, 302);
    assert_eq!(
        quote.lines[2].shares,
        [Share {
            promotion_id: id(1),
            amount: 100,
            units: 3,
            by_platform: true
        }]
    );
    let usage = &quote.usages[0];
    assert_eq!(
        (usage.amount, usage.version, usage.kind),
        (302, 1, Kind::ProductDiscount)
    );
    assert_eq!(quote.unused, []);
}

#[test]
fn a_maximum_is_split_as_the_discount_would_be() {
    let rule = json!({"off": {"basis_points": 5_000}, "maximum": 1_000});
    let basket = basket(vec![line(11, 1, 1, 3_000), line(12, 1, 1, 6_001)]);
    let quote = price(&basket, &[promotion(1, Kind::ProductDiscount, rule)]);
    // 1500 and 3000: a third and two thirds.
    assert_eq!(discounts(&quote), [333, 667]);
}

#[test]
fn a_fixed_discount_is_per_unit_per_line_or_over_the_basket() {
    let basket = basket(vec![line(11, 1, 3, 500), line(12, 1, 1, 150)]);
    for (off, expected) in [
        (json!({"per_unit": 200}), [600, 150]),
        (json!({"per_line": 200}), [200, 150]),
        // In the proportion of 1500 to 150: 181.8 and 18.2.
        (json!({"amount": 200}), [182, 18]),
        (json!({"amount": 5_000}), [1_500, 150]),
    ] {
        let rule = json!({"off": off});
        let quote = price(&basket, &[promotion(1, Kind::ProductDiscount, rule)]);
        assert_eq!(discounts(&quote), expected, "{off}");
    }
}

#[test]
fn sending_costs_less_in_percent_or_by_an_amount() {
    let mut basket = basket(vec![line(11, 1, 1, 5_000), line(21, 2, 1, 5_000)]);
    basket.parcels = vec![parcel(1, 300), parcel(2, 1_001)];
    for (rule, expected) in [
        (json!({"off": {"basis_points": 5_000}}), [150, 500]),
        (
            json!({"off": {"basis_points": 10_000}, "maximum": 1_000}),
            [231, 769],
        ),
        (json!({"off": {"amount": 500}}), [115, 385]),
        (json!({"off": {"amount": 5_000}}), [300, 1_001]),
    ] {
        let quote = price(
            &basket,
            &[promotion(1, Kind::ShippingDiscount, rule.clone())],
        );
        let parcels: Vec<i64> = quote.parcels.iter().map(|p| p.discount).collect();
        assert_eq!(parcels, expected, "{rule}");
        assert_eq!(quote.discount, expected.iter().sum::<i64>());
        assert_eq!(discounts(&quote), [0, 0]);
        assert_eq!(quote.parcels[0].shares[0].units, 0);
    }
}

#[test]
fn sending_costs_less_for_sellers_with_goods_in_scope() {
    let free = promotion(
        1,
        Kind::ShippingDiscount,
        json!({"off": {"basis_points": 10_000}}),
    )
    .with(|p| p.terms.scope.products = vec![id(1)]);
    let mut basket = basket(vec![line(11, 1, 1, 5_000), line(21, 2, 1, 5_000)]);
    basket.parcels = vec![parcel(2, 400), parcel(1, 300)];
    let quote = price(&basket, &[free]);
    assert_eq!(quote.parcels[0].discount, 0);
    assert_eq!(quote.parcels[1].discount, 300);
}

#[test]
fn of_several_the_cheapest_are_free() {
    let rule = json!({"buy": 2, "get": 1});
    let basket = basket(vec![line(11, 1, 4, 1_000), line(12, 1, 3, 300)]);
    let quote = price(&basket, &[promotion(1, Kind::BuyXGetY, rule.clone())]);
    // Seven units are two times three: two of the cheap ones are free.
    assert_eq!(discounts(&quote), [0, 600]);
    assert_eq!(quote.lines[1].shares[0].units, 2);
    assert_eq!(quote.lines[0].shares, []);

    let once = json!({"buy": 2, "get": 1, "max_repetitions": 1});
    let quote = price(&basket, &[promotion(1, Kind::BuyXGetY, once)]);
    assert_eq!(discounts(&quote), [0, 300]);

    let half = json!({"buy": 1, "get": 1, "basis_points": 5_000});
    let quote = price(&basket, &[promotion(1, Kind::BuyXGetY, half)]);
    // Three pairs: three cheap ones at half the price.
    assert_eq!(discounts(&quote), [0, 450]);

    let scoped = promotion(1, Kind::BuyXGetY, rule).with(|p| p.terms.scope.variants = vec![id(11)]);
    assert_eq!(discounts(&price(&basket, &[scoped])), [1_000, 0]);
}

#[test]
fn goods_cost_less_together() {
    let items = json!([
        {"goods": {"variant_id": id(11)}, "quantity": 1},
        {"goods": {"product_id": id(2)}, "quantity": 2},
    ]);
    let basket = basket(vec![
        line(11, 1, 2, 1_000),
        line(21, 1, 3, 500),
        line(22, 1, 1, 700),
    ]);
    // The dearest units of product 2 come first: 1000 + 700 + 500 = 2200, then 1000 + 500 + 500.
    for (offer, most, expected) in [
        // 300 and 100 gained, over what all the units in the sets cost: 2000, 1500 and 700.
        (json!({"price": 1_900}), json!(null), [190, 143, 67]),
        // The second set gains nothing.
        (json!({"price": 2_000}), json!(null), [91, 45, 64]),
        (json!({"price": 1_900}), json!(1), [136, 68, 96]),
        (json!({"basis_points": 1_000}), json!(null), [200, 150, 70]),
        (json!({"price": 0}), json!(1), [1_000, 500, 700]),
    ] {
        let rule = json!({"items": items, "offer": offer, "max_repetitions": most});
        let quote = price(&basket, &[promotion(1, Kind::Bundle, rule)]);
        assert_eq!(discounts(&quote), expected, "{offer} {most}");
    }
}

#[test]
fn a_variant_that_a_set_needs_is_not_taken_for_any_of_its_product() {
    let rule = json!({
        "items": [
            {"goods": {"product_id": id(1)}, "quantity": 1},
            {"goods": {"variant_id": id(11)}, "quantity": 1},
        ],
        "offer": {"price": 1_000},
    });
    // The dearest of the product is the variant itself, of which there is one.
    let basket = basket(vec![line(11, 1, 1, 900), line(12, 1, 2, 400)]);
    let quote = price(&basket, &[promotion(1, Kind::Bundle, rule)]);
    assert_eq!(quote.discount, 300);
    let units: Vec<u32> = quote.lines.iter().map(|l| l.shares[0].units).collect();
    assert_eq!(units, [1, 1]);
}

#[test]
fn cashback_is_of_what_is_paid_for_each_sellers_goods() {
    let rule = json!({"give": {"basis_points": 1_000}, "maximum": 500});
    let back = promotion(1, Kind::Cashback, rule).with(|p| p.terms.group_position = 1);
    let basket = basket(vec![line(11, 1, 1, 6_000), line(21, 2, 1, 2_000)]);
    // It is first in order, and yet of what is left after the half off.
    let quote = price(&basket, &[back.clone(), percent(2, 5_000)]);
    assert_eq!(quote.discount, 4_000);
    let cashback = |seller, amount| Cashback {
        promotion_id: id(1),
        seller_id: id(seller),
        amount,
        by_platform: true,
    };
    assert_eq!(quote.cashbacks, [cashback(1, 300), cashback(2, 100)]);
    assert_eq!(quote.usages[0].amount, 400);
    // Without the half off the maximum counts: 600 and 200 are 375 and 125 of 500.
    let quote = price(&basket, &[back]);
    assert_eq!(quote.discount, 0);
    assert_eq!(quote.cashbacks, [cashback(1, 375), cashback(2, 125)]);
    // Nothing is promised of nothing.
    let quote = price(
        &basket,
        &[
            percent(2, 10_000),
            promotion(1, Kind::Cashback, json!({"give": {"amount": 10}})),
        ],
    );
    assert_eq!((quote.cashbacks.len(), used(&quote)), (0, vec![2]));
}

#[test]
fn a_scope_is_a_category_with_all_below_it_a_product_or_a_variant() {
    let basket = basket(vec![
        within("electronics/phones", line(11, 1, 1, 100)),
        within("electronics", line(21, 1, 1, 100)),
        within("books/electronics-for-all", line(31, 1, 1, 100)),
        within("books", line(41, 1, 1, 100)),
    ]);
    for (scope, expected) in [
        (json!({"categories": ["electronics"]}), [50, 50, 0, 0]),
        (json!({"categories": ["phones"]}), [50, 0, 0, 0]),
        (json!({"products": [id(2)]}), [0, 50, 0, 0]),
        (
            json!({"variants": [id(31)], "categories": ["phones"]}),
            [50, 0, 50, 0],
        ),
        (json!({}), [50, 50, 50, 50]),
    ] {
        let read: Scope = serde_json::from_value(scope.clone()).expect("a scope");
        let promotion = percent(1, 5_000).with(|p| p.terms.scope = read);
        assert_eq!(
            discounts(&price(&basket, &[promotion])),
            expected,
            "{scope}"
        );
    }
}

#[test]
fn a_sellers_promotion_is_about_their_goods_and_parcels_alone() {
    let owned = |p: &mut crate::domain::promotion::Promotion| p.owner_id = Some(id(1));
    let mut basket = basket(vec![line(11, 1, 1, 1_000), line(21, 2, 1, 1_000)]);
    basket.parcels = vec![parcel(1, 100), parcel(2, 100)];
    let free = json!({"off": {"basis_points": 10_000}});
    let quote = price(
        &basket,
        &[
            percent(1, 1_000).with(owned),
            promotion(2, Kind::ShippingDiscount, free).with(owned),
            promotion(3, Kind::Cashback, json!({"give": {"amount": 5_000}})).with(owned),
        ],
    );
    assert_eq!(discounts(&quote), [100, 0]);
    assert!(!quote.lines[0].shares[0].by_platform);
    assert_eq!(
        (quote.parcels[0].discount, quote.parcels[1].discount),
        (100, 0)
    );
    assert_eq!(quote.cashbacks.len(), 1);
    assert_eq!(
        (quote.cashbacks[0].seller_id, quote.cashbacks[0].amount),
        (id(1), 900)
    );
}

#[test]
fn amounts_at_the_limits_of_64_bits_are_priced_or_refused() {
    let price_of = |lines, promotions: &[_]| evaluate(&basket(lines), promotions, &facts());
    let half = [percent(1, 5_000)];
    let quote = price_of(vec![line(11, 1, 1, i64::MAX)], &half).expect("a quote");
    assert_eq!(quote.discount, 4_611_686_018_427_387_904);
    let too_much = vec![line(11, 1, 1, i64::MAX), line(12, 1, 1, 1)];
    assert_eq!(price_of(too_much, &half), Err(Unpriceable::TooMuch));
    assert_eq!(
        price_of(vec![line(11, 1, 999, i64::MAX)], &half),
        Err(Unpriceable::TooMuch)
    );
    for (quantity, unit_price) in [(1, -1), (0, 1), (1_000, 1)] {
        assert_eq!(
            price_of(vec![line(11, 1, quantity, unit_price)], &half),
            Err(Unpriceable::Nonsense)
        );
    }
}

#[test]
fn an_empty_basket_costs_nothing() {
    let quote = price(&basket(vec![]), &[percent(1, 1_000)]);
    assert_eq!((quote.discount, quote.lines.len()), (0, 0));
}
