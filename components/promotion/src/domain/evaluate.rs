//! Prices a basket: a pure function of the basket, the promotions and the facts.
//!
//! 1. What comes into question is found out, and of the rest why it does not ([`candidates`]).
//! 2. Group after group the best for the buyer is applied to what is left of the prices
//!    ([`groups`]); groups that stand alone are held against the sum of it.
//! 3. The winners are written down, line by line ([`explain`]).
//!
//! The best is what gives most, taken off and promised back together. All of it goes by an order of
//! its own, so that the order of lines and promotions makes no difference. Sums of the basket fit 64
//! bits, and no step makes an amount larger than that.

mod bundles;
mod candidates;
mod effects;
mod explain;
mod groups;
mod running;
mod shares;
#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers of the tests are small, and a panic there is a failed test"
)]
mod tests;

use super::basket::{Basket, Facts, Line, Parcel};
use super::promotion::Promotion;
use super::quote::Quote;
use running::Running;

/// Units of one line.
const QUANTITIES: std::ops::RangeInclusive<u32> = 1..=999;

/// Why a basket cannot be priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unpriceable {
    /// An amount or a sum does not fit 64 bits.
    #[error("the amounts are too large")]
    TooMuch,
    /// A price or shipping below zero, or a quantity that is not 1 to 999.
    #[error("a price is below zero, or a quantity is not 1 to 999")]
    Nonsense,
}

/// What the basket costs. `promotions` are all automatic ones and those whose codes were typed;
/// others with a code are passed over.
///
/// # Errors
/// Amounts that do not fit, or that are none.
pub fn evaluate(
    basket: &Basket,
    promotions: &[Promotion],
    facts: &Facts,
) -> Result<Quote, Unpriceable> {
    let goods = Goods::of(basket)?;
    let mut sorted: Vec<&Promotion> = promotions.iter().collect();
    sorted.sort_by_key(|p| (p.id, std::cmp::Reverse(p.version)));
    sorted.dedup_by_key(|p| p.id);

    let codes = candidates::typed_codes(&basket.codes);
    let (candidates, refused) = candidates::sift(&sorted, &goods, &basket.currency, &codes, facts);
    let outcome = groups::choose(&candidates, &goods, &Running::new(&goods));
    Ok(explain::quote(
        basket,
        &goods,
        &candidates,
        &outcome,
        &refused,
        &codes,
    ))
}

/// Lines and parcels in an order of their own.
struct Goods<'a> {
    lines: Vec<Listed<&'a Line>>,
    parcels: Vec<Listed<&'a Parcel>>,
}

/// With what it costs before promotions, and its position in the basket.
struct Listed<T> {
    of: T,
    total: i64,
    position: usize,
}

impl<'a> Goods<'a> {
    fn of(basket: &'a Basket) -> Result<Self, Unpriceable> {
        let mut lines = Vec::with_capacity(basket.lines.len());
        for (position, of) in basket.lines.iter().enumerate() {
            if of.unit_price < 0 || !QUANTITIES.contains(&of.quantity) {
                return Err(Unpriceable::Nonsense);
            }
            let total =
                stoa_kit::money::times(of.unit_price, of.quantity).ok_or(Unpriceable::TooMuch)?;
            lines.push(Listed {
                of,
                total,
                position,
            });
        }
        let mut parcels = Vec::with_capacity(basket.parcels.len());
        for (position, of) in basket.parcels.iter().enumerate() {
            if of.shipping < 0 {
                return Err(Unpriceable::Nonsense);
            }
            parcels.push(Listed {
                of,
                total: of.shipping,
                position,
            });
        }
        let all = lines.iter().map(|l| l.total);
        stoa_kit::money::sum(all.chain(parcels.iter().map(|p| p.total)))
            .ok_or(Unpriceable::TooMuch)?;
        lines.sort_by_key(|l| l.of);
        parcels.sort_by_key(|p| p.of);
        Ok(Self { lines, parcels })
    }
}
