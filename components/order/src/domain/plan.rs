//! What is going to be placed, down to the last minor unit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_kit::money;
use uuid::Uuid;

use super::quote::{Priced, Quote, Share, Usage};

/// A checkout as it will be placed. What its orders come to, and what promotions take off, is in
/// here once: the orders, the payment session and the events are all made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// In which the buyer pays, and everything here is.
    pub currency: String,
    /// By which rates lines of other currencies were converted, if there are any.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rate_snapshot_id: Option<Uuid>,
    /// Before promotions.
    pub list_total: i64,
    /// All that promotions take off, of goods and of shipping.
    #[serde(default, skip_serializing_if = "is_default")]
    pub discount: i64,
    /// What the buyer pays for shipping.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shipping: i64,
    /// What the buyer pays.
    pub total: i64,
    /// Uses of promotions to hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usages: Vec<Usage>,
    /// One for each seller, by id.
    pub orders: Vec<PlannedOrder>,
}

/// One seller's part, as the SQL function reads it. What is left out is zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedOrder {
    pub id: Uuid,
    pub seller_id: Uuid,
    /// Goods and shipping before promotions.
    pub list_total: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub discount: i64,
    /// What the buyer pays for shipping.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shipping: i64,
    /// What the buyer pays.
    pub total: i64,
    /// What the platform adds for promotions of its own: the seller gets the list price.
    #[serde(default, skip_serializing_if = "is_default")]
    pub subsidy: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub cashback_by_platform: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub cashback_by_seller: i64,
    pub lines: Vec<PlannedLine>,
}

/// A line with what it is called and costs now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedLine {
    pub variant_id: Uuid,
    pub product_id: Uuid,
    pub product_version: i64,
    pub name: String,
    pub sku: String,
    pub attributes: Value,
    pub category_path: String,
    /// In the currency of the checkout.
    pub unit_price: i64,
    /// Where that was converted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub list_price: Option<ListPrice>,
    pub quantity: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    pub discount: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Share>,
}

/// The price of one unit as its seller names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPrice {
    pub amount: i64,
    pub currency: String,
    /// What one of that currency is worth in the checkout's, major for major, as a decimal text.
    pub rate: String,
}

/// What an order gets of a payment session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub order_id: Uuid,
    pub seller_id: Uuid,
    /// What the buyer pays for the goods of each category.
    pub goods: BTreeMap<String, i64>,
    pub shipping: i64,
    pub subsidy: i64,
    pub cashback_by_platform: i64,
    pub cashback_by_seller: i64,
}

/// Whether a journal or a function has to be told of it.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl PlannedLine {
    /// What the line costs before promotions. What does not fit is refused when the plan is made.
    #[must_use]
    pub fn list_total(&self) -> i64 {
        money::times(self.unit_price, self.quantity).unwrap_or(i64::MAX)
    }

    /// What the buyer pays for it.
    #[must_use]
    pub fn paid(&self) -> i64 {
        self.list_total().saturating_sub(self.discount)
    }
}

impl PlannedOrder {
    /// What is to be sent costs: nothing, while sellers carry it themselves.
    #[must_use]
    pub fn shipping_list(&self) -> i64 {
        0
    }

    /// Its lines at list prices. `None` when a sum does not fit.
    pub(super) fn at_list(id: Uuid, seller_id: Uuid, lines: Vec<PlannedLine>) -> Option<Self> {
        let mut order = Self {
            id,
            seller_id,
            list_total: 0,
            discount: 0,
            shipping: 0,
            total: 0,
            subsidy: 0,
            cashback_by_platform: 0,
            cashback_by_seller: 0,
            lines,
        };
        let mut sum = order.shipping_list();
        for line in &order.lines {
            sum = sum.checked_add(money::times(line.unit_price, line.quantity)?)?;
        }
        order.list_total = sum;
        order.total = sum;
        order.shipping = order.shipping_list();
        Some(order)
    }

    /// Takes off what the promotions take off. False where that does not add up.
    fn take_off(&mut self, lines: &[Priced], parcel: &Priced) -> bool {
        if lines.len() != self.lines.len() || !parcel.adds_up(self.shipping_list()) {
            return false;
        }
        self.discount = parcel.discount;
        self.subsidy = parcel.by_platform();
        self.shipping = parcel.paid();
        for (line, priced) in self.lines.iter_mut().zip(lines) {
            if !priced.adds_up(line.list_total()) {
                return false;
            }
            line.discount = priced.discount;
            line.shares.clone_from(&priced.shares);
            self.discount = self.discount.saturating_add(priced.discount);
            self.subsidy = self.subsidy.saturating_add(priced.by_platform());
        }
        self.total = self.list_total.saturating_sub(self.discount);
        true
    }
}

impl Plan {
    /// Orders at list prices. `None` when the sum does not fit.
    pub(super) fn at_list(currency: String, orders: Vec<PlannedOrder>) -> Option<Self> {
        let total = money::sum(orders.iter().map(|order| order.total))?;
        Some(Self {
            currency,
            rate_snapshot_id: None,
            list_total: total,
            discount: 0,
            shipping: money::sum(orders.iter().map(|order| order.shipping))?,
            total,
            usages: Vec::new(),
            orders,
        })
    }

    /// The plan with what a quote takes off.
    ///
    /// # Errors
    /// What is wrong with the quote: it is about something else, or does not add up.
    pub fn with(mut self, quote: Quote) -> Result<Self, String> {
        let lines: usize = self.orders.iter().map(|order| order.lines.len()).sum();
        if quote.lines.len() != lines || quote.parcels.len() != self.orders.len() {
            return Err(format!(
                "{} lines and {} parcels were asked for, {} and {} are priced",
                lines,
                self.orders.len(),
                quote.lines.len(),
                quote.parcels.len()
            ));
        }
        let mut rest = quote.lines.as_slice();
        for (order, parcel) in self.orders.iter_mut().zip(&quote.parcels) {
            let (its, others) = rest.split_at(order.lines.len().min(rest.len()));
            rest = others;
            if !order.take_off(its, parcel) {
                return Err(format!("the discounts of {} do not add up", order.id));
            }
        }
        for cashback in &quote.cashbacks {
            let order = self
                .orders
                .iter_mut()
                .find(|order| order.seller_id == cashback.seller_id)
                .filter(|_| cashback.amount >= 0)
                .ok_or_else(|| format!("cashback of {} is nobody's", cashback.promotion_id))?;
            let sum = if cashback.by_platform {
                &mut order.cashback_by_platform
            } else {
                &mut order.cashback_by_seller
            };
            *sum = sum
                .checked_add(cashback.amount)
                .ok_or("cashback does not fit")?;
        }
        // Parts of sums that fit do so too.
        let sum = |amount: fn(&PlannedOrder) -> i64| {
            self.orders
                .iter()
                .fold(0_i64, |sum, order| sum.saturating_add(amount(order)))
        };
        self.discount = sum(|order| order.discount);
        self.shipping = sum(|order| order.shipping);
        self.total = sum(|order| order.total);
        self.usages = quote.usages;
        Ok(self)
    }

    /// The ids of its orders.
    #[must_use]
    pub fn order_ids(&self) -> Vec<Uuid> {
        self.orders.iter().map(|order| order.id).collect()
    }

    /// What each order gets of the payment. Goods and shipping of all parts are the total.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        self.orders
            .iter()
            .map(|order| {
                let mut goods: BTreeMap<String, i64> = BTreeMap::new();
                for line in &order.lines {
                    let sum = goods.entry(line.category_path.clone()).or_default();
                    *sum = sum.saturating_add(line.paid());
                }
                Part {
                    order_id: order.id,
                    seller_id: order.seller_id,
                    goods,
                    shipping: order.shipping,
                    subsidy: order.subsidy,
                    cashback_by_platform: order.cashback_by_platform,
                    cashback_by_seller: order.cashback_by_seller,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
