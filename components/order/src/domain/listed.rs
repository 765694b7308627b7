//! What a checkout would buy, at the prices of its sellers, and what that is in the currency in which the
//! buyer pays.

use std::collections::{BTreeMap, BTreeSet};

use stoa_kit::exchange;
use uuid::Uuid;

use super::checkout::Refusal;
use super::order_id::order_id;
use super::plan::{ListPrice, Plan, PlannedLine, PlannedOrder};

/// Lines that can be bought, each at its seller's price in its seller's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// In which the buyer pays.
    pub currency: String,
    pub lines: Vec<ListedLine>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLine {
    pub seller: Uuid,
    /// Of its `unit_price`.
    pub currency: String,
    pub line: PlannedLine,
}

/// What one unit of other currencies is worth in the checkout's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    /// Under which id they are frozen, if they are.
    pub snapshot: Option<Uuid>,
    /// By their ISO 4217 codes, as decimal texts, major for major.
    pub rates: BTreeMap<String, String>,
}

impl Listed {
    /// The currencies that have to be converted: mostly none.
    #[must_use]
    pub fn foreign(&self) -> BTreeSet<String> {
        self.lines
            .iter()
            .filter(|line| line.currency != self.currency)
            .map(|line| line.currency.clone())
            .collect()
    }

    /// The plan of it: one order for each seller, at list prices, all in the checkout's currency. It is the
    /// unit's price that is converted, so that a line is its price times its units in either currency, and
    /// it is rounded up: a buyer who chooses the currency does not choose a lower price.
    ///
    /// # Errors
    /// A rate is not among these, or something does not fit.
    pub fn plan(self, checkout: Uuid, rates: &Rates) -> Result<Plan, Refusal> {
        let foreign = self.foreign();
        let missing: BTreeSet<String> = foreign
            .iter()
            .filter(|currency| !rates.rates.contains_key(*currency))
            .cloned()
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::RateUnavailable(missing));
        }
        let mut orders: BTreeMap<Uuid, (Uuid, Vec<PlannedLine>)> = BTreeMap::new();
        for it in self.lines {
            let line = match rates.rates.get(&it.currency) {
                Some(rate) if it.currency != self.currency => {
                    converted(it.line, &it.currency, &self.currency, rate)
                        .ok_or(Refusal::TooMuch)?
                }
                _ => it.line,
            };
            let id = order_id(checkout, it.seller);
            let (_, lines) = orders.entry(id).or_insert((it.seller, Vec::new()));
            lines.push(line);
        }
        let orders: Option<Vec<PlannedOrder>> = orders
            .into_iter()
            .map(|(id, (seller, lines))| PlannedOrder::at_list(id, seller, lines))
            .collect();
        let plan = orders.and_then(|orders| Plan::at_list(self.currency, orders));
        Ok(Plan {
            rate_snapshot_id: rates.snapshot.filter(|_| !foreign.is_empty()),
            ..plan.ok_or(Refusal::TooMuch)?
        })
    }
}

/// A line in another currency. `None` when it does not fit.
fn converted(line: PlannedLine, from: &str, to: &str, rate: &str) -> Option<PlannedLine> {
    Some(PlannedLine {
        unit_price: exchange::convert_up(line.unit_price, from, to, exchange::rate(rate)?)?,
        list_price: Some(ListPrice {
            amount: line.unit_price,
            currency: from.to_owned(),
            rate: rate.to_owned(),
        }),
        ..line
    })
}

#[cfg(test)]
mod tests;
