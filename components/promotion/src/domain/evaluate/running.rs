//! What is left of the prices while promotions are applied, and what one of them does to it.

use super::Goods;
use super::shares::portion;

/// Prices on the way. Lines and parcels in the order of [`Goods`].
#[derive(Debug, Clone)]
pub struct Running {
    pub lines: Vec<Pool>,
    pub parcels: Vec<i64>,
}

/// What is left of a line. Units that a bundle has used are apart from those that one may still use.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pool {
    pub fresh_units: u32,
    pub fresh: i64,
    used: i64,
    /// Of both, what has been promised back.
    promised: i64,
}

impl Pool {
    /// What the line costs now.
    pub const fn left(&self) -> i64 {
        self.fresh.saturating_add(self.used)
    }

    /// What of it is not promised back.
    pub fn unpromised(&self) -> i64 {
        self.left().saturating_sub(self.promised).max(0)
    }

    /// What some of the fresh units cost together.
    pub fn cost(&self, units: u32) -> i64 {
        portion(self.fresh, i64::from(units), i64::from(self.fresh_units))
    }
}

/// What one promotion does.
#[derive(Debug, Clone, Default)]
pub struct Effect {
    /// What it takes off.
    pub lines: Vec<LineEffect>,
    pub parcels: Vec<Share>,
    /// What it promises back.
    pub cashback: Vec<Share>,
}

/// Off a line. Lines are told by their positions in [`Goods`].
#[derive(Debug, Clone, Copy)]
pub struct LineEffect {
    pub line: usize,
    pub amount: i64,
    /// Units that it is about.
    pub units: u32,
    /// Fresh units that are used up by it; it is these then from whose cost the amount is taken.
    pub used: u32,
}

/// An amount off a parcel, or promised back of a line, by its position.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    pub of: usize,
    pub amount: i64,
}

impl Effect {
    /// What it gives in all.
    pub fn amount(&self) -> i64 {
        let lines = self.lines.iter().map(|l| l.amount);
        let others = self.parcels.iter().chain(&self.cashback).map(|p| p.amount);
        lines.chain(others).fold(0, i64::saturating_add)
    }
}

impl Running {
    pub fn new(goods: &Goods) -> Self {
        Self {
            lines: goods
                .lines
                .iter()
                .map(|line| Pool {
                    fresh_units: line.of.quantity,
                    fresh: line.total,
                    ..Pool::default()
                })
                .collect(),
            parcels: goods.parcels.iter().map(|p| p.total).collect(),
        }
    }

    /// Lowers the prices.
    pub fn apply(&mut self, effect: &Effect) {
        for share in &effect.lines {
            let Some(pool) = self.lines.get_mut(share.line) else {
                continue;
            };
            if share.used == 0 {
                let fresh = portion(share.amount, pool.fresh, pool.left()).min(pool.fresh);
                pool.fresh = pool.fresh.saturating_sub(fresh);
                pool.used = pool.used.saturating_sub(share.amount.saturating_sub(fresh));
            } else {
                let cost = pool.cost(share.used);
                pool.fresh_units = pool.fresh_units.saturating_sub(share.used);
                pool.fresh = pool.fresh.saturating_sub(cost);
                pool.used = pool.used.saturating_add(cost.saturating_sub(share.amount));
            }
        }
        for share in &effect.parcels {
            if let Some(parcel) = self.parcels.get_mut(share.of) {
                *parcel = parcel.saturating_sub(share.amount);
            }
        }
        for share in &effect.cashback {
            if let Some(pool) = self.lines.get_mut(share.of) {
                pool.promised = pool.promised.saturating_add(share.amount);
            }
        }
    }

    /// Takes all promises back, to make them anew of what is left in the end.
    pub fn forget_promises(&mut self) {
        for pool in &mut self.lines {
            pool.promised = 0;
        }
    }
}
