use serde_json::json;

use super::super::support::*;
use crate::domain::basket::Basket;
use crate::domain::promotion::Promotion;
use crate::domain::quote::Reason;
use crate::domain::rule::Kind;

fn thousand() -> Basket {
    basket(vec![line(11, 1, 1, 1_000)])
}

#[test]
fn groups_stack_on_what_is_left_in_the_order_of_their_positions() {
    let at = |position: i32| move |p: &mut Promotion| p.terms.group_position = position;
    let tenth = percent(1, 1_000);
    let fixed = amount(2, 200);
    // 1000 − 100 − 200, or 1000 − 200 − 80.
    let quote = price(
        &thousand(),
        &[tenth.clone().with(at(1)), fixed.clone().with(at(2))],
    );
    assert_eq!((quote.discount, used(&quote)), (300, vec![1, 2]));
    let quote = price(
        &thousand(),
        &[tenth.clone().with(at(2)), fixed.clone().with(at(1))],
    );
    assert_eq!((quote.discount, used(&quote)), (280, vec![2, 1]));
    // At the same position by name.
    let quote = price(
        &thousand(),
        &[tenth.with(in_group("b")), fixed.with(in_group("a"))],
    );
    assert_eq!((quote.discount, used(&quote)), (280, vec![2, 1]));
    assert_eq!(
        quote.lines[0]
            .shares
            .iter()
            .map(|s| s.amount)
            .collect::<Vec<_>>(),
        [200, 80]
    );
}

#[test]
fn of_a_group_the_best_applies() {
    let quote = price(
        &thousand(),
        &[
            percent(1, 1_000).with(in_group("a")),
            amount(2, 101).with(in_group("a")),
            amount(3, 5).with(in_group("a")),
        ],
    );
    assert_eq!(used(&quote), [2]);
    assert_eq!(why_not(&quote, 1), Some(Reason::BetterAlternative));
    assert_eq!(why_not(&quote, 3), Some(Reason::BetterAlternative));
}

#[test]
fn of_equals_the_higher_priority_wins_then_the_lower_id() {
    let pair = |a: i32, b: i32| {
        [
            percent(1, 1_000)
                .with(in_group("a"))
                .with(|p| p.terms.priority = a),
            amount(2, 100)
                .with(in_group("a"))
                .with(|p| p.terms.priority = b),
        ]
    };
    assert_eq!(used(&price(&thousand(), &pair(0, 0))), [1]);
    assert_eq!(used(&price(&thousand(), &pair(0, 1))), [2]);
    assert_eq!(used(&price(&thousand(), &pair(-1, -2))), [1]);
}

#[test]
fn of_a_group_each_sellers_best_applies_or_the_platforms() {
    let of = |seller: u128| move |p: &mut Promotion| p.owner_id = Some(id(seller));
    let basket = basket(vec![line(11, 1, 1, 1_000), line(21, 2, 1, 1_000)]);
    let sellers = [
        percent(1, 1_000).with(in_group("a")).with(of(1)),
        percent(2, 500).with(in_group("a")).with(of(1)),
        percent(3, 2_000).with(in_group("a")).with(of(2)),
    ];
    let quote = price(&basket, &sellers);
    assert_eq!((used(&quote), quote.discount), (vec![1, 3], 300));
    assert_eq!(why_not(&quote, 2), Some(Reason::BetterAlternative));
    let with_platform = |points: u32| {
        let mut all = sellers.to_vec();
        all.push(percent(4, points).with(in_group("a")));
        used(&price(&basket, &all))
    };
    assert_eq!(with_platform(1_400), [1, 3]);
    assert_eq!(with_platform(1_600), [4]);
}

#[test]
fn what_is_exclusive_stands_alone_and_only_when_it_is_better() {
    let exclusive = |p: &mut Promotion| p.terms.exclusive = true;
    let stack = [percent(1, 1_000), amount(2, 100)];
    let with = |alone: Promotion| {
        let mut all = stack.to_vec();
        all.push(alone.with(exclusive));
        price(&thousand(), &all)
    };
    // The two take off 200 together.
    let quote = with(amount(3, 200));
    assert_eq!(used(&quote), [1, 2]);
    assert_eq!(why_not(&quote, 3), Some(Reason::BetterAlternative));
    let quote = with(amount(3, 201));
    assert_eq!((used(&quote), quote.discount), (vec![3], 201));
    assert_eq!(why_not(&quote, 1), Some(Reason::BetterAlternative));
    assert_eq!(why_not(&quote, 2), Some(Reason::BetterAlternative));
    // Money back counts as money off.
    let back = promotion(3, Kind::Cashback, json!({"give": {"amount": 300}}));
    assert_eq!(used(&with(back)), [3]);
}

#[test]
fn of_two_that_are_exclusive_the_better_one_applies() {
    let exclusive = |p: &mut Promotion| p.terms.exclusive = true;
    let quote = price(
        &thousand(),
        &[amount(1, 50).with(exclusive), amount(2, 60).with(exclusive)],
    );
    assert_eq!(used(&quote), [2]);
    assert_eq!(why_not(&quote, 1), Some(Reason::BetterAlternative));
}

#[test]
fn nothing_is_taken_off_what_is_free_already() {
    let quote = price(&thousand(), &[amount(1, 5_000), percent(2, 1_000)]);
    assert_eq!((used(&quote), quote.discount), (vec![1], 1_000));
    assert_eq!(why_not(&quote, 2), Some(Reason::BetterAlternative));
}

#[test]
fn a_unit_is_used_by_one_bundle_only() {
    let free = json!({"buy": 1, "get": 1});
    let set = json!({
        "items": [{"goods": {"variant_id": id(11)}, "quantity": 2}],
        "offer": {"basis_points": 5_000},
    });
    let both = [
        promotion(1, Kind::BuyXGetY, free),
        promotion(2, Kind::Bundle, set),
    ];
    let units = |n: u32| price(&basket(vec![line(11, 1, n, 100)]), &both);
    // The first uses all pairs up, which leaves one unit at most.
    let quote = units(5);
    assert_eq!((used(&quote), quote.discount), (vec![1], 200));
    assert_eq!(why_not(&quote, 2), Some(Reason::BetterAlternative));
    // With one repetition only, the other units go into a set.
    let mut both = both;
    both[0] = promotion(
        1,
        Kind::BuyXGetY,
        json!({"buy": 1, "get": 1, "max_repetitions": 1}),
    );
    let quote = price(&basket(vec![line(11, 1, 5, 100)]), &both);
    assert_eq!((used(&quote), quote.discount), (vec![1, 2], 200));
    let units: Vec<u32> = quote.lines[0].shares.iter().map(|s| s.units).collect();
    assert_eq!(units, [1, 2]);
}

#[test]
fn a_percentage_after_a_bundle_is_of_what_is_left() {
    let free = json!({"buy": 1, "get": 1});
    let quote = price(
        &basket(vec![line(11, 1, 3, 100)]),
        &[promotion(1, Kind::BuyXGetY, free), percent(2, 1_000)],
    );
    assert_eq!(quote.discount, 100 + 20);
}

#[test]
fn a_bundle_after_a_percentage_is_of_what_its_units_cost_by_then() {
    let free = json!({"buy": 1, "get": 1, "max_repetitions": 1});
    let quote = price(
        &basket(vec![line(11, 1, 3, 100)]),
        &[percent(1, 1_000), promotion(2, Kind::BuyXGetY, free)],
    );
    assert_eq!(quote.discount, 30 + 90);
}

#[test]
fn a_group_stands_where_the_first_of_its_promotions_does() {
    let at = |position: i32| move |p: &mut Promotion| p.terms.group_position = position;
    let promotions = [
        amount(1, 200).with(in_group("late")).with(at(50)),
        amount(2, 1).with(in_group("late")).with(at(10)),
        percent(3, 1_000).with(at(20)),
    ];
    let quote = price(&thousand(), &promotions);
    assert_eq!((used(&quote), quote.discount), (vec![1, 3], 280));
    // One that does not come into question has no say in it.
    let mut promotions = promotions;
    promotions[1].terms.conditions.first_order_only = true;
    let quote = price(&thousand(), &promotions);
    assert_eq!((used(&quote), quote.discount), (vec![3, 1], 300));
}

#[test]
fn what_is_off_a_line_is_off_its_used_and_unused_units_alike() {
    let once = json!({"buy": 1, "get": 1, "max_repetitions": 1});
    let free = |number| promotion(number, Kind::BuyXGetY, once.clone());
    // 100 are left of two units, 200 of the other two; half of each; then one of 50 is free.
    let quote = price(
        &basket(vec![line(11, 1, 4, 100)]),
        &[free(1), percent(2, 5_000), free(3)],
    );
    let shares: Vec<i64> = quote.lines[0].shares.iter().map(|s| s.amount).collect();
    assert_eq!(shares, [100, 150, 50]);
}

#[test]
fn a_promise_is_of_what_is_not_promised_yet() {
    let back = |number| {
        promotion(
            number,
            Kind::Cashback,
            json!({"give": {"basis_points": 6_000}}),
        )
    };
    let quote = price(&thousand(), &[back(1), back(2)]);
    let amounts: Vec<i64> = quote.cashbacks.iter().map(|c| c.amount).collect();
    assert_eq!(amounts, [600, 240]);
}

#[test]
fn of_one_promotion_the_newest_version_counts_once() {
    let old = percent(1, 1_000);
    let new = percent(1, 2_000).with(|p| p.version = 2);
    for promotions in [[old.clone(), new.clone()], [new, old]] {
        let quote = price(&thousand(), &promotions);
        assert_eq!((quote.discount, quote.usages.len()), (200, 1));
        assert_eq!((quote.usages[0].version, quote.unused.len()), (2, 0));
    }
}
