//! The answers, for the OpenAPI document. Postgres builds them.
#![expect(dead_code, reason = "describes answers that Postgres builds")]

use chrono::{DateTime, Utc};
use stoa_kit::money::Money;
use utoipa::ToSchema;
use uuid::Uuid;

use super::requests::Condition;
use crate::domain::limits::Pairs;
use crate::domain::status::ProductStatus;

/// A category.
#[derive(ToSchema)]
pub struct Category {
    id: Uuid,
    /// `null` for a root.
    parent_id: Option<Uuid>,
    slug: String,
    name: String,
    /// Slugs from the root to here.
    #[schema(example = "home/lamps/table-lamps")]
    path: String,
    /// Where it stands among its siblings, smallest first.
    position: i32,
    version: i64,
}

/// Every category: parents before their children, siblings by position.
#[derive(ToSchema)]
pub struct CategoryList {
    items: Vec<Category>,
    /// Always `null`: the list is whole.
    next_cursor: Option<String>,
}

/// The category of a product.
#[derive(ToSchema)]
pub struct ProductCategory {
    id: Uuid,
    name: String,
    path: String,
}

/// Who sells a product.
#[derive(ToSchema)]
pub struct ProductSeller {
    id: Uuid,
    /// `null` in the moments before the account's name is known here.
    name: Option<String>,
}

/// A variant (SKU) of a product.
#[derive(ToSchema)]
pub struct ProductVariant {
    id: Uuid,
    /// The seller's own code; may be empty.
    sku: String,
    attributes: Pairs,
    price: Money,
    /// Packed, in grams.
    weight_g: i32,
    barcode: String,
    /// Whether it can be bought.
    enabled: bool,
}

/// A product's page.
#[derive(ToSchema)]
pub struct ProductPage {
    id: Uuid,
    slug: String,
    name: String,
    description: String,
    category: ProductCategory,
    seller: ProductSeller,
    condition: Condition,
    specifications: Pairs,
    status: ProductStatus,
    /// Why a moderator took it down, or that its seller is suspended.
    status_reason: Option<String>,
    currency: String,
    /// Of the variants that can be bought; of all when none can.
    lowest_price: Money,
    variants: Vec<ProductVariant>,
    min_per_order: i32,
    /// `null`: no maximum.
    max_per_order: Option<i32>,
    /// The page's ETag is this in quotation marks.
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A product in a list.
#[derive(ToSchema)]
pub struct ProductItem {
    id: Uuid,
    slug: String,
    name: String,
    lowest_price: Money,
    currency: String,
    seller: ProductSeller,
    condition: Condition,
    status: ProductStatus,
    /// Whether any of its variants can be bought now.
    in_stock: bool,
    /// In completed orders.
    units_sold: i64,
    created_at: DateTime<Utc>,
}

/// A page of a list of products.
#[derive(ToSchema)]
pub struct ProductList {
    items: Vec<ProductItem>,
    next_cursor: Option<String>,
}

/// A product that a search found.
#[derive(ToSchema)]
pub struct FoundProduct {
    id: Uuid,
    slug: String,
    name: String,
    lowest_price: Money,
    currency: String,
    category: ProductCategory,
    seller: ProductSeller,
    condition: Condition,
    status: ProductStatus,
    /// Whether any of its variants can be bought now.
    in_stock: bool,
    /// In completed orders.
    units_sold: i64,
    created_at: DateTime<Utc>,
}

/// How the items of a search match its words.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Match {
    /// They hold them.
    Text,
    /// Nothing holds them all; these hold words that are near to them.
    Similar,
}

/// A page of a search.
#[derive(ToSchema)]
pub struct SearchPage {
    items: Vec<FoundProduct>,
    /// `null` when no words were sent.
    #[schema(required)]
    r#match: Option<Match>,
    next_cursor: Option<String>,
}
