//! The outcome of pricing: what everything costs, and why, line by line.

use uuid::Uuid;

use super::rule::Kind;

/// Lines and parcels in the order in which the basket has them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quote {
    pub lines: Vec<Priced>,
    pub parcels: Vec<Priced>,
    /// What is applied, in the order of application.
    pub usages: Vec<Usage>,
    pub cashbacks: Vec<Cashback>,
    /// Codes and promotions that do nothing here.
    pub unused: Vec<Unused>,
    /// Σ of all discounts.
    pub discount: i64,
}

/// A line or parcel with what is taken off it. Σ shares = discount.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Priced {
    /// Before promotions: unit price × quantity, or shipping.
    pub list_total: i64,
    pub discount: i64,
    pub shares: Vec<Share>,
}

/// What one promotion does to one line or parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub promotion_id: Uuid,
    pub amount: i64,
    /// Units of the line that it is about; 0 of a parcel.
    pub units: u32,
    /// The platform pays for it, not the seller.
    pub by_platform: bool,
}

/// One use of a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub promotion_id: Uuid,
    /// The version that was evaluated.
    pub version: i64,
    /// As the promotion spells it.
    pub code: Option<String>,
    pub title: String,
    pub kind: Kind,
    /// What its budget is charged.
    pub amount: i64,
}

/// Money that the buyer gets when the seller's order has completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cashback {
    pub promotion_id: Uuid,
    pub seller_id: Uuid,
    pub amount: i64,
    pub by_platform: bool,
}

/// Why a promotion or code does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// As typed; none for an automatic promotion.
    pub code: Option<String>,
    /// None for a code that nobody knows.
    pub promotion_id: Option<Uuid>,
    pub reason: Reason,
}

/// Reasons, the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No promotion has this code.
    UnknownCode,
    /// Switched off by its owner.
    Disabled,
    /// Its time has not come.
    NotStarted,
    /// Its time is over.
    Ended,
    /// Between two windows of its recurrence.
    NotNow,
    /// The basket is of another currency.
    OtherCurrency,
    /// No uses left, or less budget than it would cost.
    Exhausted,
    /// This account has used it as often as it may.
    UsedUp,
    /// The account is in none of its segments.
    Segment,
    /// The account has ordered before.
    FirstOrderOnly,
    /// Nothing here is in its scope, or what is there is not enough for it to give anything.
    NotApplicable,
    /// What is in its scope costs too little.
    MinimumSpend,
    /// Others give the buyer more, or left nothing to take off.
    BetterAlternative,
}

impl Reason {
    /// Its name in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownCode => "unknown_code",
            Self::Disabled => "disabled",
            Self::NotStarted => "not_started",
            Self::Ended => "ended",
            Self::NotNow => "not_now",
            Self::OtherCurrency => "other_currency",
            Self::Exhausted => "exhausted",
            Self::UsedUp => "used_up",
            Self::Segment => "segment",
            Self::FirstOrderOnly => "first_order_only",
            Self::NotApplicable => "not_applicable",
            Self::MinimumSpend => "minimum_spend",
            Self::BetterAlternative => "better_alternative",
        }
    }
}
