//! Exchange rates as their source publishes them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use stoa_kit::exchange::{DIGITS, fits};
use stoa_kit::money;

/// What a source of rates answers: `{"base": "USD", "rates": {"VND": 25400.5}}`.
#[derive(Debug, Deserialize)]
struct Published {
    #[serde(alias = "base_code")]
    base: String,
    rates: BTreeMap<String, serde_json::Number>,
}

/// The rates that a source published of `base`: of currencies that there are, to twelve digits after the
/// point. What rounds to nothing is left out.
///
/// # Errors
/// Why it is not an answer about this base, for the log.
pub fn published(base: &str, body: &[u8]) -> Result<BTreeMap<String, Decimal>, String> {
    let published: Published = serde_json::from_slice(body).map_err(|e| e.to_string())?;
    if published.base != base {
        return Err(format!(
            "it speaks of {:?} and not of {base}",
            published.base.get(..10).unwrap_or(&published.base)
        ));
    }
    Ok(published
        .rates
        .into_iter()
        .filter(|(quote, _)| quote != base && money::is_currency(quote))
        .filter_map(|(quote, number)| {
            let text = number.to_string();
            let rate = Decimal::from_str_exact(&text)
                .or_else(|_| Decimal::from_scientific(&text))
                .ok()?
                .round_dp(DIGITS);
            fits(rate).then(|| (quote, rate.normalize()))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_with_what_it_knows_and_nothing_else() {
        let body = br#"{"result": "success", "base_code": "USD",
            "rates": {"USD": 1, "VND": 25400.5, "BTC2": 1, "JPY": 1.5e2, "EUR": 0.92, "KWD": 0, "GBP": -1}}"#;
        let rates = published("USD", body).expect("rates");
        let shown: Vec<String> = rates.iter().map(|(q, r)| format!("{q} {r}")).collect();
        assert_eq!(shown, ["EUR 0.92", "JPY 150", "VND 25400.5"]);
        assert!(published("EUR", body).is_err());
        assert!(published("USD", b"<html>").is_err());
        assert!(published("USD", br#"{"base": "USD", "rates": {"VND": "x"}}"#).is_err());
    }
}
