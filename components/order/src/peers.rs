//! What this module asks of its peers, in its own words.

mod bindings {
    #![allow(clippy::all, missing_docs, dead_code, reason = "generated")]
    spin_sdk::wit_bindgen::generate!({
        path: ["../../wit/types", "../../wit/events", "../../wit/account", "../../wit/catalog", "../../wit/inventory", "../../wit/promotion", "../../wit/payment", "../../wit/order"],
        world: "stoa:order/service",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        with: {
            "stoa:types/common@0.1.0": stoa_events::bindings::stoa::types::common,
        },
        generate_all,
    });
}

#[cfg(feature = "http")]
use std::collections::BTreeMap;

use bindings::stoa::account::contacts;
use bindings::stoa::catalog::products::{self, ProductStatus};
use bindings::stoa::inventory::stock;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_durable::Failure;
use stoa_events::bindings::stoa::types::common::Fault;
use stoa_kit::{Error, ids, local};
use uuid::Uuid;

use crate::domain::checkout::{Listing, Offer};
use crate::domain::plan::PlannedOrder;

mod money;
mod promotions;
mod rates;

pub use money::{Closed, NewSession, Opened, Session, close, open, refund};
pub use promotions::{Hold, hold, quote, release};
pub use rates::freeze;
#[cfg(feature = "http")]
pub use rates::look;

/// Why a peer could not do it.
#[derive(Debug)]
pub enum PeerError {
    /// Later it may: the same call may be repeated.
    Unavailable(String),
    /// It never will: we broke the contract, or the peer did.
    Broken(String),
}

/// What came of reserving.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reserved {
    /// All of it is held.
    Held,
    /// Nothing is held; what is short.
    Short(Vec<Shortage>),
    /// Nothing is held: one of the orders ended before.
    Ended,
}

/// Fewer units than wanted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Shortage {
    variant_id: String,
    wanted: u32,
    available: u32,
}

/// An entry of an address book, as an order keeps it.
#[derive(Debug, Serialize)]
pub struct Contact {
    receiver: String,
    phone: String,
    address_lines: Vec<String>,
    city: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    country: String,
}

/// An entry of an account's own address book.
pub async fn contact(account: Uuid, contact: Uuid) -> Result<Option<Contact>, PeerError> {
    let found = local(contacts::get_contact(
        account.to_string(),
        Some(contact.to_string()),
    ))
    .await?;
    Ok(found.map(|c| Contact {
        receiver: c.receiver,
        phone: c.phone,
        address_lines: c.address_lines,
        city: c.city,
        region: c.region,
        postal_code: c.postal_code,
        country: c.country,
    }))
}

/// Units that could be sold now, by variant; of each variant and its seller.
#[cfg(feature = "http")]
pub async fn available(shelves: &[(Uuid, Uuid)]) -> Result<BTreeMap<Uuid, u32>, PeerError> {
    let shelves = shelves
        .iter()
        .map(|(variant, seller)| stock::Shelf {
            variant_id: variant.to_string(),
            seller_id: seller.to_string(),
        })
        .collect();
    let found = local(stock::look(shelves)).await?;
    found
        .into_iter()
        .map(|shelf| Ok((id(&shelf.variant_id)?, shelf.available)))
        .collect()
}

/// What the catalog says of variants. Unknown ones are left out.
pub async fn offers(variants: &[Uuid]) -> Result<Vec<Offer>, PeerError> {
    let ids = variants.iter().map(Uuid::to_string).collect();
    let skus = local(products::get_variants(ids)).await?;
    skus.into_iter().map(offer).collect()
}

/// Reserves the goods of all orders of a checkout for so long, or none. May be repeated.
pub async fn reserve(
    checkout: Uuid,
    orders: &[PlannedOrder],
    ttl_s: u32,
) -> Result<Reserved, PeerError> {
    let groups = orders
        .iter()
        .map(|order| stock::Group {
            order_id: order.id.to_string(),
            seller_id: order.seller_id.to_string(),
            lines: order
                .lines
                .iter()
                .map(|line| stock::Line {
                    variant_id: line.variant_id.to_string(),
                    quantity: line.quantity,
                })
                .collect(),
        })
        .collect();
    match local(stock::reserve(checkout.to_string(), groups, ttl_s)).await {
        Ok(()) => Ok(Reserved::Held),
        Err(stock::Refusal::Short(lines)) => Ok(Reserved::Short(
            lines
                .into_iter()
                .map(|l| Shortage {
                    variant_id: l.variant_id,
                    wanted: l.wanted,
                    available: l.available,
                })
                .collect(),
        )),
        Err(stock::Refusal::Ended(_)) => Ok(Reserved::Ended),
        Err(stock::Refusal::Fault(fault)) => Err(fault.into()),
    }
}

/// What came of selling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sold {
    Sold,
    /// The goods are not held any more.
    Gone,
}

/// Turns reserved goods into sold ones. May be repeated.
pub async fn sell(orders: &[Uuid]) -> Result<Sold, PeerError> {
    match local(stock::commit(texts(orders))).await {
        Ok(()) => Ok(Sold::Sold),
        Err(stock::StateError::WrongState(_)) => Ok(Sold::Gone),
        Err(error) => Err(error.into()),
    }
}

/// Puts the goods of ended orders back on the shelf, reserved or sold. May be repeated, and comes
/// before a reservation of the same orders if it has to: that is refused then.
pub async fn restock(orders: &[Uuid], reason: &str) -> Result<(), PeerError> {
    Ok(local(stock::restock(texts(orders), reason.to_owned())).await?)
}

fn texts(orders: &[Uuid]) -> Vec<String> {
    orders.iter().map(Uuid::to_string).collect()
}

fn offer(sku: products::Sku) -> Result<Offer, PeerError> {
    let attributes: Value = serde_json::from_str(&sku.attributes)
        .map_err(|e| PeerError::Broken(format!("attributes of {}: {e}", sku.variant_id)))?;
    Ok(Offer {
        variant: id(&sku.variant_id)?,
        product: id(&sku.product_id)?,
        seller: id(&sku.seller_id)?,
        name: sku.product_name,
        sku: sku.code,
        attributes,
        price: sku.price.amount,
        currency: sku.price.currency,
        listing: match sku.status {
            ProductStatus::Draft => Listing::Draft,
            ProductStatus::Active => Listing::Active,
            ProductStatus::Hidden => Listing::Hidden,
            ProductStatus::TakenDown => Listing::TakenDown,
        },
        enabled: sku.enabled,
        version: sku.version,
        min: sku.min_per_order,
        max: sku.max_per_order,
        category_path: sku.category_path,
    })
}

fn id(text: &str) -> Result<Uuid, PeerError> {
    ids::parse(text).map_err(PeerError::Broken)
}

impl From<Fault> for PeerError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable(text) => Self::Unavailable(text),
            Fault::Invalid(text) => Self::Broken(text),
        }
    }
}

impl From<stock::StateError> for PeerError {
    fn from(error: stock::StateError) -> Self {
        match error {
            stock::StateError::Unknown => Self::Broken("no reservation of that order".into()),
            stock::StateError::WrongState(state) => {
                Self::Broken(format!("the reservation is {state}"))
            }
            stock::StateError::Fault(fault) => fault.into(),
        }
    }
}

impl From<PeerError> for Failure {
    fn from(error: PeerError) -> Self {
        match error {
            PeerError::Unavailable(text) => Self::Retry(text),
            PeerError::Broken(text) => Self::Stuck(text),
        }
    }
}

impl From<PeerError> for Error {
    fn from(error: PeerError) -> Self {
        match error {
            PeerError::Unavailable(text) => Self::Unavailable(text),
            PeerError::Broken(text) => Self::internal(text),
        }
    }
}
