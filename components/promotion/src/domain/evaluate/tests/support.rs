//! Baskets and promotions to test with. Ids are small numbers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::basket::{Basket, Facts, Line, Parcel};
use crate::domain::evaluate::evaluate;
use crate::domain::promotion::{Limits, Promotion, Terms, Used};
use crate::domain::quote::{Quote, Reason};
use crate::domain::rule::{Conditions, Kind, Rule, Scope};
use crate::domain::schedule::Schedule;

pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// Variant 12 is of product 1, which the seller sells.
pub fn line(variant: u128, seller: u128, quantity: u32, unit_price: i64) -> Line {
    Line {
        variant_id: id(variant),
        product_id: id(variant / 10),
        seller_id: id(seller),
        category_path: "home".into(),
        quantity,
        unit_price,
    }
}

pub fn within(category_path: &str, line: Line) -> Line {
    Line {
        category_path: category_path.into(),
        ..line
    }
}

pub fn parcel(seller: u128, shipping: i64) -> Parcel {
    Parcel {
        seller_id: id(seller),
        shipping,
    }
}

pub fn basket(lines: Vec<Line>) -> Basket {
    Basket {
        buyer_id: id(999),
        currency: "USD".into(),
        lines,
        parcels: Vec::new(),
        codes: Vec::new(),
    }
}

pub fn facts() -> Facts {
    Facts {
        now: at("2025-06-01T12:00:00Z"),
        first_order: false,
        segments: BTreeSet::new(),
        uses_by_account: BTreeMap::new(),
    }
}

/// Automatic, of the platform, on everything, in a group of its own.
pub fn promotion(number: u128, kind: Kind, rule: Value) -> Promotion {
    Promotion {
        id: id(number),
        version: 1,
        owner_id: None,
        title: format!("Promotion {number}"),
        enabled: true,
        code: None,
        terms: Terms {
            rule: Rule::read(kind, &rule).expect("a rule"),
            scope: Scope::default(),
            conditions: Conditions::default(),
            group_name: format!("g{number:05}"),
            group_position: 100,
            exclusive: false,
            priority: 0,
            currency: "USD".into(),
            schedule: Schedule {
                starts_at: at("2025-01-01T00:00:00Z"),
                ends_at: None,
                recurrence: None,
            },
            limits: Limits::default(),
        },
        used: Used::default(),
    }
}

/// So many hundredths of a percent off goods.
pub fn percent(number: u128, basis_points: u32) -> Promotion {
    promotion(
        number,
        Kind::ProductDiscount,
        json!({"off": {"basis_points": basis_points}}),
    )
}

pub fn amount(number: u128, amount: i64) -> Promotion {
    promotion(
        number,
        Kind::ProductDiscount,
        json!({"off": {"amount": amount}}),
    )
}

pub trait Change: Sized {
    fn with(self, change: impl FnOnce(&mut Self)) -> Self;
}

impl<T> Change for T {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

pub fn in_group(name: &str) -> impl Fn(&mut Promotion) {
    let name = name.to_owned();
    move |p| p.terms.group_name.clone_from(&name)
}

pub fn price(basket: &Basket, promotions: &[Promotion]) -> Quote {
    price_for(basket, promotions, &facts())
}

pub fn price_for(basket: &Basket, promotions: &[Promotion], facts: &Facts) -> Quote {
    evaluate(basket, promotions, facts).expect("a quote")
}

pub fn discounts(quote: &Quote) -> Vec<i64> {
    quote.lines.iter().map(|l| l.discount).collect()
}

/// The numbers of the promotions that are applied.
pub fn used(quote: &Quote) -> Vec<u128> {
    quote
        .usages
        .iter()
        .map(|u| u.promotion_id.as_u128())
        .collect()
}

/// Why an automatic promotion is not applied.
pub fn why_not(quote: &Quote, number: u128) -> Option<Reason> {
    let mut unused = quote.unused.iter();
    unused
        .find(|u| u.promotion_id == Some(id(number)))
        .map(|u| u.reason)
}
