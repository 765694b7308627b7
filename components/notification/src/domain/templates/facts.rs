//! What the words are made of.

use serde_json::Value;

use crate::domain::language::Language;
use crate::domain::{date_text, money_text};

/// The data of a notification, read with care: any of it may be missing.
pub(super) struct Facts<'a> {
    pub(super) data: &'a Value,
    pub(super) language: Language,
}

impl<'a> Facts<'a> {
    /// A text that is there and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.data
            .get(name)?
            .as_str()
            .filter(|text| !text.is_empty())
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.data.get(name)?.as_u64()
    }

    /// Whether the reader is the seller of the order that it is about.
    pub(super) fn reader_sells(&self) -> bool {
        self.text("role") == Some("seller")
    }

    /// Money in the way of the language.
    pub(super) fn money(&self, name: &str) -> Option<String> {
        let money = self.data.get(name)?;
        let amount = money.get("amount")?.as_i64()?;
        Some(money_text::text(
            amount,
            money.get("currency")?.as_str()?,
            self.language,
        ))
    }

    /// Whether it is money, and none.
    pub(super) fn is_zero(&self, name: &str) -> bool {
        self.data.get(name).and_then(|money| money.get("amount")) == Some(&Value::from(0))
    }

    /// What a payment provider is called.
    pub(super) fn provider(&self) -> Option<&'a str> {
        Some(match self.text("provider")? {
            "sandbox" => "Sandbox",
            "sepay" => "SePay",
            "stripe" => "Stripe",
            "vnpay" => "VNPAY",
            other => other,
        })
    }

    /// The day of a time, in the way of the language.
    pub(super) fn day(&self, name: &str) -> Option<String> {
        date_text::day(self.text(name)?, self.language)
    }

    /// The day and minute of a time, in the way of the language.
    pub(super) fn moment(&self, name: &str) -> Option<String> {
        date_text::moment(self.text(name)?, self.language)
    }

    /// The first line, and how many more there are: `Paper lamp × 2 and 3 more`.
    pub(super) fn goods(&self, more: impl Fn(u64) -> String) -> Option<String> {
        let first = self.data.get("lines")?.get(0)?;
        let mut goods = first.get("name")?.as_str()?.to_owned();
        if let Some(quantity) = first.get("quantity").and_then(Value::as_u64) {
            goods.push_str(&format!(" × {quantity}"));
        }
        let others = self.number("line_count").unwrap_or(1).saturating_sub(1);
        if others > 0 {
            goods.push_str(&more(others));
        }
        Some(goods)
    }

    /// A text behind words that introduce it; nothing without the text.
    pub(super) fn after(&self, words: &str, name: &str) -> String {
        self.text(name)
            .map_or_else(String::new, |text| format!("{words}{text}"))
    }
}
