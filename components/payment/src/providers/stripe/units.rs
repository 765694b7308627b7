//! Stripe's amounts: integers in "the smallest unit", which is not always that of ISO 4217.

use stoa_kit::money;

/// Currencies that Stripe counts in whole units.
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
/// Currencies that have no smaller unit (any more) and that Stripe still counts in hundredths.
const HUNDREDTHS_OF_WHOLE: [&str; 2] = ["ISK", "UGX"];
/// Currencies in thousandths, of which the last digit has to be 0.
const THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// Digits after the point of Stripe's amounts. `None`: a currency that Stripe does not take.
#[must_use]
pub fn exponent(currency: &str) -> Option<u32> {
    if WHOLE.contains(&currency) {
        Some(0)
    } else if HUNDREDTHS_OF_WHOLE.contains(&currency) {
        Some(2)
    } else if THOUSANDTHS.contains(&currency) {
        Some(3)
    } else {
        // All others are counted in hundredths, as ISO counts them too.
        money::exponent(currency).filter(|digits| *digits == 2)
    }
}

/// An amount in minor units by ISO 4217 as Stripe wants it. `None`: Stripe cannot take such an amount.
#[must_use]
pub fn to_stripe(amount: i64, currency: &str) -> Option<i64> {
    let scaled = scale(amount, money::exponent(currency)?, exponent(currency)?)?;
    let coarse = !THOUSANDTHS.contains(&currency) || scaled.checked_rem(10)? == 0;
    coarse.then_some(scaled)
}

/// An amount of Stripe's in minor units by ISO 4217. `None`: it has more digits than those.
#[must_use]
pub fn from_stripe(amount: i64, currency: &str) -> Option<i64> {
    scale(amount, exponent(currency)?, money::exponent(currency)?)
}

fn scale(amount: i64, from: u32, to: u32) -> Option<i64> {
    let factor = 10_i64.checked_pow(from.abs_diff(to))?;
    if to >= from {
        amount.checked_mul(factor)
    } else {
        (amount.checked_rem(factor)? == 0)
            .then(|| amount.checked_div(factor))
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// From the table that Stripe publishes, with what ISO 4217 makes of the same money.
    #[test]
    fn amounts_are_in_stripes_units() {
        for (currency, iso, stripe) in [
            ("USD", 1_000, 1_000),
            ("EUR", 1, 1),
            ("JPY", 500, 500),
            ("VND", 120_000, 120_000),
            ("KRW", 7, 7),
            // No hundredths exist, and Stripe counts them.
            ("ISK", 5, 500),
            ("UGX", 5, 500),
            // ISO has hundredths, Stripe has none.
            ("MGA", 500, 5),
            // Only payouts are in whole units.
            ("HUF", 1_045, 1_045),
            ("TWD", 80_045, 80_045),
            ("KWD", 5_120, 5_120),
            ("BHD", 10, 10),
        ] {
            assert_eq!(to_stripe(iso, currency), Some(stripe), "{currency}");
            assert_eq!(from_stripe(stripe, currency), Some(iso), "{currency}");
        }
    }

    #[test]
    fn amounts_that_stripe_cannot_take_are_refused() {
        for (amount, currency) in [
            (5_124, "KWD"),
            (1, "TND"),
            (501, "MGA"),
            // Thousandths that Stripe does not know, ten-thousandths, and no currency at all.
            (1_000, "IQD"),
            (1_000, "CLF"),
            (1_000, "ZZZ"),
            (i64::MAX, "ISK"),
        ] {
            assert_eq!(to_stripe(amount, currency), None, "{amount} {currency}");
        }
        assert_eq!(from_stripe(550, "ISK"), None);
    }

    proptest! {
        #[test]
        fn what_stripe_gets_is_read_back(amount in 1..i64::MAX, which in 0_usize..8) {
            let currency = ["USD", "JPY", "VND", "ISK", "UGX", "MGA", "KWD", "EUR"][which];
            if let Some(sent) = to_stripe(amount, currency) {
                prop_assert_eq!(from_stripe(sent, currency), Some(amount));
            }
        }
    }
}
