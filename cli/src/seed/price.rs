//! Prices as people write them on tags.

/// What a product is sold in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Currency {
    Vnd,
    Usd,
}

/// Thousands of dong for one dollar, near enough for prices of a demo.
const DOLLAR: i64 = 25;

impl Currency {
    /// By ISO 4217.
    pub fn code(self) -> &'static str {
        match self {
            Currency::Vnd => "VND",
            Currency::Usd => "USD",
        }
    }

    /// Digits after the point, by ISO 4217.
    pub fn exponent(self) -> u32 {
        match self {
            Currency::Vnd => 0,
            Currency::Usd => 2,
        }
    }

    /// A value in hundredths of a thousand dong as a price in minor units: whole thousands of dong,
    /// or dollars that end in `.99` or, below ten, `.50`.
    pub fn tag(self, value: i64) -> i64 {
        let unit = 10_i64.pow(self.exponent());
        match self {
            Currency::Vnd => (value / 100).max(10) * 1000 * unit,
            Currency::Usd => {
                let dollars = (value / (100 * DOLLAR)).max(1);
                let cents = if dollars < 10 { 50 } else { 99 };
                dollars * unit + cents
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_in_minor_units_by_the_exponent() {
        // 120 thousand dong.
        assert_eq!(Currency::Vnd.tag(12_000), 120_000);
        assert_eq!(Currency::Usd.tag(12_000), 450);
        // 890 thousand and a half: the half is cut off.
        assert_eq!(Currency::Vnd.tag(89_050), 890_000);
        assert_eq!(Currency::Usd.tag(89_050), 3_599);
    }

    #[test]
    fn nothing_is_free() {
        assert_eq!(Currency::Vnd.tag(0), 10_000);
        assert_eq!(Currency::Usd.tag(0), 150);
    }
}
