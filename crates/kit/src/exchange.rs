//! Exchange rates as texts, and money converted by them.

use rust_decimal::Decimal;

use crate::money;

/// Digits before the point of a rate, and after it: what `payment.rate` holds.
pub const DIGITS: u32 = 12;

/// A rate as people write it: units of the quote currency for one of the base. `None`: not one that can be
/// kept.
#[must_use]
pub fn rate(text: &str) -> Option<Decimal> {
    let plain = text.len() <= 30 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let rate = Decimal::from_str_exact(text).ok().filter(|_| plain)?;
    fits(rate).then(|| rate.normalize())
}

/// Whether a rate can be kept: positive, with at most [`DIGITS`] on each side of the point.
#[must_use]
pub fn fits(rate: Decimal) -> bool {
    let most = Decimal::from(10_u64.saturating_pow(DIGITS));
    rate > Decimal::ZERO && rate < most && rate.normalize().scale() <= DIGITS
}

/// Converts `amount` minor units of `from` into minor units of `to`, of which one of the former is worth
/// `rate` (major for major), rounded half to even. `None` when it does not fit 64 bits, or a currency is
/// unknown.
///
/// Exact: whole numbers all the way, of which too large a one can only stand for a result that does not
/// fit either.
#[must_use]
pub fn convert(amount: i64, from: &str, to: &str, rate: Decimal) -> Option<i64> {
    converted(amount, from, to, rate, half_even)
}

/// [`convert`], rounded up: whoever is paid the result is not paid less than the amount is worth.
#[must_use]
pub fn convert_up(amount: i64, from: &str, to: &str, rate: Decimal) -> Option<i64> {
    converted(amount, from, to, rate, up)
}

/// `round`: a value divided by a positive one.
fn converted(
    amount: i64,
    from: &str,
    to: &str,
    rate: Decimal,
    round: fn(i128, i128) -> Option<i128>,
) -> Option<i64> {
    let (from, to) = (money::exponent(from)?, money::exponent(to)?);
    let ten = |power: u32| 10_i128.checked_pow(power);
    let shift = rate.scale().checked_add(from)?;
    // Powers of ten that both sides have cancel out.
    let (more, less) = (to.saturating_sub(shift), shift.saturating_sub(to));
    let product = i128::from(amount)
        .checked_mul(rate.mantissa())?
        .checked_mul(ten(more)?)?;
    i64::try_from(round(product, ten(less)?)?).ok()
}

/// `value / by`, rounded half to even; `by` is positive.
fn half_even(value: i128, by: i128) -> Option<i128> {
    let quotient = value.checked_div_euclid(by)?;
    let twice = value.checked_rem_euclid(by)?.checked_mul(2)?;
    let odd = quotient.checked_rem(2)? != 0;
    if twice > by || (twice == by && odd) {
        quotient.checked_add(1)
    } else {
        Some(quotient)
    }
}

/// `value / by`, rounded towards more; `by` is positive.
fn up(value: i128, by: i128) -> Option<i128> {
    let quotient = value.checked_div_euclid(by)?;
    if value.checked_rem_euclid(by)? == 0 {
        Some(quotient)
    } else {
        quotient.checked_add(1)
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by(amount: i64, from: &str, to: &str, rate: &str) -> Option<i64> {
        convert(amount, from, to, super::rate(rate).expect("a rate"))
    }

    #[test]
    fn minor_units_become_minor_units_of_the_other_currency() {
        // 19.99 USD at 25,400.5 are 507,755.995 VND, which has no minor unit.
        assert_eq!(by(1999, "USD", "VND", "25400.5"), Some(507_756));
        assert_eq!(by(507_756, "VND", "USD", "0.00003937"), Some(1999));
        // Three digits after the point.
        assert_eq!(by(100, "USD", "KWD", "0.307"), Some(307));
        assert_eq!(by(0, "USD", "VND", "25400.5"), Some(0));
    }

    #[test]
    fn a_half_goes_to_the_even_neighbour() {
        assert_eq!(by(1, "VND", "JPY", "0.5"), Some(0));
        assert_eq!(by(3, "VND", "JPY", "0.5"), Some(2));
        assert_eq!(by(5, "VND", "JPY", "0.5"), Some(2));
        assert_eq!(by(-1, "VND", "JPY", "0.5"), Some(0));
        assert_eq!(by(-3, "VND", "JPY", "0.5"), Some(-2));
    }

    #[test]
    fn a_part_of_a_minor_unit_is_a_whole_one_where_it_is_rounded_up() {
        let up = |amount, from, to, rate| convert_up(amount, from, to, super::rate(rate)?);
        // 1.49 cents, which are 1 half to even.
        assert_eq!(by(379, "VND", "USD", "0.00003937"), Some(1));
        assert_eq!(up(379, "VND", "USD", "0.00003937"), Some(2));
        assert_eq!(up(1, "VND", "USD", "0.000000000001"), Some(1));
        assert_eq!(up(-3, "VND", "JPY", "0.5"), Some(-1));
        assert_eq!(up(i64::MAX, "USD", "EUR", "1.000000000001"), None);
        // What fits is as it is.
        assert_eq!(up(100, "USD", "KWD", "0.307"), Some(307));
        assert_eq!(up(1999, "USD", "VND", "26000"), Some(519_740));
        assert_eq!(up(0, "VND", "USD", "0.00003937"), Some(0));
        assert_eq!(up(i64::MAX, "USD", "EUR", "1"), Some(i64::MAX));
    }

    #[test]
    fn what_does_not_fit_64_bits_is_refused_and_the_last_that_does_is_not() {
        assert_eq!(by(i64::MAX, "USD", "EUR", "1"), Some(i64::MAX));
        assert_eq!(by(i64::MIN, "USD", "EUR", "1"), Some(i64::MIN));
        assert_eq!(by(i64::MAX, "USD", "EUR", "1.000000000001"), None);
        assert_eq!(by(i64::MAX, "USD", "VND", "999999999999"), None);
        assert_eq!(by(1, "USD", "???", "1"), None);
    }

    #[test]
    fn a_rate_is_positive_and_has_at_most_twelve_digits_on_each_side() {
        for good in ["1", "25400.5", "0.000000000001", "999999999999", "1.50"] {
            assert!(rate(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "0",
            "0.0",
            "-1",
            "+1",
            "1e3",
            "1,5",
            "abc",
            "1000000000000",
            "0.0000000000001",
            ".",
            "NaN",
            " 1",
        ] {
            assert!(rate(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_conversion_is_off_by_half_a_minor_unit_at_most(
            amount in any::<i64>(), mantissa in 1_i64..1_000_000_000_000, scale in 0_u32..=12,
        ) {
            let rate = Decimal::new(mantissa, scale);
            // USD and EUR have two digits each: |result − amount × rate| ≤ ½.
            if let Some(result) = convert(amount, "USD", "EUR", rate) {
                let whole = 10_i128.pow(scale);
                let exact = i128::from(amount) * i128::from(mantissa);
                let error = (i128::from(result) * whole - exact).abs();
                prop_assert!(error * 2 <= whole);
                prop_assert!(error * 2 < whole || result % 2 == 0);
            } else {
                let exact = i128::from(amount) * i128::from(mantissa) / 10_i128.pow(scale);
                prop_assert!(i64::try_from(exact).is_err() || exact.abs() >= i128::from(i64::MAX));
            }
        }

        #[test]
        fn rounded_up_it_is_never_less_and_less_than_a_minor_unit_more(
            amount in any::<i64>(), mantissa in 1_i64..1_000_000_000_000, scale in 0_u32..=12,
        ) {
            let rate = Decimal::new(mantissa, scale);
            if let Some(result) = convert_up(amount, "USD", "EUR", rate) {
                let whole = 10_i128.pow(scale);
                let more = i128::from(result) * whole - i128::from(amount) * i128::from(mantissa);
                prop_assert!((0..whole).contains(&more));
            }
        }

        #[test]
        fn more_money_is_never_worth_less(
            a in any::<i64>(), b in any::<i64>(), mantissa in 1_i64..1_000_000_000, scale in 0_u32..=12,
        ) {
            let rate = Decimal::new(mantissa, scale);
            if let (Some(a_to), Some(b_to)) = (convert(a, "VND", "USD", rate), convert(b, "VND", "USD", rate)) {
                prop_assert!((a <= b) == (a_to <= b_to) || a_to == b_to);
            }
        }

        #[test]
        fn the_sign_does_not_matter(amount in 0..i64::MAX, mantissa in 1_i64..1_000_000_000, scale in 0_u32..=12) {
            let rate = Decimal::new(mantissa, scale);
            if let Some(there) = convert(amount, "USD", "VND", rate) {
                prop_assert_eq!(convert(-amount, "USD", "VND", rate), Some(-there));
            }
        }

        #[test]
        fn what_is_written_is_read_again(mantissa in 1_i64..1_000_000_000_000, scale in 0_u32..=12) {
            let written = Decimal::new(mantissa, scale).normalize();
            prop_assert_eq!(rate(&written.to_string()), Some(written));
        }
    }
}
