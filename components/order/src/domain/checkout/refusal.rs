//! Why something cannot be bought, and how a client is told.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stoa_kit::Error;
use stoa_kit::error::FieldError;
use uuid::Uuid;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// These variants cannot be bought, for these reasons.
    Unavailable(Vec<(Uuid, &'static str)>),
    /// These are the buyer's own.
    OwnGoods(Vec<Uuid>),
    /// These cost something else than the buyer has seen.
    PriceChanged(Vec<NewPrice>),
    /// More than one currency, and none was named to pay in.
    MixedCurrencies(BTreeSet<String>),
    /// No rate is known by which these could be converted.
    RateUnavailable(BTreeSet<String>),
    /// These lines ask for too few or too many units of their product.
    Quantity(Vec<WrongQuantity>),
    /// The sum does not fit.
    TooMuch,
}

/// A price that the buyer has not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPrice {
    pub variant: Uuid,
    /// Minor units, both.
    pub old: i64,
    pub new: i64,
    pub currency: String,
}

/// A line of a product of which there are too few or too many units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongQuantity {
    /// Among the lines asked for.
    pub position: usize,
    pub variant: Uuid,
    /// Of all variants of the product.
    pub units: u32,
    pub min: u32,
    /// 0 is no maximum.
    pub max: u32,
}

/// Where the lines stood that were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// In the request: mistakes in them are mistakes in the request, and are pointed at.
    InRequest,
    /// In the buyer's cart: nothing is wrong with the request.
    InCart,
}

impl Refusal {
    /// The problem that the client is told.
    #[must_use]
    pub fn into_error(self, asked: Asked) -> Error {
        match (self, asked) {
            (Self::Unavailable(lines), _) => with_lines(
                "line_unavailable",
                &lines,
                |(variant, why)| json!({"variant_id": variant, "why": why}),
            ),
            (Self::OwnGoods(variants), _) => with_lines(
                "own_goods",
                &variants,
                |variant| json!({"variant_id": variant}),
            ),
            (Self::PriceChanged(lines), _) => with_lines("price_changed", &lines, |line| {
                json!({
                    "variant_id": line.variant,
                    "old": {"amount": line.old, "currency": line.currency},
                    "new": {"amount": line.new, "currency": line.currency},
                })
            }),
            (Self::MixedCurrencies(currencies), _) => {
                Error::problem_with("mixed_currencies", json!({"currencies": currencies}))
            }
            (Self::RateUnavailable(currencies), _) => {
                Error::problem_with("rate_unavailable", json!({"missing": currencies}))
            }
            (Self::Quantity(lines), Asked::InRequest) => {
                Error::Invalid(lines.iter().map(WrongQuantity::field).collect())
            }
            (Self::Quantity(lines), Asked::InCart) => {
                with_lines("quantity_limits", &lines, |line| {
                    json!({
                        "variant_id": line.variant,
                        "units": line.units,
                        "min_per_order": line.min,
                        "max_per_order": line.max,
                    })
                })
            }
            (Self::TooMuch, Asked::InRequest) => too_much("/lines"),
            (Self::TooMuch, Asked::InCart) => too_much("/cart"),
        }
    }
}

fn with_lines<T>(code: &str, lines: &[T], line: impl Fn(&T) -> Value) -> Error {
    let lines: Vec<Value> = lines.iter().map(line).collect();
    Error::problem_with(code, json!({"lines": lines}))
}

fn too_much(pointer: &str) -> Error {
    Error::invalid(pointer, "out_of_range", "The total is too large.")
}

impl WrongQuantity {
    fn field(&self) -> FieldError {
        let (code, detail) = if self.units < self.min {
            (
                "below_minimum",
                format!("At least {} units of this product in one order.", self.min),
            )
        } else {
            (
                "above_maximum",
                format!("At most {} units of this product in one order.", self.max),
            )
        };
        FieldError {
            pointer: format!("/lines/{}/quantity", self.position),
            code: code.into(),
            detail,
        }
    }
}
