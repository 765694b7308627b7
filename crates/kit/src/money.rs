//! Money: integer minor units and a currency, never a float.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units of the currency by its ISO 4217 exponent: 1999 is 19.99 USD, and 1999 VND.
    #[cfg_attr(feature = "http", schema(example = 1999))]
    pub amount: i64,
    /// ISO 4217 alphabetic code.
    #[cfg_attr(feature = "http", schema(example = "USD"))]
    pub currency: String,
}

/// Whether a text is the code of a currency that ISO 4217 knows, in upper case.
#[must_use]
pub fn is_currency(code: &str) -> bool {
    code.bytes().all(|b| b.is_ascii_uppercase()) && iso_currency::Currency::from_str(code).is_ok()
}

/// Digits after the point of a currency: 2 for USD, 0 for VND. `None` for an unknown code.
#[must_use]
pub fn exponent(code: &str) -> Option<u32> {
    iso_currency::Currency::from_str(code)
        .ok()
        .map(|c| c.exponent().map_or(0, u32::from))
}

/// Price times quantity; `None` when it does not fit 64 bits.
#[must_use]
pub fn times(unit_price: i64, quantity: u32) -> Option<i64> {
    unit_price.checked_mul(i64::from(quantity))
}

/// The sum; `None` when it does not fit 64 bits.
pub fn sum(amounts: impl IntoIterator<Item = i64>) -> Option<i64> {
    amounts.into_iter().try_fold(0_i64, i64::checked_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_iso_4217_codes_in_upper_case_are_currencies() {
        assert!(is_currency("VND") && is_currency("USD"));
        assert!(!is_currency("usd") && !is_currency("ZZZ") && !is_currency(""));
    }

    #[test]
    fn the_exponent_says_how_many_digits_follow_the_point() {
        assert_eq!(exponent("USD"), Some(2));
        assert_eq!(exponent("VND"), Some(0));
        assert_eq!(exponent("???"), None);
    }

    #[test]
    fn sums_and_products_that_overflow_are_refused() {
        assert_eq!(times(i64::MAX, 2), None);
        assert_eq!(sum([i64::MAX, 1]), None);
        assert_eq!(sum([1, 2, 3]), Some(6));
    }
}
