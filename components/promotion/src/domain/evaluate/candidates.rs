//! Which promotions come into question, on what, and why the others do not.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Goods;
use crate::domain::basket::{Facts, Line};
use crate::domain::promotion::Promotion;
use crate::domain::quote::Reason;
use crate::domain::rule::{self, Rule, Scope};
use crate::domain::schedule::State;

/// A promotion that comes into question. Lines and parcels are positions in [`Goods`].
pub struct Candidate<'a> {
    pub promotion: &'a Promotion,
    /// The lines in its scope.
    pub lines: Vec<usize>,
    pub parcels: Vec<usize>,
    /// What its budget has left; without end if absent.
    pub budget_left: Option<i64>,
}

/// Codes as they were typed, by how promotions spell them, with their position among them.
pub type Codes<'a> = BTreeMap<String, (usize, &'a str)>;

/// A promotion that does not come into question.
pub struct Refused<'a> {
    pub promotion: &'a Promotion,
    pub reason: Reason,
}

/// Of two spellings of a code the first counts.
pub fn typed_codes(codes: &[String]) -> Codes<'_> {
    let mut typed = Codes::new();
    for (position, code) in codes.iter().enumerate() {
        typed
            .entry(spelled(code))
            .or_insert((position, code.as_str()));
    }
    typed
}

/// A code as promotions spell it.
#[must_use]
pub fn spelled(code: &str) -> String {
    code.trim().to_uppercase()
}

/// Divides promotions into those that come into question and those that do not.
pub fn sift<'a>(
    promotions: &[&'a Promotion],
    goods: &Goods,
    currency: &str,
    codes: &Codes,
    facts: &Facts,
) -> (Vec<Candidate<'a>>, Vec<Refused<'a>>) {
    let mut candidates = Vec::new();
    let mut refused = Vec::new();
    for promotion in promotions.iter().copied() {
        let typed = |code: &String| codes.contains_key(&spelled(code));
        if !promotion.code.as_ref().is_none_or(typed) {
            continue;
        }
        match consider(promotion, goods, currency, facts) {
            Ok(candidate) => candidates.push(candidate),
            Err(reason) => refused.push(Refused { promotion, reason }),
        }
    }
    (candidates, refused)
}

fn consider<'a>(
    promotion: &'a Promotion,
    goods: &Goods,
    currency: &str,
    facts: &Facts,
) -> Result<Candidate<'a>, Reason> {
    if let Some(reason) = closed(promotion, currency, facts) {
        return Err(reason);
    }
    let terms = &promotion.terms;
    let owns = |seller: Uuid| promotion.owner_id.is_none_or(|owner| owner == seller);
    let lines: Vec<usize> = goods
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| owns(line.of.seller_id) && in_scope(promotion, line.of))
        .map(|(position, _)| position)
        .collect();
    let listed = |position: &usize| goods.lines.get(*position);
    let parcels: Vec<usize> = if matches!(terms.rule, Rule::ShippingDiscount(_)) {
        let everything = is_everything(&terms.scope);
        let sends = |seller: Uuid| {
            let mut lines = lines.iter().filter_map(listed);
            lines.any(|line| line.of.seller_id == seller)
        };
        goods
            .parcels
            .iter()
            .enumerate()
            .filter(|(_, parcel)| {
                owns(parcel.of.seller_id) && (everything || sends(parcel.of.seller_id))
            })
            .map(|(position, _)| position)
            .collect()
    } else {
        Vec::new()
    };
    let about_nothing = match terms.rule {
        Rule::ShippingDiscount(_) => parcels.is_empty(),
        _ => lines.is_empty(),
    };
    if about_nothing {
        return Err(Reason::NotApplicable);
    }
    let spent = lines
        .iter()
        .filter_map(listed)
        .fold(0_i64, |sum, line| sum.saturating_add(line.total));
    if terms.conditions.minimum_spend.is_some_and(|m| spent < m) {
        return Err(Reason::MinimumSpend);
    }
    Ok(Candidate {
        promotion,
        lines,
        parcels,
        budget_left: budget_left(promotion),
    })
}

/// Why it is closed to this account at this moment, whatever is in the basket.
fn closed(promotion: &Promotion, currency: &str, facts: &Facts) -> Option<Reason> {
    let terms = &promotion.terms;
    if !promotion.enabled {
        return Some(Reason::Disabled);
    }
    match terms.schedule.state(facts.now) {
        State::On => {}
        State::NotStarted => return Some(Reason::NotStarted),
        State::Ended => return Some(Reason::Ended),
        State::NotNow => return Some(Reason::NotNow),
    }
    if terms.currency != currency {
        return Some(Reason::OtherCurrency);
    }
    let limits = &terms.limits;
    let spent = budget_left(promotion).is_some_and(|left| left <= 0);
    if spent || limits.usage_limit.is_some_and(|l| promotion.used.uses >= l) {
        return Some(Reason::Exhausted);
    }
    let mine = facts.uses_by_account.get(&promotion.id).copied();
    if limits
        .usage_limit_per_account
        .is_some_and(|l| mine.unwrap_or(0) >= i64::from(l))
    {
        return Some(Reason::UsedUp);
    }
    let conditions = &terms.conditions;
    let segments = &conditions.segments;
    if !segments.is_empty() && !segments.iter().any(|s| facts.segments.contains(s)) {
        return Some(Reason::Segment);
    }
    (conditions.first_order_only && !facts.first_order).then_some(Reason::FirstOrderOnly)
}

fn budget_left(promotion: &Promotion) -> Option<i64> {
    let budget = promotion.terms.limits.budget?;
    Some(budget.saturating_sub(promotion.used.amount))
}

const fn is_everything(scope: &Scope) -> bool {
    scope.categories.is_empty() && scope.products.is_empty() && scope.variants.is_empty()
}

/// A bundle's scope is what it is made of.
fn in_scope(promotion: &Promotion, line: &Line) -> bool {
    let scope = &promotion.terms.scope;
    let named = is_everything(scope)
        || scope.variants.contains(&line.variant_id)
        || scope.products.contains(&line.product_id)
        || line
            .category_path
            .split('/')
            .any(|slug| scope.categories.iter().any(|category| category == slug));
    named
        && match &promotion.terms.rule {
            Rule::Bundle(bundle) => bundle.items.iter().any(|item| is_of(line, item.goods)),
            _ => true,
        }
}

/// Whether a line's units are what a bundle asks for.
pub fn is_of(line: &Line, goods: rule::Goods) -> bool {
    match goods {
        rule::Goods::VariantId(variant) => line.variant_id == variant,
        rule::Goods::ProductId(product) => line.product_id == product,
    }
}
