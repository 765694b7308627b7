//! Pricing a basket: what the store knows about it, and the rules over that.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::DateTime;
use stoa_kit::money::is_currency;
use stoa_kit::pg::DbError;

use crate::domain::basket::{Basket, Facts};
use crate::domain::evaluate::{Unpriceable, evaluate};
use crate::domain::quote::Quote;
use crate::store::loading::{self, Loaded};

/// Most lines of a basket, and most parcels.
pub const MOST_LINES: usize = 500;
/// Most codes of a basket.
pub const MOST_CODES: usize = 10;
/// How old the knowledge may be that there are no automatic promotions.
const MEMORY: Duration = Duration::from_secs(2);

thread_local! {
    /// When the store said last that there are no automatic promotions at all: as of the moment at
    /// which it was asked.
    static NONE_AUTOMATIC: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Why there is no price.
#[derive(Debug, thiserror::Error)]
pub enum Unpriced {
    /// The basket is at fault.
    #[error("{0}")]
    Invalid(String),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] DbError),
}

impl From<Unpriceable> for Unpriced {
    fn from(error: Unpriceable) -> Self {
        Self::Invalid(error.to_string())
    }
}

/// What a basket costs. Asks the store nothing when no code can be one and, as of two seconds ago at
/// most, no promotion applies by itself.
///
/// # Errors
/// [`Unpriced`]
pub async fn quote(basket: &Basket) -> Result<Quote, Unpriced> {
    check(basket)?;
    let codes = loading::codes(&basket.codes);
    if codes.is_empty() && none_automatic() {
        return without_promotions(basket);
    }
    price(basket, &codes).await
}

/// The same by what the store says now.
///
/// # Errors
/// [`Unpriced`]
pub async fn fresh_quote(basket: &Basket) -> Result<Quote, Unpriced> {
    check(basket)?;
    price(basket, &loading::codes(&basket.codes)).await
}

async fn price(basket: &Basket, codes: &BTreeSet<String>) -> Result<Quote, Unpriced> {
    let asked_at = Instant::now();
    let Loaded {
        promotions,
        facts,
        automatic,
    } = loading::load(basket, codes).await?;
    NONE_AUTOMATIC.set((!automatic).then_some(asked_at));
    Ok(evaluate(basket, &promotions, &facts)?)
}

fn none_automatic() -> bool {
    NONE_AUTOMATIC
        .get()
        .is_some_and(|asked_at| asked_at.elapsed() < MEMORY)
}

/// No fact matters then.
fn without_promotions(basket: &Basket) -> Result<Quote, Unpriced> {
    let facts = Facts {
        now: DateTime::UNIX_EPOCH,
        first_order: false,
        segments: BTreeSet::new(),
        uses_by_account: std::collections::BTreeMap::new(),
    };
    Ok(evaluate(basket, &[], &facts)?)
}

fn check(basket: &Basket) -> Result<(), Unpriced> {
    let invalid = |text: String| Err(Unpriced::Invalid(text));
    if !is_currency(&basket.currency) {
        return invalid(format!("{:?} is not a currency", basket.currency));
    }
    if basket.lines.len() > MOST_LINES || basket.parcels.len() > MOST_LINES {
        return invalid(format!("more than {MOST_LINES} lines or parcels"));
    }
    if basket.codes.len() > MOST_CODES {
        return invalid(format!("more than {MOST_CODES} codes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn basket(currency: &str, codes: usize) -> Basket {
        Basket {
            buyer_id: Uuid::nil(),
            currency: currency.into(),
            lines: Vec::new(),
            parcels: Vec::new(),
            codes: vec!["TEN".into(); codes],
        }
    }

    #[test]
    fn baskets_that_make_no_sense_are_not_asked_about() {
        assert!(check(&basket("VND", MOST_CODES)).is_ok());
        assert!(check(&basket("vnd", 0)).is_err());
        assert!(check(&basket("VND", MOST_CODES + 1)).is_err());
    }

    #[test]
    fn what_is_known_to_be_absent_is_known_for_two_seconds() {
        assert!(!none_automatic());
        NONE_AUTOMATIC.set(Some(Instant::now()));
        assert!(none_automatic());
        NONE_AUTOMATIC.set(Instant::now().checked_sub(MEMORY));
        assert!(!none_automatic());
    }
}
