//! What a checkout comes to, before anything is held for it: three calls that change nothing, and one more,
//! which freezes exchange rates, where something has to be converted.

use futures::future;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_kit::Error;
use uuid::Uuid;

use super::refusals;
use crate::domain::checkout::{Asked, Offer, Refusal, Wanted, list};
use crate::domain::listed::Rates;
use crate::domain::order_id::order_id;
use crate::domain::plan::Plan;
use crate::peers::{self, Contact, PeerError};

/// What is to be decided on.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    pub checkout: Uuid,
    pub buyer: Uuid,
    pub lines: &'a [Wanted],
    pub asked: Asked,
    /// In which to pay; `None`: in the lines' own.
    pub currency: Option<&'a str>,
    /// An entry of the buyer's address book to deliver to.
    pub contact: Option<Uuid>,
    pub codes: &'a [String],
    pub ignore_unusable_codes: bool,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Go {
        plan: Plan,
        /// The entry of the address book, as it is now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact: Option<Value>,
    },
    No {
        /// As [`refusals`] keep it.
        refusal: Value,
        /// Orders that an earlier try may have reserved goods for.
        orders: Vec<Uuid>,
    },
}

/// What the peers say of the lines and of the destination.
#[derive(Debug)]
pub struct Found {
    offers: Vec<Offer>,
    contact: Option<Contact>,
}

/// Asks the catalogue, and beside it the address book.
pub async fn find(
    buyer: Uuid,
    lines: &[Wanted],
    contact: Option<Uuid>,
) -> Result<Found, PeerError> {
    let variants: Vec<Uuid> = lines.iter().map(|line| line.variant).collect();
    let (offers, contact) = future::join(peers::offers(&variants), async {
        match contact {
            None => Ok(None),
            Some(contact) => peers::contact(buyer, contact).await,
        }
    })
    .await;
    Ok(Found {
        offers: offers?,
        contact: contact?,
    })
}

/// Decides, by what was found. What other currencies are worth, and what promotions take off, is asked here.
pub async fn decide(wish: Wish<'_>, found: Found) -> Result<Decision, PeerError> {
    let Found { offers, contact } = found;
    let no = |error: Error| {
        let refusal = refusals::keep(error)
            .ok_or_else(|| PeerError::Broken("a refusal that is none".into()))?;
        Ok(Decision::No {
            refusal,
            orders: orders_of(wish.checkout, &offers),
        })
    };
    if wish.contact.is_some() && contact.is_none() {
        return no(Error::invalid(
            "/contact_id",
            "not_found",
            "There is no such entry in your address book.",
        ));
    }
    let listed = match list(wish.buyer, wish.lines, &offers, wish.currency) {
        Ok(listed) => listed,
        Err(refusal) => return no(refusal.into_error(wish.asked)),
    };
    let foreign = listed.foreign();
    let rates = if foreign.is_empty() {
        Ok(Rates::default())
    } else {
        // Under the checkout's id: whoever repeats this converts by the same rates.
        peers::freeze(wish.checkout, wish.buyer, &listed.currency, foreign).await?
    };
    let planned = rates
        .map_err(Refusal::RateUnavailable)
        .and_then(|rates| listed.plan(wish.checkout, &rates));
    let listed = match planned {
        Ok(plan) => plan,
        Err(refusal) => return no(refusal.into_error(wish.asked)),
    };
    let quote = peers::quote(wish.buyer, &listed, wish.codes).await?;
    let unusable = quote.unusable_codes();
    if !unusable.is_empty() && !wish.ignore_unusable_codes {
        let codes: Vec<Value> = unusable
            .iter()
            .map(|it| json!({"code": it.code, "reason": it.reason}))
            .collect();
        return no(Error::problem_with(
            "code_unusable",
            json!({"codes": codes}),
        ));
    }
    let contact = contact
        .map(|contact| serde_json::to_value(&contact))
        .transpose()
        .map_err(|e| PeerError::Broken(e.to_string()))?;
    Ok(Decision::Go {
        plan: listed.with(quote).map_err(PeerError::Broken)?,
        contact,
    })
}

fn orders_of(checkout: Uuid, offers: &[Offer]) -> Vec<Uuid> {
    let mut orders: Vec<Uuid> = offers
        .iter()
        .map(|offer| order_id(checkout, offer.seller))
        .collect();
    orders.sort_unstable();
    orders.dedup();
    orders
}
