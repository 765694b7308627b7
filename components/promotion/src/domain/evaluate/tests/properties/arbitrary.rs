//! Baskets and promotions of a small world, where things meet often.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::support::*;
use crate::domain::basket::{Basket, Line};
use crate::domain::promotion::Promotion;
use crate::domain::rule::{Kind, Scope};

const PATHS: [&str; 4] = ["a", "a/b", "a/b/c", "d"];

fn any_line(price: impl Strategy<Value = i64>) -> impl Strategy<Value = Line> {
    let quantity = prop_oneof![4 => 1..8_u32, 1 => 1..=999_u32];
    ((1..4_u128, 0..3_u128), quantity, price).prop_map(|((product, variant), quantity, price)| {
        let path = PATHS[usize::try_from(product).expect("small")];
        within(
            path,
            line(product * 10 + variant, product % 2 + 1, quantity, price),
        )
    })
}

fn of(lines: Vec<Line>, shipping: (i64, i64), codes: Vec<String>) -> Basket {
    let mut basket = basket(lines);
    basket.parcels = vec![parcel(1, shipping.0), parcel(2, shipping.1)];
    basket.codes = codes;
    basket
}

/// One line of a variant, as a cart has them, or several.
pub fn any_basket() -> impl Strategy<Value = Basket> {
    let price = prop_oneof![0..20_i64, 1..2_000_i64, 1..=1_000_000_000_000_i64];
    let lines = (prop::collection::vec(any_line(price), 0..7), any::<bool>()).prop_map(
        |(mut lines, distinct)| {
            if distinct {
                lines.sort_by_key(|l| l.variant_id);
                lines.dedup_by_key(|l| l.variant_id);
            }
            lines
        },
    );
    let codes = prop::collection::btree_set(prop::sample::select(vec!["one", "Two", "none"]), 0..4)
        .prop_map(|codes| codes.into_iter().map(String::from).collect());
    (lines, (0..500_i64, 0..500_i64), codes)
        .prop_map(|(lines, shipping, codes)| of(lines, shipping, codes))
}

pub fn huge_basket() -> impl Strategy<Value = Basket> {
    let price = prop_oneof![0..=i64::MAX, 0..=i64::MAX / 10_000];
    (
        prop::collection::vec(any_line(price), 0..4),
        (0..=i64::MAX / 3, 0..5_i64),
    )
        .prop_map(|(lines, shipping)| of(lines, shipping, Vec::new()))
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![1..30_i64, 1..3_000_i64, 1..=1_000_000_000_000_i64]
}

fn points() -> impl Strategy<Value = u32> {
    prop_oneof![1..=10_000_u32, Just(10_000_u32)]
}

fn maximum() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(amount())
}

fn times() -> impl Strategy<Value = Option<u32>> {
    prop::option::of(1..5_u32)
}

fn items() -> impl Strategy<Value = Vec<Value>> {
    let goods = prop_oneof![
        (1..4_u128, 0..3_u128).prop_map(|(p, v)| ("variant_id", id(p * 10 + v))),
        (1..4_u128).prop_map(|p| ("product_id", id(p))),
    ];
    prop::collection::btree_map(goods, 1..4_u32, 1..4).prop_map(|items| {
        items
            .into_iter()
            .map(|((kind, id), quantity)| json!({"goods": {kind: id}, "quantity": quantity}))
            .collect()
    })
}

fn any_rule() -> impl Strategy<Value = (Kind, Value)> {
    let off = prop_oneof![
        points().prop_map(|p| json!({"basis_points": p})),
        amount().prop_map(|a| json!({"per_unit": a})),
        amount().prop_map(|a| json!({"per_line": a})),
        amount().prop_map(|a| json!({"amount": a})),
    ];
    let part = || {
        prop_oneof![
            points().prop_map(|p| json!({"basis_points": p})),
            amount().prop_map(|a| json!({"amount": a})),
        ]
    };
    let offer = prop_oneof![
        points().prop_map(|p| json!({"basis_points": p})),
        amount().prop_map(|a| json!({"price": a})),
    ];
    prop_oneof![
        3 => (off, maximum()).prop_map(|(off, maximum)| {
            (Kind::ProductDiscount, json!({"off": off, "maximum": maximum}))
        }),
        1 => (part(), maximum()).prop_map(|(off, maximum)| {
            (Kind::ShippingDiscount, json!({"off": off, "maximum": maximum}))
        }),
        2 => (part(), maximum()).prop_map(|(give, maximum)| {
            (Kind::Cashback, json!({"give": give, "maximum": maximum}))
        }),
        2 => (1..4_u32, 1..4_u32, points(), times()).prop_map(|(buy, get, points, times)| {
            let rule = json!({
                "buy": buy, "get": get, "basis_points": points, "max_repetitions": times,
            });
            (Kind::BuyXGetY, rule)
        }),
        2 => (items(), offer, times()).prop_map(|(items, offer, times)| {
            let rule = json!({"items": items, "offer": offer, "max_repetitions": times});
            (Kind::Bundle, rule)
        }),
    ]
}

fn any_scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        3 => Just(Scope::default()),
        1 => prop::sample::select(vec!["a", "b", "c", "d", "e"]).prop_map(|slug| Scope {
            categories: vec![slug.into()],
            ..Scope::default()
        }),
        1 => (1..4_u128, 10..40_u128).prop_map(|(product, variant)| Scope {
            products: vec![id(product)],
            variants: vec![id(variant)],
            ..Scope::default()
        }),
    ]
}

fn any_promotion() -> impl Strategy<Value = Promotion> {
    let owner = prop::option::of((1..4_u128).prop_map(id));
    let group = prop::sample::select(vec!["a", "b", "c", "d"]);
    let code = prop::sample::select(vec![None, None, Some("ONE"), Some("TWO"), Some("THREE")]);
    let few = |n: u32| prop::bool::weighted(1.0 / f64::from(n));
    let limits = (
        prop::option::weighted(0.2, amount()),
        prop::option::weighted(0.2, amount()),
    );
    (
        any_rule(),
        any_scope(),
        owner,
        (group, 0..3_i32, -1..2_i32),
        code,
        (few(8), few(6)),
        limits,
    )
        .prop_map(
            |((kind, rule), scope, owner, (group, position, priority), code, flags, limits)| {
                promotion(0, kind, rule).with(|p| {
                    p.owner_id = owner;
                    p.code = code.map(String::from);
                    p.enabled = !flags.0;
                    p.terms.scope = scope;
                    p.terms.group_name = group.into();
                    p.terms.group_position = position;
                    p.terms.priority = priority;
                    p.terms.exclusive = flags.1;
                    p.terms.conditions.minimum_spend = limits.0;
                    p.terms.limits.budget = limits.1;
                })
            },
        )
}

/// With ids of their own, and codes that stand once.
pub fn any_promotions(most: usize) -> impl Strategy<Value = Vec<Promotion>> {
    prop::collection::vec(any_promotion(), 0..=most).prop_map(|mut promotions| {
        let mut codes: Vec<String> = Vec::new();
        for (n, promotion) in promotions.iter_mut().enumerate() {
            promotion.id = Uuid::from_u128(1_000 + u128::try_from(n).expect("small"));
            match promotion.code.take() {
                Some(code) if !codes.contains(&code) => {
                    codes.push(code.clone());
                    promotion.code = Some(code);
                }
                _ => {}
            }
        }
        promotions
    })
}

pub fn any_fixed_price_bundle() -> impl Strategy<Value = Promotion> {
    (items(), prop_oneof![1..60_i64, 1..5_000_i64], times()).prop_map(|(items, price, times)| {
        let rule = json!({
            "items": items, "offer": {"price": price}, "max_repetitions": times,
        });
        promotion(1, Kind::Bundle, rule)
    })
}
