//! The words of a notification: made when it is read, from its kind, its data and the reader's
//! language. Data of an older form, or a kind that is not known here, still yields something.

use serde_json::Value;

use super::language::Language;
use super::money_text;

/// A notification in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Rendered {
    /// A few words.
    pub title: String,
    /// A sentence or two.
    pub text: String,
    /// Path of the thing it is about, under the API's own address.
    pub link: Option<String>,
}

/// Renders a notification.
#[must_use]
pub fn render(kind: &str, data: &Value, language: Language) -> Rendered {
    let facts = Facts { data, language };
    let (title, text) = match language {
        Language::English => english(kind, &facts),
        Language::Vietnamese => vietnamese(kind, &facts),
    };
    Rendered {
        title,
        text,
        link: link(kind, &facts),
    }
}

fn english(kind: &str, facts: &Facts) -> (String, String) {
    let buyer = facts.text("buyer_name").unwrap_or("A buyer");
    let seller = facts.text("seller_name").unwrap_or("The seller");
    match kind {
        "product.listed" => (
            facts.text("seller_name").map_or_else(
                || "New listing".to_owned(),
                |name| format!("New from {name}"),
            ),
            format!(
                "{} is now on sale.",
                facts.text("product_name").unwrap_or("A new product")
            ),
        ),
        "order.placed" => {
            let goods = facts
                .goods(|more| format!(" and {more} more"))
                .unwrap_or_else(|| "an order".into());
            let total = facts
                .total()
                .map_or_else(String::new, |total| format!(" for {total}"));
            (
                "New order".into(),
                format!("{buyer} ordered {goods}{total}. Confirm or decline it."),
            )
        }
        "order.confirmed" => (
            "Order confirmed".into(),
            format!("{seller} confirmed your order."),
        ),
        "order.declined" => (
            "Order declined".into(),
            format!(
                "{seller} cannot serve your order.{}",
                facts.because(" Reason: ")
            ),
        ),
        "order.cancelled" => {
            let text = match facts.text("ended_by") {
                Some("buyer") => {
                    format!("{buyer} cancelled the order.{}", facts.because(" Reason: "))
                }
                Some("seller") => format!(
                    "{seller} cancelled your order.{}",
                    facts.because(" Reason: ")
                ),
                _ => "The order was cancelled automatically.".into(),
            };
            ("Order cancelled".into(), text)
        }
        _ => ("Notification".into(), String::new()),
    }
}

fn vietnamese(kind: &str, facts: &Facts) -> (String, String) {
    let buyer = facts.text("buyer_name").unwrap_or("Người mua");
    let seller = facts.text("seller_name").unwrap_or("Người bán");
    match kind {
        "product.listed" => (
            facts.text("seller_name").map_or_else(
                || "Sản phẩm mới".to_owned(),
                |name| format!("Sản phẩm mới từ {name}"),
            ),
            format!(
                "{} vừa được đăng bán.",
                facts.text("product_name").unwrap_or("Một sản phẩm mới")
            ),
        ),
        "order.placed" => {
            let goods = facts
                .goods(|more| format!(" và {more} mặt hàng khác"))
                .unwrap_or_else(|| "một đơn hàng".into());
            let total = facts
                .total()
                .map_or_else(String::new, |total| format!(", tổng cộng {total}"));
            (
                "Đơn hàng mới".into(),
                format!("{buyer} đã đặt {goods}{total}. Hãy xác nhận hoặc từ chối đơn."),
            )
        }
        "order.confirmed" => (
            "Đơn hàng đã được xác nhận".into(),
            format!("{seller} đã xác nhận đơn hàng của bạn."),
        ),
        "order.declined" => (
            "Đơn hàng bị từ chối".into(),
            format!(
                "{seller} không thể thực hiện đơn hàng của bạn.{}",
                facts.because(" Lý do: ")
            ),
        ),
        "order.cancelled" => {
            let text = match facts.text("ended_by") {
                Some("buyer") => format!("{buyer} đã hủy đơn hàng.{}", facts.because(" Lý do: ")),
                Some("seller") => format!(
                    "{seller} đã hủy đơn hàng của bạn.{}",
                    facts.because(" Lý do: ")
                ),
                _ => "Đơn hàng đã được hủy tự động.".into(),
            };
            ("Đơn hàng đã bị hủy".into(), text)
        }
        _ => ("Thông báo".into(), String::new()),
    }
}

fn link(kind: &str, facts: &Facts) -> Option<String> {
    if kind == "product.listed" {
        return facts
            .text("product_id")
            .map(|id| format!("/v1/products/{id}"));
    }
    let id = facts.text("order_id")?;
    // The same order lies at two addresses: the buyer's and the seller's.
    let desk = if facts.text("role") == Some("seller") {
        "sales"
    } else {
        "orders"
    };
    Some(format!("/v1/{desk}/{id}"))
}

struct Facts<'a> {
    data: &'a Value,
    language: Language,
}

impl<'a> Facts<'a> {
    /// A text that is there and not empty.
    fn text(&self, name: &str) -> Option<&'a str> {
        self.data
            .get(name)?
            .as_str()
            .filter(|text| !text.is_empty())
    }

    fn total(&self) -> Option<String> {
        let total = self.data.get("total")?;
        let amount = total.get("amount")?.as_i64()?;
        Some(money_text::text(
            amount,
            total.get("currency")?.as_str()?,
            self.language,
        ))
    }

    /// The first line, and how many more there are: `Paper lamp × 2 and 3 more`.
    fn goods(&self, more: impl Fn(u64) -> String) -> Option<String> {
        let first = self.data.get("lines")?.get(0)?;
        let mut goods = first.get("name")?.as_str()?.to_owned();
        if let Some(quantity) = first.get("quantity").and_then(Value::as_u64) {
            goods.push_str(&format!(" × {quantity}"));
        }
        let others = self
            .data
            .get("line_count")
            .and_then(Value::as_u64)
            .unwrap_or(1)
            .saturating_sub(1);
        if others > 0 {
            goods.push_str(&more(others));
        }
        Some(goods)
    }

    fn because(&self, words: &str) -> String {
        self.text("reason")
            .map_or_else(String::new, |reason| format!("{words}{reason}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const KINDS: [&str; 6] = [
        "product.listed",
        "order.placed",
        "order.confirmed",
        "order.declined",
        "order.cancelled",
        "new.kind",
    ];

    fn placed() -> Value {
        json!({"order_id": "o1", "role": "seller", "buyer_name": "Lan",
               "total": {"amount": 240_000, "currency": "VND"}, "line_count": 3,
               "lines": [{"name": "Paper lamp", "quantity": 2}]})
    }

    #[test]
    fn a_seller_reads_who_ordered_what_for_how_much() {
        let english = render("order.placed", &placed(), Language::English);
        assert_eq!(english.title, "New order");
        assert_eq!(
            english.text,
            "Lan ordered Paper lamp × 2 and 2 more for 240,000 VND. Confirm or decline it."
        );
        assert_eq!(english.link.as_deref(), Some("/v1/sales/o1"));
        let vietnamese = render("order.placed", &placed(), Language::Vietnamese);
        assert_eq!(
            vietnamese.text,
            "Lan đã đặt Paper lamp × 2 và 2 mặt hàng khác, tổng cộng 240.000 VND. Hãy xác nhận hoặc từ chối đơn."
        );
    }

    #[test]
    fn a_follower_reads_what_is_new_and_from_whom() {
        let data = json!({"product_id": "p1", "product_name": "Paper lamp", "seller_name": "Minh"});
        let rendered = render("product.listed", &data, Language::English);
        assert_eq!(rendered.title, "New from Minh");
        assert_eq!(rendered.text, "Paper lamp is now on sale.");
        assert_eq!(rendered.link.as_deref(), Some("/v1/products/p1"));
    }

    #[test]
    fn a_name_that_is_not_known_yet_is_got_round() {
        let data = json!({"product_id": "p1", "product_name": "Paper lamp", "seller_name": null});
        assert_eq!(
            render("product.listed", &data, Language::English).title,
            "New listing"
        );
        let data = json!({"order_id": "o1", "role": "buyer"});
        assert_eq!(
            render("order.confirmed", &data, Language::English).text,
            "The seller confirmed your order."
        );
    }

    #[test]
    fn a_cancellation_says_who_did_it_and_links_to_the_readers_own_page() {
        let by = |ended_by: &str, role: &str| {
            let data = json!({"order_id": "o1", "ended_by": ended_by, "role": role, "reason": "changed my mind",
                              "buyer_name": "Lan", "seller_name": "Minh"});
            render("order.cancelled", &data, Language::English)
        };
        let buyer = by("buyer", "seller");
        assert_eq!(
            buyer.text,
            "Lan cancelled the order. Reason: changed my mind"
        );
        assert_eq!(buyer.link.as_deref(), Some("/v1/sales/o1"));
        let seller = by("seller", "buyer");
        assert_eq!(
            seller.text,
            "Minh cancelled your order. Reason: changed my mind"
        );
        assert_eq!(seller.link.as_deref(), Some("/v1/orders/o1"));
        assert_eq!(
            by("system", "buyer").text,
            "The order was cancelled automatically."
        );
    }

    #[test]
    fn a_reason_is_given_only_when_there_is_one() {
        let text = |reason: Value| {
            render(
                "order.declined",
                &json!({"order_id": "o", "reason": reason}),
                Language::English,
            )
            .text
        };
        assert_eq!(
            text(json!("sold out")),
            "The seller cannot serve your order. Reason: sold out"
        );
        assert_eq!(text(Value::Null), "The seller cannot serve your order.");
        assert_eq!(text(json!("")), "The seller cannot serve your order.");
    }

    #[test]
    fn every_kind_has_words_in_every_language() {
        for kind in KINDS.iter().take(5) {
            let data = placed();
            let (english, vietnamese) = (
                render(kind, &data, Language::English),
                render(kind, &data, Language::Vietnamese),
            );
            assert!(!english.text.is_empty() && !vietnamese.text.is_empty());
            assert_ne!(english.title, vietnamese.title);
        }
    }

    proptest! {
        #[test]
        fn no_data_brings_it_down(
            kind in prop::sample::select(KINDS.to_vec()),
            name in prop::sample::select(vec!["lines", "total", "order_id", "line_count", "ended_by", "reason"]),
            value in prop_oneof![
                Just(Value::Null), any::<i64>().prop_map(Value::from), any::<String>().prop_map(Value::from),
                Just(json!([])), Just(json!([1])), Just(json!({"amount": "x"})), Just(json!([{"name": 3}])),
            ],
        ) {
            for data in [json!({ name: value.clone() }), value] {
                for language in [Language::English, Language::Vietnamese] {
                    prop_assert!(!render(kind, &data, language).title.is_empty());
                }
            }
        }
    }
}
