//! From what a buyer wants and what the catalog says to what is bought, or to the reason why not.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_kit::Error;
use stoa_kit::error::FieldError;
use uuid::Uuid;

use super::listed::{Listed, ListedLine};
use super::plan::PlannedLine;

mod refusal;

pub use refusal::{Asked, NewPrice, Refusal, WrongQuantity};

/// One line as the buyer asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    #[serde(rename = "variant_id")]
    pub variant: Uuid,
    /// 1 to 999.
    pub quantity: u32,
    /// The price that the buyer has seen, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<i64>,
}

/// What the catalog says of a variant.
#[derive(Debug, Clone)]
pub struct Offer {
    pub variant: Uuid,
    pub product: Uuid,
    pub seller: Uuid,
    pub name: String,
    pub sku: String,
    /// A JSON object of strings.
    pub attributes: Value,
    pub price: i64,
    pub currency: String,
    pub listing: Listing,
    /// False when the variant itself was withdrawn.
    pub enabled: bool,
    /// Version of the product.
    pub version: i64,
    /// Fewest units of the product in one order.
    pub min: u32,
    /// Most units of the product in one order; 0 is no maximum.
    pub max: u32,
    /// Slugs of the category and all above it, root first.
    pub category_path: String,
}

/// Whether a product is in the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    Draft,
    Active,
    Hidden,
    TakenDown,
}

/// Positions of lines whose variant stands in a line before.
///
/// # Errors
/// 422, pointing at them.
pub fn check_once_each(wanted: &[Wanted]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    let repeated: Vec<FieldError> = wanted
        .iter()
        .enumerate()
        .filter(|(_, line)| !seen.insert(line.variant))
        .map(|(position, _)| FieldError {
            pointer: format!("/lines/{position}/variant_id"),
            code: "duplicate".into(),
            detail: "This variant stands in a line before: ask for all units in one line.".into(),
        })
        .collect();
    if repeated.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(repeated))
    }
}

/// Holds what is wanted against what is offered. `currency`: in which the buyer pays; `None`: in that of the
/// lines.
///
/// # Errors
/// The first kind of reason that applies, with all lines that it applies to.
pub fn list(
    buyer: Uuid,
    wanted: &[Wanted],
    offers: &[Offer],
    currency: Option<&str>,
) -> Result<Listed, Refusal> {
    let offers: BTreeMap<Uuid, &Offer> = offers.iter().map(|o| (o.variant, o)).collect();
    let mut lines: Vec<(&Wanted, &Offer)> = Vec::with_capacity(wanted.len());
    let mut unavailable = Vec::new();
    for line in wanted {
        let offer = offers.get(&line.variant).copied();
        match (offer, why_not(offer)) {
            (Some(offer), None) => lines.push((line, offer)),
            (_, why) => unavailable.push((line.variant, why.unwrap_or("unknown"))),
        }
    }
    if !unavailable.is_empty() {
        return Err(Refusal::Unavailable(unavailable));
    }
    let own: Vec<Uuid> = lines
        .iter()
        .filter(|(_, o)| o.seller == buyer)
        .map(|(w, _)| w.variant)
        .collect();
    if !own.is_empty() {
        return Err(Refusal::OwnGoods(own));
    }
    let currency = match currency {
        Some(currency) => currency.to_owned(),
        None => only_currency(&lines)?,
    };
    let changed: Vec<NewPrice> = lines
        .iter()
        .filter_map(|(w, o)| {
            let old = w.unit_price.filter(|old| *old != o.price)?;
            Some(NewPrice {
                variant: w.variant,
                old,
                new: o.price,
                currency: o.currency.clone(),
            })
        })
        .collect();
    if !changed.is_empty() {
        return Err(Refusal::PriceChanged(changed));
    }
    let quantities = wrong_quantities(&lines);
    if !quantities.is_empty() {
        return Err(Refusal::Quantity(quantities));
    }
    Ok(Listed {
        currency,
        lines: lines.into_iter().map(listed).collect(),
    })
}

fn only_currency(lines: &[(&Wanted, &Offer)]) -> Result<String, Refusal> {
    let currencies: BTreeSet<String> = lines.iter().map(|(_, o)| o.currency.clone()).collect();
    let mut names = currencies.iter();
    match (names.next(), names.next()) {
        (Some(currency), None) => Ok(currency.clone()),
        _ => Err(Refusal::MixedCurrencies(currencies)),
    }
}

fn listed((wanted, offer): (&Wanted, &Offer)) -> ListedLine {
    ListedLine {
        seller: offer.seller,
        currency: offer.currency.clone(),
        line: PlannedLine {
            variant_id: offer.variant,
            product_id: offer.product,
            product_version: offer.version,
            name: offer.name.clone(),
            sku: offer.sku.clone(),
            attributes: offer.attributes.clone(),
            category_path: offer.category_path.clone(),
            unit_price: offer.price,
            list_price: None,
            quantity: wanted.quantity,
            discount: 0,
            shares: Vec::new(),
        },
    }
}

/// Why a variant cannot be bought, if it cannot. A draft is nobody's business but its seller's.
#[must_use]
pub fn why_not(offer: Option<&Offer>) -> Option<&'static str> {
    let Some(offer) = offer else {
        return Some("unknown");
    };
    match offer.listing {
        Listing::Draft => Some("unknown"),
        Listing::Hidden => Some("hidden"),
        Listing::TakenDown => Some("taken_down"),
        Listing::Active if !offer.enabled => Some("withdrawn"),
        Listing::Active => None,
    }
}

/// Whether a variant may be put into a cart. Of a guest it is not known yet whose goods are theirs.
///
/// # Errors
/// Unavailable, or own goods.
pub fn check_for_sale(
    buyer: Option<Uuid>,
    variant: Uuid,
    offer: Option<&Offer>,
) -> Result<&Offer, Refusal> {
    match (offer, why_not(offer)) {
        (Some(offer), None) if buyer == Some(offer.seller) => Err(Refusal::OwnGoods(vec![variant])),
        (Some(offer), None) => Ok(offer),
        (_, why) => Err(Refusal::Unavailable(vec![(
            variant,
            why.unwrap_or("unknown"),
        )])),
    }
}

/// The limits are a product's: units of all its variants count together.
fn wrong_quantities(lines: &[(&Wanted, &Offer)]) -> Vec<WrongQuantity> {
    let mut units: BTreeMap<Uuid, u32> = BTreeMap::new();
    for (wanted, offer) in lines {
        let sum = units.entry(offer.product).or_default();
        *sum = sum.saturating_add(wanted.quantity);
    }
    lines
        .iter()
        .enumerate()
        .filter_map(|(position, (_, offer))| {
            let units = units.get(&offer.product).copied().unwrap_or_default();
            let fits = units >= offer.min && (offer.max == 0 || units <= offer.max);
            (!fits).then_some(WrongQuantity {
                position,
                variant: offer.variant,
                units,
                min: offer.min,
                max: offer.max,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
