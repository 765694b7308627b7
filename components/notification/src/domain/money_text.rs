//! Money as a reader sees it.

use stoa_kit::money;

use super::language::Language;

/// An amount of minor units in the way of a language, with the code behind it: `1,234.50 USD`,
/// `1.234,50 USD`, `240.000 VND`.
#[must_use]
pub fn text(amount: i64, currency: &str, language: Language) -> String {
    let (group, point) = match language {
        Language::English => (',', '.'),
        Language::Vietnamese => ('.', ','),
    };
    let exponent = money::exponent(currency).unwrap_or(0);
    let digits = amount.unsigned_abs().to_string();
    let width = usize::try_from(exponent).unwrap_or(0).saturating_add(1);
    let padded = format!("{digits:0>width$}");
    // All ASCII digits, and at least one more than the exponent.
    let (whole, fraction) = padded.split_at(padded.len().saturating_sub(width.saturating_sub(1)));
    let mut out = String::with_capacity(padded.len().saturating_add(12));
    if amount < 0 {
        out.push('-');
    }
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len().saturating_sub(index);
        if index > 0 && left.is_multiple_of(3) {
            out.push(group);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(point);
        out.push_str(fraction);
    }
    out.push(' ');
    out.push_str(currency);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_point_stands_where_iso_4217_puts_it() {
        let english = |amount, currency| text(amount, currency, Language::English);
        assert_eq!(english(123_450, "USD"), "1,234.50 USD");
        assert_eq!(english(5, "USD"), "0.05 USD");
        assert_eq!(english(0, "USD"), "0.00 USD");
        assert_eq!(english(240_000, "VND"), "240,000 VND");
        assert_eq!(english(1_234, "KWD"), "1.234 KWD");
        assert_eq!(english(-100, "USD"), "-1.00 USD");
        assert_eq!(english(i64::MIN, "VND"), "-9,223,372,036,854,775,808 VND");
    }

    #[test]
    fn vietnamese_groups_with_points() {
        assert_eq!(text(240_000, "VND", Language::Vietnamese), "240.000 VND");
        assert_eq!(text(123_450, "USD", Language::Vietnamese), "1.234,50 USD");
    }

    #[test]
    fn an_unknown_currency_has_no_fraction() {
        assert_eq!(text(1_999, "???", Language::English), "1,999 ???");
    }

    proptest! {
        #[test]
        fn no_digit_is_lost(amount: i64, currency in prop::sample::select(vec!["USD", "VND", "KWD", "CLF"])) {
            for language in [Language::English, Language::Vietnamese] {
                let shown = text(amount, currency, language);
                let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
                prop_assert_eq!(digits.parse::<u64>().unwrap(), amount.unsigned_abs());
                prop_assert_eq!(shown.starts_with('-'), amount < 0);
            }
        }
    }
}
