//! What the terms of a promotion may be.

use std::collections::BTreeSet;

use stoa_kit::error::FieldError;
use uuid::Uuid;

use super::promotion::Terms;
use super::rule::{Bundle, BundleOffer, BuyXGetY, Conditions, Off, Part, Rule, Scope, WHOLE};

/// Largest amount that a rule or condition may name, as the catalogue's prices.
pub const MOST_AMOUNT: i64 = 1_000_000_000_000;
/// Largest budget and count of uses.
pub const MOST_IN_ALL: i64 = 1_000_000_000_000_000;
/// Longest lists.
const MOST_IN_SCOPE: usize = 100;
const MOST_SEGMENTS: usize = 20;
const MOST_ITEMS: usize = 20;
/// As many as a line may have.
const MOST_UNITS: u32 = 999;

/// Whether a text is a code: 3 to 40 capital letters, digits, hyphens and underscores.
#[must_use]
pub fn is_code(text: &str) -> bool {
    (3..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

/// Whether a text names a group or a segment: 1 to 40 small letters, digits, hyphens and underscores.
#[must_use]
pub fn is_name(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

impl Terms {
    /// What is wrong with them, by field of a body that has the columns' names. Empty: nothing.
    #[must_use]
    pub fn validate(&self) -> Vec<FieldError> {
        let mut check = Check(self.schedule.validate());
        check.rule(&self.rule);
        check.scope(&self.scope, matches!(self.rule, Rule::Bundle(_)));
        check.conditions(&self.conditions);
        check.name("/group_name", &self.group_name);
        check.range("/group_position", i64::from(self.group_position), 0, 1_000);
        check.range("/priority", i64::from(self.priority), -1_000, 1_000);
        if !stoa_kit::money::is_currency(&self.currency) {
            check.wrong(
                "/currency",
                "invalid",
                "It is no currency code of ISO 4217, such as VND or USD.",
            );
        }
        let limits = &self.limits;
        check.optional("/budget", limits.budget, MOST_IN_ALL);
        check.optional("/usage_limit", limits.usage_limit, MOST_IN_ALL);
        check.optional(
            "/usage_limit_per_account",
            limits.usage_limit_per_account.map(i64::from),
            i64::from(i32::MAX),
        );
        check.0
    }
}

/// What was found so far.
struct Check(Vec<FieldError>);

impl Check {
    fn wrong(&mut self, pointer: &str, code: &str, detail: &str) {
        self.0.push(FieldError {
            pointer: pointer.into(),
            code: code.into(),
            detail: detail.into(),
        });
    }

    fn range(&mut self, pointer: &str, value: i64, least: i64, most: i64) {
        if !(least..=most).contains(&value) {
            self.wrong(
                pointer,
                "out_of_range",
                &format!("It is {least} to {most}."),
            );
        }
    }

    fn optional(&mut self, pointer: &str, value: Option<i64>, most: i64) {
        if let Some(value) = value {
            self.range(pointer, value, 1, most);
        }
    }

    fn amount(&mut self, pointer: &str, value: i64) {
        self.range(pointer, value, 1, MOST_AMOUNT);
    }

    fn points(&mut self, pointer: &str, value: u32) {
        self.range(pointer, i64::from(value), 1, i64::from(WHOLE));
    }

    fn units(&mut self, pointer: &str, value: u32) {
        self.range(pointer, i64::from(value), 1, i64::from(MOST_UNITS));
    }

    fn name(&mut self, pointer: &str, text: &str) {
        if !is_name(text) {
            self.wrong(
                pointer,
                "invalid",
                "It has 1 to 40 of a-z, 0-9, hyphen and underscore.",
            );
        }
    }

    fn at_most(&mut self, pointer: &str, length: usize, most: usize) {
        if length > most {
            self.wrong(pointer, "too_long", &format!("It has at most {most}."));
        }
    }

    fn once_each<T: Ord>(&mut self, pointer: &str, items: impl Iterator<Item = T>) {
        let mut seen = BTreeSet::new();
        for (position, item) in items.enumerate() {
            if !seen.insert(item) {
                self.wrong(
                    &format!("{pointer}/{position}"),
                    "duplicate",
                    "It stands in the list before.",
                );
            }
        }
    }

    fn rule(&mut self, rule: &Rule) {
        match rule {
            Rule::ProductDiscount(rule) => {
                match rule.off {
                    Off::BasisPoints(points) => self.points("/rule/off/basis_points", points),
                    Off::PerUnit(amount) => self.amount("/rule/off/per_unit", amount),
                    Off::PerLine(amount) => self.amount("/rule/off/per_line", amount),
                    Off::Amount(amount) => self.amount("/rule/off/amount", amount),
                }
                self.optional("/rule/maximum", rule.maximum, MOST_AMOUNT);
            }
            Rule::ShippingDiscount(rule) => {
                self.part("/rule/off", rule.off);
                self.optional("/rule/maximum", rule.maximum, MOST_AMOUNT);
            }
            Rule::Cashback(rule) => {
                self.part("/rule/give", rule.give);
                self.optional("/rule/maximum", rule.maximum, MOST_AMOUNT);
            }
            Rule::BuyXGetY(rule) => self.buy_x_get_y(rule),
            Rule::Bundle(rule) => self.bundle(rule),
        }
    }

    fn part(&mut self, pointer: &str, part: Part) {
        match part {
            Part::BasisPoints(points) => self.points(&format!("{pointer}/basis_points"), points),
            Part::Amount(amount) => self.amount(&format!("{pointer}/amount"), amount),
        }
    }

    fn buy_x_get_y(&mut self, rule: &BuyXGetY) {
        self.units("/rule/buy", rule.buy);
        self.units("/rule/get", rule.get);
        self.points("/rule/basis_points", rule.basis_points);
        if let Some(times) = rule.max_repetitions {
            self.units("/rule/max_repetitions", times);
        }
    }

    fn bundle(&mut self, rule: &Bundle) {
        let units = rule
            .items
            .iter()
            .fold(0_u32, |sum, item| sum.saturating_add(item.quantity));
        if units < 2 {
            self.wrong(
                "/rule/items",
                "too_short",
                "A set is made of two units at least.",
            );
        }
        self.at_most("/rule/items", rule.items.len(), MOST_ITEMS);
        self.once_each("/rule/items", rule.items.iter().map(|item| item.goods));
        for (position, item) in rule.items.iter().enumerate() {
            self.units(&format!("/rule/items/{position}/quantity"), item.quantity);
        }
        match rule.offer {
            BundleOffer::Price(price) => {
                self.range("/rule/offer/price", price, 0, MOST_AMOUNT);
            }
            BundleOffer::BasisPoints(points) => self.points("/rule/offer/basis_points", points),
        }
        if let Some(sets) = rule.max_repetitions {
            self.units("/rule/max_repetitions", sets);
        }
    }

    fn scope(&mut self, scope: &Scope, of_bundle: bool) {
        let empty =
            scope.categories.is_empty() && scope.products.is_empty() && scope.variants.is_empty();
        if of_bundle && !empty {
            self.wrong(
                "/scope",
                "invalid",
                "What a bundle is about are its items: leave the scope empty.",
            );
        }
        self.at_most("/scope/categories", scope.categories.len(), MOST_IN_SCOPE);
        for (position, slug) in scope.categories.iter().enumerate() {
            if !is_slug(slug) {
                self.wrong(
                    &format!("/scope/categories/{position}"),
                    "invalid",
                    "It is no slug of a category: 1 to 80 of a-z, 0-9 and single hyphens between them.",
                );
            }
        }
        self.once_each("/scope/categories", scope.categories.iter());
        let mut ids = |pointer: &str, ids: &[Uuid]| {
            self.at_most(pointer, ids.len(), MOST_IN_SCOPE);
            self.once_each(pointer, ids.iter());
        };
        ids("/scope/products", &scope.products);
        ids("/scope/variants", &scope.variants);
    }

    fn conditions(&mut self, conditions: &Conditions) {
        self.optional(
            "/conditions/minimum_spend",
            conditions.minimum_spend,
            MOST_AMOUNT,
        );
        let segments = &conditions.segments;
        self.at_most("/conditions/segments", segments.len(), MOST_SEGMENTS);
        for (position, segment) in segments.iter().enumerate() {
            self.name(&format!("/conditions/segments/{position}"), segment);
        }
        self.once_each("/conditions/segments", segments.iter());
    }
}

fn is_slug(text: &str) -> bool {
    text.len() <= 80
        && text.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests;
