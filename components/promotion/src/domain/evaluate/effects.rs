//! What a promotion would do to the prices as they are.

use super::bundles;
use super::candidates::Candidate;
use super::running::{Effect, LineEffect, Pool, Running, Share};
use super::shares::{at_most, percent, split};
use super::{Goods, Listed};
use crate::domain::basket::Line;
use crate::domain::rule::{Off, Part, Rule};

/// A line in a promotion's scope.
pub struct InScope<'a> {
    pub position: usize,
    pub line: &'a Line,
    pub pool: Pool,
}

/// Empty when it gives nothing.
pub fn effect(candidate: &Candidate, goods: &Goods, running: &Running) -> Effect {
    let lines: Vec<InScope> = candidate
        .lines
        .iter()
        .filter_map(|position| {
            let Listed { of: line, .. } = goods.lines.get(*position)?;
            Some(InScope {
                position: *position,
                line,
                pool: *running.lines.get(*position)?,
            })
        })
        .collect();
    match &candidate.promotion.terms.rule {
        Rule::ProductDiscount(rule) => Effect {
            lines: off_lines(&lines, at_most(off(rule.off, &lines), rule.maximum)),
            ..Effect::default()
        },
        Rule::ShippingDiscount(rule) => {
            let left: Vec<i64> = candidate
                .parcels
                .iter()
                .map(|p| running.parcels.get(*p).copied().unwrap_or(0))
                .collect();
            let parts = at_most(part(rule.off, &left), rule.maximum);
            Effect {
                parcels: amounts(candidate.parcels.iter().copied(), parts),
                ..Effect::default()
            }
        }
        Rule::Cashback(rule) => {
            let left: Vec<i64> = lines.iter().map(|l| l.pool.unpromised()).collect();
            let parts = at_most(part(rule.give, &left), rule.maximum);
            Effect {
                cashback: amounts(lines.iter().map(|l| l.position), parts),
                ..Effect::default()
            }
        }
        Rule::BuyXGetY(rule) => Effect {
            lines: bundles::buy_x_get_y(rule, &lines),
            ..Effect::default()
        },
        Rule::Bundle(rule) => Effect {
            lines: bundles::bundle(rule, &lines),
            ..Effect::default()
        },
    }
}

fn off(off: Off, lines: &[InScope]) -> Vec<i64> {
    let each = |amount: &dyn Fn(&InScope) -> i64| -> Vec<i64> {
        lines
            .iter()
            .map(|l| amount(l).clamp(0, l.pool.left()))
            .collect()
    };
    match off {
        Off::BasisPoints(points) => each(&|l| percent(l.pool.left(), points)),
        Off::PerUnit(amount) => each(&|l| amount.saturating_mul(i64::from(l.line.quantity))),
        Off::PerLine(amount) => each(&|_| amount),
        Off::Amount(amount) => split(amount, &each(&|l| l.pool.left())),
    }
}

fn part(part: Part, left: &[i64]) -> Vec<i64> {
    match part {
        Part::BasisPoints(points) => left.iter().map(|l| percent(*l, points)).collect(),
        Part::Amount(amount) => split(amount, left),
    }
}

fn off_lines(lines: &[InScope], amounts: Vec<i64>) -> Vec<LineEffect> {
    lines
        .iter()
        .zip(amounts)
        .filter(|(_, amount)| *amount > 0)
        .map(|(l, amount)| LineEffect {
            line: l.position,
            amount,
            units: l.line.quantity,
            used: 0,
        })
        .collect()
}

fn amounts(positions: impl Iterator<Item = usize>, amounts: Vec<i64>) -> Vec<Share> {
    positions
        .zip(amounts)
        .filter(|(_, amount)| *amount > 0)
        .map(|(of, amount)| Share { of, amount })
        .collect()
}
