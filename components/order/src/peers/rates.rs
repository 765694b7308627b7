//! What money of other currencies is worth.

use std::collections::BTreeSet;

use stoa_kit::{exchange, local};
use uuid::Uuid;

use super::PeerError;
use super::bindings::stoa::payment::rates;
use crate::domain::listed::Rates;

/// What one unit of each of these currencies is worth, frozen for a checkout; or those of which nobody
/// knows it. May be repeated, and answers the same then.
pub async fn freeze(
    checkout: Uuid,
    buyer: Uuid,
    currency: &str,
    foreign: BTreeSet<String>,
) -> Result<Result<Rates, BTreeSet<String>>, PeerError> {
    let frozen = rates::freeze(
        buyer.to_string(),
        checkout.to_string(),
        currency.to_owned(),
        foreign.into_iter().collect(),
    );
    match local(frozen).await {
        Ok(snapshot) => Ok(Ok(Rates {
            snapshot: Some(super::id(&snapshot.id)?),
            ..read(snapshot.rates)?
        })),
        Err(refusal) => missing(refusal).map(Err),
    }
}

/// The same, of this moment, and kept nowhere.
#[cfg(feature = "http")]
pub async fn look(
    currency: &str,
    foreign: BTreeSet<String>,
) -> Result<Result<Rates, BTreeSet<String>>, PeerError> {
    let found = rates::look(currency.to_owned(), foreign.into_iter().collect());
    match local(found).await {
        Ok(rates) => Ok(Ok(read(rates)?)),
        Err(refusal) => missing(refusal).map(Err),
    }
}

fn read(rates: Vec<rates::Rate>) -> Result<Rates, PeerError> {
    if let Some(wrong) = rates.iter().find(|it| exchange::rate(&it.rate).is_none()) {
        return Err(PeerError::Broken(format!("the rate {:?}", wrong.rate)));
    }
    Ok(Rates {
        snapshot: None,
        rates: rates.into_iter().map(|it| (it.base, it.rate)).collect(),
    })
}

fn missing(refusal: rates::Refusal) -> Result<BTreeSet<String>, PeerError> {
    match refusal {
        rates::Refusal::Missing(bases) => Ok(bases.into_iter().collect()),
        rates::Refusal::Fault(fault) => Err(fault.into()),
    }
}
