//! What the routes of the cart take and answer, apart from the cart itself.

use garde::Validate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How much is in a cart.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub struct CartSummary {
    /// Grows with each change of the lines.
    pub version: i64,
    pub line_count: u32,
    /// Over all lines.
    pub units: u32,
}

/// A cart that was made, or the account's that was there.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CartHandle {
    /// A guest's: send it back as `Cart-Token`. It is told once, and whoever knows it has the cart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    #[serde(flatten)]
    pub summary: CartSummary,
}

/// What a line is to be.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CartLinePut {
    #[garde(range(min = 1, max = 999))]
    #[schema(minimum = 1, maximum = 999)]
    pub quantity: u32,
    /// Whether a checkout of the cart takes it; as it was when left out, and true of a new line.
    #[garde(skip)]
    pub selected: Option<bool>,
}

/// Units to add.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CartLineAdd {
    #[garde(skip)]
    pub variant_id: Uuid,
    /// A line holds 999 at most.
    #[garde(range(min = 1, max = 999))]
    #[schema(minimum = 1, maximum = 999)]
    pub quantity: u32,
}

/// Which lines to select or to deselect: `variant_ids`, or `all`.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"all": true, "selected": false}))]
pub struct CartSelection {
    /// Those that are not in the cart are passed over.
    #[garde(length(min = 1, max = 100))]
    #[schema(min_items = 1, max_items = 100)]
    pub variant_ids: Option<Vec<Uuid>>,
    /// True: every line.
    #[garde(skip)]
    pub all: Option<bool>,
    #[garde(skip)]
    pub selected: bool,
}

/// The cart of a guest who has signed in.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CartMerge {
    /// The token that the cart was made with.
    #[garde(length(chars, min = 43, max = 43))]
    #[schema(
        example = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        min_length = 43,
        max_length = 43
    )]
    pub cart_token: String,
}
