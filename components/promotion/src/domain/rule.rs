//! What a promotion does, by its kind, and on what.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_path_to_error::Segment;
use stoa_kit::error::FieldError;
use uuid::Uuid;

/// The whole, in basis points: hundredths of a percent.
pub const WHOLE: u32 = 10_000;

/// The five kinds of promotions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    ProductDiscount,
    ShippingDiscount,
    BuyXGetY,
    Bundle,
    Cashback,
}

impl Kind {
    /// Its name in tables and contracts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProductDiscount => "product_discount",
            Self::ShippingDiscount => "shipping_discount",
            Self::BuyXGetY => "buy_x_get_y",
            Self::Bundle => "bundle",
            Self::Cashback => "cashback",
        }
    }
}

/// What a promotion does. As JSON it is the shape of its kind, which stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Rule {
    ProductDiscount(ProductDiscount),
    ShippingDiscount(ShippingDiscount),
    BuyXGetY(BuyXGetY),
    Bundle(Bundle),
    Cashback(CashbackRule),
}

impl Rule {
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::ProductDiscount(_) => Kind::ProductDiscount,
            Self::ShippingDiscount(_) => Kind::ShippingDiscount,
            Self::BuyXGetY(_) => Kind::BuyXGetY,
            Self::Bundle(_) => Kind::Bundle,
            Self::Cashback(_) => Kind::Cashback,
        }
    }

    /// Reads the rule of a kind.
    ///
    /// # Errors
    /// What is wrong with its shape; the pointer begins with `/rule`.
    pub fn read(kind: Kind, rule: &Value) -> Result<Self, FieldError> {
        Ok(match kind {
            Kind::ProductDiscount => Self::ProductDiscount(shape(rule)?),
            Kind::ShippingDiscount => Self::ShippingDiscount(shape(rule)?),
            Kind::BuyXGetY => Self::BuyXGetY(shape(rule)?),
            Kind::Bundle => Self::Bundle(shape(rule)?),
            Kind::Cashback => Self::Cashback(shape(rule)?),
        })
    }
}

fn shape<'a, T: Deserialize<'a>>(rule: &'a Value) -> Result<T, FieldError> {
    serde_path_to_error::deserialize(rule).map_err(|e| {
        let path: String = e
            .path()
            .iter()
            .filter_map(|segment| match segment {
                Segment::Seq { index } => Some(format!("/{index}")),
                Segment::Map { key } => Some(pointer_part(key)),
                Segment::Enum { variant } => Some(pointer_part(variant)),
                Segment::Unknown => None,
            })
            .collect();
        let detail = e.into_inner().to_string();
        FieldError {
            pointer: format!("/rule{path}"),
            code: code_of(&detail).into(),
            detail,
        }
    })
}

fn pointer_part(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The same codes as of other bodies that do not have their shape.
fn code_of(message: &str) -> &'static str {
    if message.starts_with("unknown field") {
        "unknown_field"
    } else if message.starts_with("missing field") {
        "missing_field"
    } else if message.starts_with("unknown variant") {
        "unknown_value"
    } else {
        "wrong_type"
    }
}

/// Something off the price of goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProductDiscount {
    pub off: Off,
    /// Most that it takes off in all, minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
}

/// How much is taken off goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Off {
    /// Of every line, in hundredths of a percent: 1500 is 15 %. 1 to 10000.
    BasisPoints(u32),
    /// Minor units off every unit.
    PerUnit(i64),
    /// Minor units off every line.
    PerLine(i64),
    /// Minor units once, over all the lines.
    Amount(i64),
}

/// Something off what sending costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ShippingDiscount {
    pub off: Part,
    /// Most that it takes off in all, minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
}

/// A part of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Part {
    /// In hundredths of a percent: 10000 is all of it. 1 to 10000.
    BasisPoints(u32),
    /// Minor units once, over all.
    Amount(i64),
}

/// Of `buy + get` units in scope, the `get` cheapest cost less or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BuyXGetY {
    /// Units that are paid for: 1 to 999.
    pub buy: u32,
    /// Units that are reduced: 1 to 999.
    pub get: u32,
    /// By how much, in hundredths of a percent; 10000, for nothing, unless said otherwise.
    #[serde(default = "whole")]
    pub basis_points: u32,
    /// How often at most in one basket: 1 to 999; as often as units suffice if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_repetitions: Option<u32>,
}

const fn whole() -> u32 {
    WHOLE
}

/// Goods that cost less together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// What one set is made of: 1 to 20 items, at least two units.
    pub items: Vec<BundleItem>,
    pub offer: BundleOffer,
    /// How many sets at most in one basket: 1 to 999; as many as there are if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_repetitions: Option<u32>,
}

/// A part of a set: units of one variant, or of any variants of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BundleItem {
    pub goods: Goods,
    /// 1 to 999.
    pub quantity: u32,
}

/// One variant, or any variant of one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Goods {
    VariantId(Uuid),
    ProductId(Uuid),
}

/// What a set costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BundleOffer {
    /// Minor units for the set.
    Price(i64),
    /// Hundredths of a percent off every unit in it. 1 to 10000.
    BasisPoints(u32),
}

/// Something back into the wallet when the order has completed, of what is paid for the goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CashbackRule {
    pub give: Part,
    /// Most that it gives in all, minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
}

/// On what: goods that are in any of these; everything when all are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Slugs; what is below a category belongs to it. At most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// At most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<Uuid>,
    /// At most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Uuid>,
}

/// For whom, and for how much at least.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// Only for accounts without an order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first_order_only: bool,
    /// What the goods in scope cost at list price at least, minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_spend: Option<i64>,
    /// Only for accounts in any of these; for all when empty. At most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrong(kind: Kind, rule: Value) -> (String, String) {
        let error = Rule::read(kind, &rule).expect_err("it has another shape");
        (error.pointer, error.code)
    }

    #[test]
    fn a_rule_is_written_as_it_is_read() {
        for (kind, rule) in [
            (
                Kind::ProductDiscount,
                json!({"off": {"per_unit": 5}, "maximum": 10}),
            ),
            (
                Kind::ShippingDiscount,
                json!({"off": {"basis_points": 10_000}}),
            ),
            (
                Kind::BuyXGetY,
                json!({"buy": 2, "get": 1, "basis_points": 10_000}),
            ),
            (
                Kind::Bundle,
                json!({
                    "items": [{"goods": {"product_id": Uuid::nil()}, "quantity": 2}],
                    "offer": {"price": 100},
                    "max_repetitions": 1,
                }),
            ),
            (Kind::Cashback, json!({"give": {"amount": 7}})),
        ] {
            let read = Rule::read(kind, &rule).expect("a rule");
            assert_eq!(read.kind(), kind);
            assert_eq!(serde_json::to_value(&read).expect("JSON"), rule);
            assert_eq!(
                serde_json::to_value(kind).expect("JSON"),
                json!(kind.as_str())
            );
        }
    }

    #[test]
    fn what_has_not_the_shape_is_refused_where_it_has_not() {
        let pair = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        for (kind, rule, expected) in [
            (Kind::Cashback, json!({}), pair("/rule", "missing_field")),
            (Kind::Cashback, json!([]), pair("/rule", "wrong_type")),
            (
                Kind::Cashback,
                json!({"give": {"amount": 1}, "to": 1}),
                pair("/rule/to", "unknown_field"),
            ),
            (
                Kind::ProductDiscount,
                json!({"off": {"basis_points": 1.5}}),
                pair("/rule/off/basis_points", "wrong_type"),
            ),
            (
                Kind::ProductDiscount,
                json!({"off": {"percent": 1}}),
                pair("/rule/off", "unknown_value"),
            ),
            (
                Kind::ShippingDiscount,
                json!({"off": {"basis_points": 1, "amount": 1}}),
                pair("/rule/off", "wrong_type"),
            ),
            (
                Kind::Bundle,
                json!({"items": [{"goods": {"variant_id": "x"}, "quantity": 1}]}),
                pair("/rule/items/0/goods/variant_id", "wrong_type"),
            ),
        ] {
            assert_eq!(wrong(kind, rule.clone()), expected, "{rule}");
        }
    }
}
