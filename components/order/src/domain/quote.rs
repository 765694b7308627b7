//! What promotions take off, in this module's words, and whether that adds up.

use serde::{Deserialize, Serialize};
use stoa_kit::money;
use uuid::Uuid;

/// The outcome of pricing a plan: lines in the order of the plan's orders and their lines, parcels in
/// the order of the orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quote {
    pub lines: Vec<Priced>,
    pub parcels: Vec<Priced>,
    pub usages: Vec<Usage>,
    pub cashbacks: Vec<Cashback>,
    pub unused: Vec<Unused>,
}

/// A line or a parcel with what is taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// Before promotions.
    pub list_total: i64,
    /// The sum of the shares, and never more than the list total.
    pub discount: i64,
    pub shares: Vec<Share>,
}

/// What one promotion takes off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub promotion_id: Uuid,
    /// Minor units.
    pub amount: i64,
    /// Units of the line that it is about; 0 of a parcel.
    pub units: u32,
    /// Who pays for it: the platform, or else the seller.
    pub by_platform: bool,
}

/// One use of a promotion, which is held for the checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub promotion_id: Uuid,
    /// The version that was evaluated.
    pub version: i64,
    pub code: Option<String>,
    pub title: String,
    pub kind: String,
    /// What its budget is charged.
    pub amount: i64,
}

/// Money for the buyer's wallet once a seller's order has completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cashback {
    pub promotion_id: Uuid,
    pub seller_id: Uuid,
    pub amount: i64,
    pub by_platform: bool,
}

/// A code, or a promotion without one, that does nothing here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema), schema(as = PreviewUnused))]
pub struct Unused {
    /// As typed; null of a promotion that needs none.
    pub code: Option<String>,
    pub promotion_id: Option<Uuid>,
    /// `unknown_code`, `not_started`, `ended`, `not_now`, `disabled`, `not_applicable`,
    /// `minimum_spend`, `first_order_only`, `exhausted`, `used_up`, `better_alternative`,
    /// `other_currency` or `segment`.
    #[cfg_attr(feature = "http", schema(example = "minimum_spend"))]
    pub reason: String,
}

impl Quote {
    /// Codes for which a checkout is refused unless the buyer does without them. One that gave way
    /// to a better promotion is not among them: the buyer pays no more than the code promised.
    #[must_use]
    pub fn unusable_codes(&self) -> Vec<Unused> {
        self.unused
            .iter()
            .filter(|it| it.code.is_some() && it.reason != "better_alternative")
            .cloned()
            .collect()
    }
}

impl Priced {
    /// Something for its list price.
    #[must_use]
    pub fn at_list(list_total: i64) -> Self {
        Self {
            list_total,
            discount: 0,
            shares: Vec::new(),
        }
    }

    /// Whether it is about `list_total`, its shares are its discount, and nothing falls below zero.
    #[must_use]
    pub fn adds_up(&self, list_total: i64) -> bool {
        self.list_total == list_total
            && (0..=list_total).contains(&self.discount)
            && self.shares.iter().all(|share| share.amount >= 0)
            && money::sum(self.shares.iter().map(|share| share.amount)) == Some(self.discount)
    }

    /// What is left to pay.
    #[must_use]
    pub fn paid(&self) -> i64 {
        self.list_total.saturating_sub(self.discount)
    }

    /// What the platform pays of the discount.
    #[must_use]
    pub fn by_platform(&self) -> i64 {
        self.shares
            .iter()
            .filter(|share| share.by_platform)
            .fold(0, |sum, share| sum.saturating_add(share.amount))
    }
}
