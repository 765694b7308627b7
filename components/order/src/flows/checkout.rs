//! A checkout: claim the key and look the lines up, reserve, place, sell.
//!
//! Five statements, and four waits, because the first two run side by side. A death between any
//! two of them is repaired by whoever comes next: the client with its key, the order.placed event
//! in inventory, or the end of the reservation.

use serde_json::json;
use stoa_kit::http::{Answer, Idempotency};
use stoa_kit::pg::DbError;
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use crate::domain::checkout::{Offer, Wanted, check_once_each, plan};
use crate::domain::order_id::order_id;
use crate::peers::{self, PeerError, Reserved};
use crate::store::checkouts::{self, Claim, NewCheckout};

/// What a buyer sent.
#[derive(Debug)]
pub struct Request<D> {
    pub buyer: Uuid,
    pub lines: Vec<Wanted>,
    pub provider: &'static str,
    pub delivery: D,
    pub trace: Option<String>,
}

/// Runs a checkout to its end.
///
/// # Errors
/// The problems of the route; 503 where the outcome is open and the key has to be repeated.
pub async fn run<D: serde::Serialize>(
    request: Request<D>,
    idempotency: &Idempotency,
) -> Result<Answer> {
    let key = idempotency.required()?;
    check_once_each(&request.lines)?;
    let variants: Vec<Uuid> = request.lines.iter().map(|line| line.variant).collect();

    // Neither needs the other, except when the answer is stored already, which is rare. The claim's
    // connection is waited on for the claim alone and not for the peer.
    let (claim, offers) = futures::future::join(
        checkouts::claim(request.buyer, idempotency),
        peers::offers(&variants),
    )
    .await;
    let checkout = match claim? {
        Claim::Ours(checkout) => checkout,
        Claim::Stored(row) => return answer(Some(row)),
    };
    let attempt = Attempt {
        buyer: request.buyer,
        key,
        checkout,
    };
    let offers = match offers {
        Ok(offers) => offers,
        Err(error) => {
            // Nothing was begun, so nothing is open.
            attempt.give_up(&[]).await;
            return Err(error.into());
        }
    };
    let plan = match plan(checkout, request.buyer, &request.lines, &offers) {
        Ok(plan) => plan,
        Err(refusal) => {
            // A try that died may have reserved under this id; a first try has not.
            let first = checkout == idempotency.reference();
            let reserved = if first {
                Vec::new()
            } else {
                orders_of(checkout, &offers)
            };
            attempt.give_up(&reserved).await;
            return Err(refusal.into());
        }
    };
    let orders: Vec<Uuid> = plan.orders.iter().map(|order| order.id).collect();

    // A fault leaves the key claimed: what inventory did is unknown, and the next try with the key
    // asks it again with the same ids.
    match peers::reserve(checkout, &plan.orders).await? {
        Reserved::Held => {}
        Reserved::Short(shortages) => {
            attempt.give_up(&[]).await;
            return Err(Error::problem_with(
                "insufficient_stock",
                json!({"shortages": shortages}),
            ));
        }
        Reserved::Ended => {
            // An earlier try's reservation lapsed. These ids are spent; the next try gets new ones.
            attempt.give_up(&orders).await;
            return Err(Error::Unavailable(format!(
                "the reservation of checkout {checkout} has ended"
            )));
        }
    }

    let placed = checkouts::place(NewCheckout {
        id: checkout,
        buyer: request.buyer,
        key,
        trace: request.trace,
        provider: request.provider,
        delivery: &request.delivery,
        plan: &plan,
    })
    .await;
    let row = match placed {
        Ok(row) => row,
        // Placed or not: the next try with the key finds out.
        Err(error @ (DbError::Lost(_) | DbError::Busy(_))) => return Err(error.into()),
        Err(error) => {
            attempt.give_up(&orders).await;
            return Err(error.into());
        }
    };

    // The orders stand whatever comes of this: should it fail, inventory sells the goods when the
    // order.placed events arrive there.
    if let Err(error) = peers::sell(&orders).await {
        eprintln!("checkout {checkout}: its goods are sold by the events: {error:?}");
    }
    redis::ring_relay();
    answer(row).map(|answer| answer.location(&format!("/v1/checkouts/{checkout}")))
}

/// A stored answer goes out as it was, its `Location` with it.
fn answer(row: Option<stoa_kit::pg::Row>) -> Result<Answer> {
    #[derive(serde::Deserialize)]
    struct Placed {
        id: Uuid,
    }
    let body: Option<String> = row.as_ref().and_then(|row| row.get(1).ok());
    let placed: Option<Placed> = body.and_then(|body| serde_json::from_str(&body).ok());
    let answer = Answer::from_write(row)?;
    Ok(match placed {
        Some(placed) => answer.location(&format!("/v1/checkouts/{}", placed.id)),
        None => answer,
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

/// A claimed key.
struct Attempt<'a> {
    buyer: Uuid,
    key: &'a str,
    checkout: Uuid,
}

impl Attempt<'_> {
    /// Gives the key up, and then what may be reserved: in this order, because a slower request
    /// with the same key can place no more once the key is gone. What fails here is repaired by
    /// time: the claim lasts 30 seconds, and a reservation 15 minutes.
    async fn give_up(&self, reserved: &[Uuid]) {
        match checkouts::abandon(self.buyer, self.key, self.checkout).await {
            Ok(true) if !reserved.is_empty() => {
                if let Err(PeerError::Unavailable(text) | PeerError::Broken(text)) =
                    peers::release(reserved, "checkout not placed").await
                {
                    eprintln!("checkout {}: not released: {text}", self.checkout);
                }
                redis::ring_relay();
            }
            Ok(_) => {}
            Err(error) => eprintln!("checkout {}: key not given up: {error}", self.checkout),
        }
    }
}
