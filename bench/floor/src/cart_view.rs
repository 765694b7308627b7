//! A cart as its owner sees it, with the members that the app answers. What a cart's statements find
//! has to be put together somewhere: the native server includes this file too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// A line as it was put in.
#[derive(Deserialize)]
pub struct Kept {
    pub variant_id: Uuid,
    product_id: Uuid,
    pub seller_id: Uuid,
    name: String,
    quantity: i64,
    selected: bool,
    unit_price: i64,
    currency: String,
}

/// What the catalogue says of a variant.
pub struct Offer {
    pub variant: Uuid,
    pub product: Uuid,
    pub seller: Uuid,
    pub name: String,
    pub sku: String,
    pub attributes: Value,
    pub price: i64,
    pub currency: String,
    pub status: String,
    pub enabled: bool,
    pub min: i64,
    pub max: i64,
}

/// What goes into a cart, as the statement takes it.
#[derive(Serialize)]
pub struct NewLine<'a> {
    variant_id: Uuid,
    product_id: Uuid,
    seller_id: Uuid,
    name: &'a str,
    unit_price: i64,
    currency: &'a str,
}

#[derive(Serialize)]
struct Cart {
    version: i64,
    lines: Vec<Line>,
    totals: Vec<Total>,
}

#[derive(Serialize)]
struct Line {
    variant_id: Uuid,
    product_id: Uuid,
    seller_id: Uuid,
    name: String,
    sku: String,
    attributes: Value,
    quantity: i64,
    selected: bool,
    unit_price: Option<Money>,
    total: Option<Money>,
    available: i64,
    min_per_order: i64,
    max_per_order: i64,
    status: &'static str,
    why: Option<&'static str>,
    old: Option<Money>,
    new: Option<Money>,
}

#[derive(Serialize)]
struct Total {
    total: Money,
    units: i64,
    sellers: Vec<SellerTotal>,
}

#[derive(Serialize)]
struct SellerTotal {
    seller_id: Uuid,
    total: Money,
    units: i64,
}

#[derive(Clone, PartialEq, Serialize)]
struct Money {
    amount: i64,
    currency: String,
}

impl Offer {
    /// Why nobody can buy it.
    pub fn why_not(&self) -> Option<&'static str> {
        match self.status.as_str() {
            "active" if self.enabled => None,
            "active" => Some("withdrawn"),
            "hidden" => Some("hidden"),
            "taken_down" => Some("taken_down"),
            _ => Some("unknown"),
        }
    }

    pub fn line(&self) -> NewLine<'_> {
        NewLine {
            variant_id: self.variant,
            product_id: self.product,
            seller_id: self.seller,
            name: &self.name,
            unit_price: self.price,
            currency: &self.currency,
        }
    }
}

/// The cart of `reader` as JSON; `available` is by variant.
pub fn cart(
    reader: Uuid,
    version: i64,
    kept: Vec<Kept>,
    offers: &[Offer],
    available: &BTreeMap<Uuid, i64>,
) -> Result<String, serde_json::Error> {
    let offers: BTreeMap<Uuid, &Offer> = offers.iter().map(|it| (it.variant, it)).collect();
    let lines: Vec<Line> = kept
        .into_iter()
        .map(|kept| {
            let available = available.get(&kept.variant_id).copied().unwrap_or(0);
            line(
                reader,
                offers.get(&kept.variant_id).copied(),
                kept,
                available,
            )
        })
        .collect();
    serde_json::to_string(&Cart {
        version,
        totals: totals(&lines),
        lines,
    })
}

fn line(reader: Uuid, offer: Option<&Offer>, kept: Kept, available: i64) -> Line {
    let why = offer.map_or(Some("unknown"), Offer::why_not);
    // Of what is not in the shop, only what the buyer knew is shown.
    let shown = offer.filter(|_| matches!(why, None | Some("withdrawn")));
    let sold = offer.filter(|_| why.is_none());
    let available = sold.map_or(0, |_| available);
    let old = money(kept.unit_price, &kept.currency);
    let unit_price = sold.map(|it| money(it.price, &it.currency));
    let new = unit_price.clone().filter(|now| *now != old);
    let status = if sold.is_none() {
        "unavailable"
    } else if reader == kept.seller_id {
        "own_goods"
    } else if new.is_some() {
        "price_changed"
    } else if available < kept.quantity {
        "short"
    } else {
        "ok"
    };
    Line {
        variant_id: kept.variant_id,
        product_id: kept.product_id,
        seller_id: kept.seller_id,
        name: shown.map_or(kept.name, |it| it.name.clone()),
        sku: shown.map(|it| it.sku.clone()).unwrap_or_default(),
        attributes: shown.map_or_else(|| json!({}), |it| it.attributes.clone()),
        quantity: kept.quantity,
        selected: kept.selected,
        total: sold.map(|it| money(it.price.saturating_mul(kept.quantity), &it.currency)),
        unit_price,
        available,
        min_per_order: shown.map_or(1, |it| it.min),
        max_per_order: shown.map_or(0, |it| it.max),
        status,
        why,
        old: new.as_ref().map(|_| old),
        new,
    }
}

/// By currency and seller.
fn totals(lines: &[Line]) -> Vec<Total> {
    let mut sums: BTreeMap<&str, BTreeMap<Uuid, (i64, i64)>> = BTreeMap::new();
    for line in lines
        .iter()
        .filter(|it| it.selected && it.status != "own_goods")
    {
        if let Some(total) = &line.total {
            let sellers = sums.entry(&total.currency).or_default();
            let (amount, units) = sellers.entry(line.seller_id).or_default();
            *amount = amount.saturating_add(total.amount);
            *units = units.saturating_add(line.quantity);
        }
    }
    let sum = |all: &BTreeMap<Uuid, (i64, i64)>, of: fn(&(i64, i64)) -> i64| {
        all.values().map(of).fold(0, i64::saturating_add)
    };
    sums.into_iter()
        .map(|(currency, sellers)| Total {
            total: money(sum(&sellers, |it| it.0), currency),
            units: sum(&sellers, |it| it.1),
            sellers: sellers
                .into_iter()
                .map(|(seller_id, (amount, units))| SellerTotal {
                    seller_id,
                    total: money(amount, currency),
                    units,
                })
                .collect(),
        })
        .collect()
}

fn money(amount: i64, currency: &str) -> Money {
    Money {
        amount,
        currency: currency.to_owned(),
    }
}
