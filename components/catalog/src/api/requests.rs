//! The bodies and parameters that the routes take.

use garde::Validate;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::domain::limits::{self, Pairs};
use crate::domain::status::ProductStatus;

/// How used a product is.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    #[default]
    New,
    LikeNew,
    Good,
    Fair,
    Refurbished,
}

/// A category to be made.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCategory {
    /// The category that it belongs to; none for a root. Categories nest eight deep at most.
    #[garde(skip)]
    pub parent_id: Option<Uuid>,
    /// Unique among all categories.
    #[garde(custom(limits::category_slug))]
    #[schema(example = "table-lamps", max_length = 80)]
    pub slug: String,
    #[garde(length(chars, min = 1, max = 100), custom(limits::not_blank))]
    #[schema(example = "Table lamps", min_length = 1, max_length = 100)]
    pub name: String,
    /// Where it stands among its siblings, smallest first.
    #[garde(range(min = 0, max = 1_000_000))]
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub position: i32,
}

/// What to change of a category.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryPatch {
    #[garde(length(chars, min = 1, max = 100), inner(custom(limits::not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub position: Option<i32>,
}

/// A product to be created. As JSON, completed with slug and ids, it is what Postgres reads.
#[derive(Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    #[garde(length(chars, min = 1, max = 200), custom(limits::not_blank))]
    #[schema(example = "Đèn lồng giấy", min_length = 1, max_length = 200)]
    pub name: String,
    /// Unique among the seller's products; made from the name when left out.
    #[garde(inner(custom(limits::product_slug)))]
    #[schema(example = "den-long-giay", max_length = 120)]
    pub slug: Option<String>,
    #[garde(length(chars, max = 20_000))]
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub description: String,
    #[garde(skip)]
    pub category_id: Uuid,
    #[garde(skip)]
    #[serde(default)]
    pub condition: Condition,
    /// At most 50 names of at most 100 characters, with values of at most 1000.
    #[garde(custom(limits::specifications))]
    #[serde(default)]
    pub specifications: Pairs,
    /// ISO 4217; of the prices of all variants, for good.
    #[garde(custom(limits::currency))]
    #[schema(example = "VND")]
    pub currency: String,
    /// Fewest units in one order.
    #[garde(range(min = 1, max = 999))]
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 999, default = 1)]
    pub min_per_order: i32,
    /// Most units in one order; as many as there are when left out.
    #[garde(range(min = 1, max = 999))]
    #[schema(minimum = 1, maximum = 999)]
    pub max_per_order: Option<i32>,
    /// Whether to list it at once; otherwise it starts as a draft.
    #[garde(skip)]
    #[serde(default)]
    pub publish: bool,
    #[garde(length(min = 1, max = 100), dive)]
    #[schema(min_items = 1, max_items = 100)]
    pub variants: Vec<NewVariant>,
}

/// A variant to be added.
#[derive(Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVariant {
    /// Made here and not by the client, so that a repeated write is the same write.
    #[garde(skip)]
    #[serde(skip_deserializing)]
    #[schema(ignore)]
    pub id: Option<Uuid>,
    /// The seller's own code.
    #[garde(length(chars, max = 64))]
    #[serde(default)]
    #[schema(max_length = 64)]
    pub sku: String,
    /// What tells it from the other variants: at most ten pairs, a combination that no other has.
    #[garde(custom(limits::attributes))]
    #[serde(default)]
    pub attributes: Pairs,
    /// Minor units of the product's currency.
    #[garde(range(min = 0, max = 1_000_000_000_000))]
    #[schema(example = 120_000, minimum = 0, maximum = 1_000_000_000_000i64)]
    pub price: i64,
    /// Packed, in grams.
    #[garde(range(min = 0, max = 1_000_000))]
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub weight_g: i32,
    #[garde(length(chars, max = 64))]
    #[serde(default)]
    #[schema(max_length = 64)]
    pub barcode: String,
}

/// What to change of a product. What is left out stays.
#[derive(Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductPatch {
    #[garde(length(chars, min = 1, max = 200), inner(custom(limits::not_blank)))]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[garde(length(chars, max = 20_000))]
    #[schema(max_length = 20_000)]
    pub description: Option<String>,
    #[garde(skip)]
    pub category_id: Option<Uuid>,
    #[garde(skip)]
    pub condition: Option<Condition>,
    /// Replaces all of them.
    #[garde(inner(custom(limits::specifications)))]
    pub specifications: Option<Pairs>,
    #[garde(range(min = 1, max = 999))]
    #[schema(minimum = 1, maximum = 999)]
    pub min_per_order: Option<i32>,
    /// `null` lifts the maximum.
    #[garde(inner(range(min = 1, max = 999)))]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 999)]
    pub max_per_order: Option<Option<i32>>,
}

/// What to change of a variant. What is left out stays.
#[derive(Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantPatch {
    #[garde(length(chars, max = 64))]
    #[schema(max_length = 64)]
    pub sku: Option<String>,
    /// Replaces all of them.
    #[garde(inner(custom(limits::attributes)))]
    pub attributes: Option<Pairs>,
    /// Minor units of the product's currency.
    #[garde(range(min = 0, max = 1_000_000_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000_000_000i64)]
    pub price: Option<i64>,
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub weight_g: Option<i32>,
    #[garde(length(chars, max = 64))]
    #[schema(max_length = 64)]
    pub barcode: Option<String>,
    /// Whether it can be bought.
    #[garde(skip)]
    pub enabled: Option<bool>,
}

/// Why a moderator does it.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeDown {
    /// For the seller to read.
    #[garde(length(chars, min = 1, max = 1000), custom(limits::not_blank))]
    #[schema(example = "counterfeit", min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// Which products to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProductFilter {
    /// Of this seller.
    #[garde(skip)]
    pub seller_id: Option<Uuid>,
    /// In this category or below it.
    #[garde(skip)]
    pub category_id: Option<Uuid>,
    /// Other states than `active` only for the seller listing their own, and for moderators, with
    /// `seller_id`.
    #[garde(skip)]
    #[param(inline)]
    pub status: Option<ProductStatus>,
    /// How many items, 1 to 100; 20 when left out.
    #[garde(skip)]
    #[param(minimum = 1, maximum = 100, default = 20)]
    #[expect(
        dead_code,
        reason = "read by Page; named here because unknown parameters are refused"
    )]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[garde(skip)]
    #[expect(
        dead_code,
        reason = "read by Page; named here because unknown parameters are refused"
    )]
    pub cursor: Option<String>,
}

fn one() -> i32 {
    1
}

/// Tells `null` from a field that was left out.
fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patch(value: serde_json::Value) -> serde_json::Value {
        let patch: ProductPatch = serde_json::from_value(value).unwrap();
        assert!(patch.validate().is_ok());
        serde_json::to_value(patch).unwrap()
    }

    #[test]
    fn a_maximum_of_null_is_not_a_maximum_left_out() {
        assert_eq!(
            patch(json!({"max_per_order": null})).get("max_per_order"),
            Some(&json!(null))
        );
        assert_eq!(
            patch(json!({"max_per_order": 3})).get("max_per_order"),
            Some(&json!(3))
        );
        assert_eq!(patch(json!({"name": "Cup"})).get("max_per_order"), None);
    }

    #[test]
    fn the_maximum_has_bounds_too() {
        let patch: ProductPatch = serde_json::from_value(json!({"max_per_order": 1000})).unwrap();
        assert!(patch.validate().is_err());
    }

    #[test]
    fn nobody_brings_the_id_of_a_variant() {
        let read = |value| serde_json::from_value::<NewVariant>(value);
        assert!(read(json!({"price": 1, "id": Uuid::nil()})).is_err());
        assert_eq!(read(json!({"price": 1})).unwrap().id, None);
    }
}
