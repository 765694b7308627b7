//! What is priced, and for whom.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What is to be priced. All amounts are minor units of one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basket {
    pub buyer_id: Uuid,
    pub currency: String,
    pub lines: Vec<Line>,
    pub parcels: Vec<Parcel>,
    /// As the buyer typed them.
    pub codes: Vec<String>,
}

/// Units of one variant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub variant_id: Uuid,
    pub product_id: Uuid,
    pub seller_id: Uuid,
    /// Slugs of the category and all above it, root first: `electronics/phones`.
    pub category_path: String,
    /// 1 to 999.
    pub quantity: u32,
    /// List price of one unit.
    pub unit_price: i64,
}

/// What a parcel of one seller costs to send.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parcel {
    pub seller_id: Uuid,
    pub shipping: i64,
}

/// What is true of the buyer and the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Business time.
    pub now: DateTime<Utc>,
    /// The buyer has no order yet.
    pub first_order: bool,
    /// The segments that the buyer's account is in.
    pub segments: BTreeSet<String>,
    /// Uses of promotions by this account, held ones included; absent: none.
    pub uses_by_account: BTreeMap<Uuid, i64>,
}
