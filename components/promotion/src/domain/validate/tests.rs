use serde_json::{Value, json};

use super::*;
use crate::domain::promotion::Limits;
use crate::domain::rule::Kind;
use crate::domain::schedule::Schedule;

fn terms(kind: Kind, rule: &Value) -> Terms {
    Terms {
        rule: Rule::read(kind, rule).expect("a rule"),
        scope: Scope::default(),
        conditions: Conditions::default(),
        group_name: "default".into(),
        group_position: 100,
        exclusive: false,
        priority: 0,
        currency: "USD".into(),
        schedule: Schedule {
            starts_at: "2025-06-01T00:00:00Z".parse().expect("a time"),
            ends_at: None,
            recurrence: None,
        },
        limits: Limits::default(),
    }
}

fn tenth() -> Terms {
    terms(
        Kind::ProductDiscount,
        &json!({"off": {"basis_points": 1_000}}),
    )
}

fn wrong(terms: &Terms) -> Vec<(String, String)> {
    let errors = terms.validate().into_iter();
    errors.map(|e| (e.pointer, e.code)).collect()
}

fn pair(pointer: &str, code: &str) -> (String, String) {
    (pointer.into(), code.into())
}

#[test]
fn rules_are_within_their_ranges() {
    let item = |n: u128, quantity: u32| json!({"goods": {"variant_id": Uuid::from_u128(n)}, "quantity": quantity});
    let set = |items: Value| json!({"items": items, "offer": {"price": 0}});
    let out = "out_of_range";
    for (kind, rule, expected) in [
        (
            Kind::ProductDiscount,
            json!({"off": {"basis_points": 10_001}, "maximum": 0}),
            vec![
                pair("/rule/off/basis_points", out),
                pair("/rule/maximum", out),
            ],
        ),
        (
            Kind::ProductDiscount,
            json!({"off": {"per_unit": 0}}),
            vec![pair("/rule/off/per_unit", out)],
        ),
        (
            Kind::ProductDiscount,
            json!({"off": {"per_line": -1}}),
            vec![pair("/rule/off/per_line", out)],
        ),
        (
            Kind::ShippingDiscount,
            json!({"off": {"amount": MOST_AMOUNT + 1}}),
            vec![pair("/rule/off/amount", out)],
        ),
        (
            Kind::Cashback,
            json!({"give": {"basis_points": 0}}),
            vec![pair("/rule/give/basis_points", out)],
        ),
        (
            Kind::BuyXGetY,
            json!({"buy": 0, "get": 1_000, "basis_points": 0, "max_repetitions": 0}),
            vec![
                pair("/rule/buy", out),
                pair("/rule/get", out),
                pair("/rule/basis_points", out),
                pair("/rule/max_repetitions", out),
            ],
        ),
        (Kind::Bundle, set(json!([item(1, 2)])), vec![]),
        (
            Kind::Bundle,
            set(json!([item(1, 1)])),
            vec![pair("/rule/items", "too_short")],
        ),
        (
            Kind::Bundle,
            set(json!([item(1, 1), item(1, 1_000)])),
            vec![
                pair("/rule/items/1", "duplicate"),
                pair("/rule/items/1/quantity", out),
            ],
        ),
        (
            Kind::Bundle,
            set((0..21).map(|n| item(n, 1)).collect()),
            vec![pair("/rule/items", "too_long")],
        ),
    ] {
        assert_eq!(wrong(&terms(kind, &rule)), expected, "{rule}");
    }
}

#[test]
fn scope_and_conditions_are_short_lists_of_different_names() {
    let mut terms = tenth();
    assert_eq!(wrong(&terms), []);
    terms.scope.categories = vec!["a-b".into(), "A".into(), "a-b".into(), "a\0".into()];
    terms.scope.products = vec![Uuid::nil(); 2];
    terms.scope.variants = (0..101).map(Uuid::from_u128).collect();
    terms.conditions.minimum_spend = Some(0);
    terms.conditions.segments = vec!["Staff".into()];
    assert_eq!(
        wrong(&terms),
        [
            pair("/scope/categories/1", "invalid"),
            pair("/scope/categories/3", "invalid"),
            pair("/scope/categories/2", "duplicate"),
            pair("/scope/products/1", "duplicate"),
            pair("/scope/variants", "too_long"),
            pair("/conditions/minimum_spend", "out_of_range"),
            pair("/conditions/segments/0", "invalid"),
        ]
    );
}

#[test]
fn a_bundle_has_no_other_scope_than_its_items() {
    let rule = json!({
        "items": [{"goods": {"product_id": Uuid::nil()}, "quantity": 2}],
        "offer": {"basis_points": 1},
    });
    let mut terms = terms(Kind::Bundle, &rule);
    terms.scope.products = vec![Uuid::nil()];
    assert_eq!(wrong(&terms), [pair("/scope", "invalid")]);
}

#[test]
fn the_other_columns_are_checked_too() {
    let mut terms = tenth();
    terms.group_name = String::new();
    terms.group_position = 1_001;
    terms.priority = -1_001;
    terms.currency = "usd".into();
    terms.limits = Limits {
        budget: Some(0),
        usage_limit: Some(-1),
        usage_limit_per_account: Some(0),
    };
    terms.schedule.ends_at = Some(terms.schedule.starts_at);
    assert_eq!(
        wrong(&terms),
        [
            pair("/ends_at", "out_of_range"),
            pair("/group_name", "invalid"),
            pair("/group_position", "out_of_range"),
            pair("/priority", "out_of_range"),
            pair("/currency", "invalid"),
            pair("/budget", "out_of_range"),
            pair("/usage_limit", "out_of_range"),
            pair("/usage_limit_per_account", "out_of_range"),
        ]
    );
}

#[test]
fn codes_and_names_are_what_the_table_takes() {
    assert!(is_code("SUMMER_25-X") && is_code("ABC"));
    for bad in ["AB", "summer", "SUMMER 25", &"A".repeat(41), "ÄÄÄ"] {
        assert!(!is_code(bad), "{bad}");
    }
    assert!(is_name("a") && is_name("new_buyers-2"));
    for bad in ["", "A", "a b", &"a".repeat(41)] {
        assert!(!is_name(bad), "{bad}");
    }
}
