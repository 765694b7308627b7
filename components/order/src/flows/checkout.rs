//! A checkout: claim the key and look the lines up, reserve, place, sell.
//!
//! Five statements, and four waits, because the first two run side by side. A checkout of the cart
//! learns its lines from the claim, and waits once more. A death between any two of them is
//! repaired by whoever comes next: the client with its key, the order.placed event in inventory, or
//! the end of the reservation.

use futures::future;
use serde::Serialize;
use serde_json::json;
use stoa_kit::http::{Answer, Idempotency};
use stoa_kit::pg::{DbError, Row};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use crate::domain::checkout::{Asked, Offer, Wanted, check_once_each, plan};
use crate::domain::order_id::order_id;
use crate::peers::{self, Contact, PeerError, Reserved};
use crate::store::checkouts::{self, CartClaim, Claim, NewCheckout};

/// What a buyer sent.
#[derive(Debug)]
pub struct Request<D> {
    pub buyer: Uuid,
    pub goods: Goods,
    pub provider: &'static str,
    pub destination: Destination<D>,
    pub trace: Option<String>,
}

/// What to buy.
#[derive(Debug)]
pub enum Goods {
    /// These lines.
    Lines(Vec<Wanted>),
    /// What is selected in the buyer's cart when the key is claimed.
    Cart,
}

/// Where to send it.
#[derive(Debug)]
pub enum Destination<D> {
    Given(D),
    /// To an entry of the buyer's address book, as it is now.
    Contact(Uuid),
}

/// Runs a checkout to its end.
///
/// # Errors
/// The problems of the route; 503 where the outcome is open and the key has to be repeated.
pub async fn run<D: Serialize>(request: Request<D>, idempotency: &Idempotency) -> Result<Answer> {
    let key = idempotency.required()?;
    let begun = match begin(&request, idempotency).await? {
        Begin::Ours(begun) => *begun,
        Begin::Stored(row) => return answer(Some(row)),
    };
    let checkout = begun.checkout;
    let attempt = Attempt {
        buyer: request.buyer,
        key,
        checkout,
        first: checkout == idempotency.reference(),
    };
    let (offers, contact) = match (begun.found.offers, begun.found.contact) {
        (Ok(offers), Ok(contact)) => (offers, contact),
        (Err(error), _) | (_, Err(error)) => {
            attempt.break_off().await;
            return Err(error.into());
        }
    };
    let delivery = match (&request.destination, contact) {
        (Destination::Given(delivery), _) => Delivery::Given(delivery),
        (Destination::Contact(_), Some(contact)) => Delivery::Contact(contact),
        (Destination::Contact(_), None) => {
            attempt.refuse(&offers).await;
            return Err(Error::invalid(
                "/contact_id",
                "not_found",
                "There is no such entry in your address book.",
            ));
        }
    };
    let plan = match plan(checkout, request.buyer, &begun.wanted, &offers) {
        Ok(plan) => plan,
        Err(refusal) => {
            attempt.refuse(&offers).await;
            return Err(refusal.into_error(match request.goods {
                Goods::Lines(_) => Asked::InRequest,
                Goods::Cart => Asked::InCart,
            }));
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
        delivery: &delivery,
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
    answer(row)
}

/// How it began.
enum Begin {
    Ours(Box<Begun>),
    /// It was done before: the answer.
    Stored(Row),
}

/// A claimed key, and what the lines and the destination are.
struct Begun {
    checkout: Uuid,
    wanted: Vec<Wanted>,
    found: Found,
}

/// What the peers say.
struct Found {
    offers: Result<Vec<Offer>, PeerError>,
    /// None too when nobody was asked.
    contact: Result<Option<Contact>, PeerError>,
}

async fn begin<D>(request: &Request<D>, idempotency: &Idempotency) -> Result<Begin> {
    let (checkout, wanted, found) = match &request.goods {
        Goods::Lines(lines) => {
            check_once_each(lines)?;
            // None needs another, except when the answer is stored already, which is rare. The
            // claim's connection is waited on for the claim alone and not for the peers.
            let (claim, found) = future::join(
                checkouts::claim(request.buyer, idempotency),
                find(request, lines),
            )
            .await;
            match claim? {
                Claim::Ours(checkout) => (checkout, lines.clone(), found),
                Claim::Stored(row) => return Ok(Begin::Stored(row)),
            }
        }
        Goods::Cart => match checkouts::claim_cart(request.buyer, idempotency).await? {
            CartClaim::Ours(checkout, lines) => {
                let found = find(request, &lines).await;
                (checkout, lines, found)
            }
            CartClaim::Stored(row) => return Ok(Begin::Stored(row)),
        },
    };
    Ok(Begin::Ours(Box::new(Begun {
        checkout,
        wanted,
        found,
    })))
}

async fn find<D>(request: &Request<D>, lines: &[Wanted]) -> Found {
    let variants: Vec<Uuid> = lines.iter().map(|line| line.variant).collect();
    let (offers, contact) = future::join(peers::offers(&variants), async {
        match request.destination {
            Destination::Given(_) => Ok(None),
            Destination::Contact(id) => peers::contact(request.buyer, id).await,
        }
    })
    .await;
    Found { offers, contact }
}

/// Where the goods go, as the orders keep it.
#[derive(Serialize)]
#[serde(untagged)]
enum Delivery<'a, D> {
    Given(&'a D),
    Contact(Contact),
}

/// An answer goes out as it was stored, its `Location` with it.
fn answer(row: Option<Row>) -> Result<Answer> {
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
    /// Not taken over from a try that died, which may have reserved under this id.
    first: bool,
}

impl Attempt<'_> {
    /// The peers did not say what it is about. Of a first try nothing is open; what an earlier one
    /// reserved is found by the next one, under the same id.
    async fn break_off(&self) {
        if self.first {
            self.give_up(&[]).await;
        }
    }

    /// It cannot be had.
    async fn refuse(&self, offers: &[Offer]) {
        if self.first {
            self.give_up(&[]).await;
        } else {
            self.give_up(&orders_of(self.checkout, offers)).await;
        }
    }

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
