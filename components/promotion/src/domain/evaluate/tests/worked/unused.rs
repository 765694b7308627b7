use chrono::{DateTime, Utc};
use serde_json::json;

use super::super::support::*;
use crate::domain::promotion::Promotion;
use crate::domain::quote::{Reason, Unused};
use crate::domain::rule::Kind;
use crate::domain::schedule::Recurrence;

fn coded(number: u128, code: &str) -> Promotion {
    percent(number, 1_000).with(|p| p.code = Some(code.into()))
}

#[test]
fn codes_are_read_in_any_case_and_named_as_they_were_typed() {
    let mut basket = basket(vec![line(11, 1, 1, 1_000)]);
    basket.codes = ["  summer ", "nobody", "SUMMER", "Old"]
        .map(String::from)
        .to_vec();
    let old = coded(2, "OLD").with(|p| p.enabled = false);
    let quote = price(&basket, &[old, coded(1, "SUMMER"), coded(3, "UNTYPED")]);
    assert_eq!(used(&quote), [1]);
    assert_eq!(quote.usages[0].code.as_deref(), Some("SUMMER"));
    let unused = |code: &str, promotion: Option<u128>, reason| Unused {
        code: Some(code.into()),
        promotion_id: promotion.map(id),
        reason,
    };
    assert_eq!(
        quote.unused,
        [
            unused("nobody", None, Reason::UnknownCode),
            unused("Old", Some(2), Reason::Disabled),
        ]
    );
}

/// A change, and why the promotion does nothing then.
type Case = (fn(&mut Promotion), Reason);

#[test]
fn whatever_keeps_a_promotion_from_applying_is_said() {
    fn time(text: &str) -> DateTime<Utc> {
        at(text)
    }
    let cases: [Case; 15] = [
        (|p| p.enabled = false, Reason::Disabled),
        (
            |p| p.terms.schedule.starts_at = time("2025-06-01T12:00:01Z"),
            Reason::NotStarted,
        ),
        (
            |p| p.terms.schedule.ends_at = Some(time("2025-06-01T12:00:00Z")),
            Reason::Ended,
        ),
        (
            |p| {
                p.terms.schedule.recurrence = Some(Recurrence {
                    cron: "0 13 * * *".into(),
                    zone: "UTC".into(),
                    duration_s: 3_600,
                });
            },
            Reason::NotNow,
        ),
        (|p| p.terms.currency = "VND".into(), Reason::OtherCurrency),
        (
            |p| {
                p.terms.limits.usage_limit = Some(3);
                p.used.uses = 3;
            },
            Reason::Exhausted,
        ),
        (
            |p| {
                p.terms.limits.budget = Some(500);
                p.used.amount = 500;
            },
            Reason::Exhausted,
        ),
        (
            // It would cost 100.
            |p| {
                p.terms.limits.budget = Some(500);
                p.used.amount = 401;
            },
            Reason::Exhausted,
        ),
        (
            |p| p.terms.limits.usage_limit_per_account = Some(2),
            Reason::UsedUp,
        ),
        (
            |p| p.terms.conditions.segments = vec!["staff".into()],
            Reason::Segment,
        ),
        (
            |p| p.terms.conditions.first_order_only = true,
            Reason::FirstOrderOnly,
        ),
        (
            |p| p.terms.scope.products = vec![id(9)],
            Reason::NotApplicable,
        ),
        (|p| p.owner_id = Some(id(2)), Reason::NotApplicable),
        (
            |p| p.terms.conditions.minimum_spend = Some(1_001),
            Reason::MinimumSpend,
        ),
        (
            |p| {
                p.terms.rule = promotion(1, Kind::BuyXGetY, json!({"buy": 1, "get": 1}))
                    .terms
                    .rule;
            },
            Reason::NotApplicable,
        ),
    ];
    let mut facts = facts();
    facts.segments.insert("students".into());
    facts.uses_by_account.insert(id(1), 2);
    let basket = basket(vec![line(11, 1, 1, 1_000)]);
    for (number, (change, reason)) in cases.into_iter().enumerate() {
        let quote = price_for(&basket, &[percent(1, 1_000).with(change)], &facts);
        assert_eq!(why_not(&quote, 1), Some(reason), "case {number}");
        assert_eq!((quote.discount, quote.usages.len()), (0, 0));
    }
}

#[test]
fn limits_that_are_just_met_are_no_hindrance() {
    let mut facts = facts();
    facts.first_order = true;
    facts.segments.insert("students".into());
    facts.uses_by_account.insert(id(1), 1);
    let change = |p: &mut Promotion| {
        p.terms.limits.budget = Some(500);
        p.used.amount = 400;
        p.terms.limits.usage_limit = Some(3);
        p.used.uses = 2;
        p.terms.limits.usage_limit_per_account = Some(2);
        p.terms.conditions.segments = vec!["staff".into(), "students".into()];
        p.terms.conditions.first_order_only = true;
        p.terms.conditions.minimum_spend = Some(1_000);
    };
    let basket = basket(vec![line(11, 1, 1, 1_000)]);
    let quote = price_for(&basket, &[percent(1, 1_000).with(change)], &facts);
    assert_eq!(quote.discount, 100);
}

#[test]
fn what_is_exhausted_leaves_its_place_to_the_next_best() {
    let rich = amount(1, 500)
        .with(in_group("a"))
        .with(|p| p.terms.limits.budget = Some(499));
    let poor = amount(2, 100).with(in_group("a"));
    let quote = price(&basket(vec![line(11, 1, 1, 1_000)]), &[rich, poor]);
    assert_eq!(used(&quote), [2]);
    assert_eq!(why_not(&quote, 1), Some(Reason::Exhausted));
}

#[test]
fn the_minimum_looks_at_list_prices_of_what_is_in_scope() {
    let basket = basket(vec![
        within("books", line(11, 1, 2, 500)),
        within("toys", line(21, 2, 1, 5_000)),
    ]);
    let books = |minimum: i64| {
        percent(2, 1_000).with(|p| {
            p.terms.scope.categories = vec!["books".into()];
            p.terms.conditions.minimum_spend = Some(minimum);
        })
    };
    // Half is off already, and still the list price counts.
    let quote = price(&basket, &[percent(1, 5_000), books(1_000)]);
    assert_eq!(used(&quote), [1, 2]);
    let quote = price(&basket, &[books(1_001)]);
    assert_eq!(why_not(&quote, 2), Some(Reason::MinimumSpend));
    // A seller's own goods.
    let sellers = percent(3, 1_000).with(|p| {
        p.owner_id = Some(id(1));
        p.terms.conditions.minimum_spend = Some(1_001);
    });
    let quote = price(&basket, &[sellers]);
    assert_eq!(why_not(&quote, 3), Some(Reason::MinimumSpend));
}
