//! A cart as its owner sees it: what was put in, held against what the shop says now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_kit::money::{self, Money};
use uuid::Uuid;

use super::checkout::{Offer, why_not};

/// Most lines of a cart; `store/write_cart_line_v1.sql` and `store/merge_cart_v1.sql` say so too.
pub const MOST_LINES: usize = 100;

/// One line as it was put in.
#[derive(Debug, Clone, Deserialize)]
pub struct KeptLine {
    pub variant_id: Uuid,
    pub product_id: Uuid,
    pub seller_id: Uuid,
    /// What it was called then.
    pub name: String,
    pub quantity: u32,
    pub selected: bool,
    /// What it cost then, in minor units.
    pub unit_price: i64,
    pub currency: String,
}

/// A cart.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Cart {
    /// Grows with each change of the lines; 0 while nothing was ever put in.
    version: i64,
    /// In the order in which they were put in.
    lines: Vec<CartLine>,
    /// What a checkout of the selected lines comes to, one entry for each currency. Lines that are
    /// `unavailable` or `own_goods` do not count.
    totals: Vec<CartTotal>,
}

/// Units of one variant in a cart, with what the shop says of it now.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CartLine {
    variant_id: Uuid,
    product_id: Uuid,
    seller_id: Uuid,
    /// What it is called now, or was called when it was put in, if it is not in the shop any more.
    #[schema(example = "Paper lamp")]
    name: String,
    /// The seller's own code; may be empty.
    sku: String,
    /// Such as `{"colour": "red"}`.
    #[schema(value_type = Object)]
    attributes: Value,
    quantity: u32,
    /// Whether a checkout of the cart takes it.
    selected: bool,
    /// What one unit costs now; null where it is not for sale.
    unit_price: Option<Money>,
    /// What all units cost now.
    total: Option<Money>,
    /// Units that could be bought now.
    available: u32,
    /// Fewest units of the product in one order.
    min_per_order: u32,
    /// Most units of the product in one order; 0 is no maximum.
    max_per_order: u32,
    status: CartLineStatus,
    /// Why it is `unavailable`: `unknown`, `hidden`, `taken_down` or `withdrawn`.
    #[schema(example = "hidden")]
    why: Option<&'static str>,
    /// What one unit cost when it was put in, where that is not what it costs now.
    old: Option<Money>,
    /// What it costs now, where that is another price.
    new: Option<Money>,
}

/// What a checkout would make of a line: the first of these that applies, in the order in which a
/// checkout refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CartLineStatus {
    /// It cannot be bought; `why` says the reason.
    Unavailable,
    /// The reader's own.
    OwnGoods,
    /// It costs something else than when it was put in: see `old` and `new`. Putting the line
    /// again accepts the new price.
    PriceChanged,
    /// Fewer units are `available` than wanted.
    Short,
    /// It can be bought.
    Ok,
}

/// What selected lines come to in one currency.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CartTotal {
    total: Money,
    units: u32,
    /// One for each seller, by id.
    sellers: Vec<CartSellerTotal>,
}

/// One seller's part of a total.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CartSellerTotal {
    seller_id: Uuid,
    total: Money,
    units: u32,
}

impl Cart {
    /// A cart without lines.
    #[must_use]
    pub const fn empty(version: i64) -> Self {
        Self {
            version,
            lines: Vec::new(),
            totals: Vec::new(),
        }
    }
}

/// The cart as `reader` sees it; `None` is a guest. `available` is by variant.
#[must_use]
pub fn view(
    reader: Option<Uuid>,
    version: i64,
    kept: Vec<KeptLine>,
    offers: &[Offer],
    available: &BTreeMap<Uuid, u32>,
) -> Cart {
    let offers: BTreeMap<Uuid, &Offer> = offers.iter().map(|o| (o.variant, o)).collect();
    let lines: Vec<CartLine> = kept
        .into_iter()
        .map(|line| {
            let offer = offers.get(&line.variant_id).copied();
            let available = available.get(&line.variant_id).copied().unwrap_or(0);
            line_view(reader, line, offer, available)
        })
        .collect();
    let totals = totals(&lines);
    Cart {
        version,
        lines,
        totals,
    }
}

fn line_view(
    reader: Option<Uuid>,
    kept: KeptLine,
    offer: Option<&Offer>,
    available: u32,
) -> CartLine {
    let (offer, why) = match (offer, why_not(offer)) {
        // What is not in the shop is shown as the buyer knew it: how its seller goes on with it
        // is nobody's business.
        (None, why) | (Some(_), why @ Some("unknown" | "hidden" | "taken_down")) => (None, why),
        (Some(offer), why) => (Some(offer), why),
    };
    let for_sale = offer.filter(|_| why.is_none());
    let unit_price = for_sale.map(|o| price(o.price, &o.currency));
    let old = price(kept.unit_price, &kept.currency);
    let changed = unit_price.clone().filter(|now| *now != old);
    let available = if for_sale.is_some() { available } else { 0 };
    let status = if for_sale.is_none() {
        CartLineStatus::Unavailable
    } else if reader == Some(kept.seller_id) {
        CartLineStatus::OwnGoods
    } else if changed.is_some() {
        CartLineStatus::PriceChanged
    } else if available < kept.quantity {
        CartLineStatus::Short
    } else {
        CartLineStatus::Ok
    };
    CartLine {
        variant_id: kept.variant_id,
        product_id: kept.product_id,
        seller_id: kept.seller_id,
        name: offer.map_or(kept.name, |o| o.name.clone()),
        sku: offer.map(|o| o.sku.clone()).unwrap_or_default(),
        attributes: offer.map_or_else(|| json!({}), |o| o.attributes.clone()),
        quantity: kept.quantity,
        selected: kept.selected,
        total: for_sale
            .and_then(|o| Some((money::times(o.price, kept.quantity)?, o)))
            .map(|(total, o)| price(total, &o.currency)),
        unit_price,
        available,
        min_per_order: offer.map_or(1, |o| o.min),
        max_per_order: offer.map_or(0, |o| o.max),
        status,
        why,
        old: changed.as_ref().map(|_| old),
        new: changed,
    }
}

fn totals(lines: &[CartLine]) -> Vec<CartTotal> {
    let mut sums: BTreeMap<&str, BTreeMap<Uuid, (i64, u32)>> = BTreeMap::new();
    for line in lines {
        let counts = line.selected && line.status != CartLineStatus::OwnGoods;
        let Some(total) = line.total.as_ref().filter(|_| counts) else {
            continue;
        };
        let (amount, units) = sums
            .entry(&total.currency)
            .or_default()
            .entry(line.seller_id)
            .or_default();
        // A hundred lines of 999 units at the highest price there is fit many times over.
        *amount = amount.saturating_add(total.amount);
        *units = units.saturating_add(line.quantity);
    }
    sums.into_iter()
        .map(|(currency, sellers)| {
            let amount = sellers
                .values()
                .fold(0_i64, |sum, (amount, _)| sum.saturating_add(*amount));
            let units = sellers
                .values()
                .fold(0_u32, |sum, (_, units)| sum.saturating_add(*units));
            CartTotal {
                total: price(amount, currency),
                units,
                sellers: sellers
                    .into_iter()
                    .map(|(seller_id, (amount, units))| CartSellerTotal {
                        seller_id,
                        total: price(amount, currency),
                        units,
                    })
                    .collect(),
            }
        })
        .collect()
}

fn price(amount: i64, currency: &str) -> Money {
    Money {
        amount,
        currency: currency.to_owned(),
    }
}

#[cfg(test)]
mod tests;
