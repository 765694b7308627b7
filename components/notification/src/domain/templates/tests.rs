//! What readers read.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::language::Language;

/// The last one has no words of its own.
const KINDS: [&str; 21] = [
    "product.listed",
    "order.placed",
    "order.confirmed",
    "order.declined",
    "order.cancelled",
    "order.shipped",
    "order.delivered",
    "order.completed",
    "cart.abandoned",
    "inventory.low",
    "checkout.reminder_due",
    "checkout.expired",
    "payment.failed",
    "payment.late",
    "payment.refunded",
    "payout.released",
    "withdrawal.approved",
    "withdrawal.rejected",
    "withdrawal.paid",
    "promotion.exhausted",
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
fn a_buyer_reads_who_carries_the_goods_and_under_which_number() {
    let texts = |carrier: Value, number: Value| {
        let data = json!({"order_id": "o1", "role": "buyer", "seller_name": "Minh",
                          "carrier": carrier, "tracking_number": number});
        [Language::English, Language::Vietnamese]
            .map(|language| render("order.shipped", &data, language).text)
    };
    assert_eq!(
        texts(json!("GHTK"), json!("S1.A2")),
        [
            "Minh shipped your order with GHTK. Tracking number: S1.A2",
            "Minh đã gửi đơn hàng của bạn qua GHTK. Mã vận đơn: S1.A2",
        ]
    );
    assert_eq!(
        texts(json!("my brother"), Value::Null),
        [
            "Minh shipped your order with my brother.",
            "Minh đã gửi đơn hàng của bạn qua my brother.",
        ]
    );
    assert_eq!(
        texts(Value::Null, json!("")),
        ["Minh shipped your order.", "Minh đã gửi đơn hàng của bạn.",]
    );
    let nobody = render("order.shipped", &json!({}), Language::English);
    assert_eq!(nobody.text, "The seller shipped your order.");
    assert_eq!(nobody.link, None);
}

#[test]
fn a_delivery_is_told_to_the_other_side_in_its_own_words() {
    let rendered = |role: &str, complete_by: Value, language| {
        let data = json!({"order_id": "o1", "role": role, "buyer_name": "Lan", "seller_name": "Minh",
                          "complete_by": complete_by});
        render("order.delivered", &data, language)
    };
    let time = || json!("2026-01-09T03:04:05.000Z");
    let buyer = rendered("buyer", time(), Language::English);
    assert_eq!(
        buyer.text,
        "Minh says that your order was delivered. Confirm that you have it; otherwise it completes by itself on 9 January 2026 (UTC)."
    );
    assert_eq!(buyer.link.as_deref(), Some("/v1/orders/o1"));
    let seller = rendered("seller", time(), Language::English);
    assert_eq!(
        seller.text,
        "Lan received the order. It completes by itself on 9 January 2026 (UTC)."
    );
    assert_eq!(seller.link.as_deref(), Some("/v1/sales/o1"));
    assert_eq!(
        rendered("seller", time(), Language::Vietnamese).text,
        "Lan đã nhận được hàng. Đơn sẽ tự hoàn tất vào ngày 09/01/2026 (UTC)."
    );
    // Without the day it still says what to do.
    assert_eq!(
        rendered("buyer", json!("soon"), Language::English).text,
        "Minh says that your order was delivered. Confirm that you have it."
    );
    assert_eq!(
        rendered("buyer", Value::Null, Language::Vietnamese).text,
        "Minh cho biết đơn hàng của bạn đã được giao. Hãy xác nhận bạn đã nhận hàng."
    );
    assert_eq!(
        rendered("seller", Value::Null, Language::English).text,
        "Lan received the order."
    );
}

#[test]
fn a_completed_order_is_the_buyers_doing_or_its_own() {
    let text = |data: Value, language| render("order.completed", &data, language).text;
    let named = |role: &str, by: &str| json!({"order_id": "o1", "role": role, "completed_by": by, "buyer_name": "Lan", "seller_name": "Minh"});
    assert_eq!(
        text(named("seller", "buyer"), Language::English),
        "Lan completed the order."
    );
    assert_eq!(
        text(named("seller", "system"), Language::English),
        "The order of Lan completed by itself: the time to object is over."
    );
    assert_eq!(
        text(named("buyer", "system"), Language::English),
        "Your order from Minh completed by itself: the time to object is over."
    );
    assert_eq!(
        text(named("buyer", "system"), Language::Vietnamese),
        "Đơn hàng của bạn từ Minh đã tự hoàn tất vì đã hết thời hạn khiếu nại."
    );
    assert_eq!(
        text(
            json!({"role": "seller", "completed_by": "system"}),
            Language::English
        ),
        "The order completed by itself: the time to object is over."
    );
}

#[test]
fn a_cart_is_counted_in_units_as_far_as_they_are_known() {
    let rendered = |data: Value, language| render("cart.abandoned", &data, language);
    let cart = rendered(
        json!({"line_count": 2, "units": 7, "role": "buyer"}),
        Language::English,
    );
    assert_eq!(cart.text, "You left 7 items in your cart.");
    assert_eq!(cart.link.as_deref(), Some("/v1/cart"));
    assert_eq!(
        rendered(json!({"units": 1}), Language::English).text,
        "You left 1 item in your cart."
    );
    assert_eq!(
        rendered(json!({"line_count": 2}), Language::English).text,
        "You left 2 items in your cart."
    );
    assert_eq!(
        rendered(json!({}), Language::English).text,
        "You left something in your cart."
    );
    assert_eq!(
        rendered(json!({"units": 7}), Language::Vietnamese).text,
        "Bạn còn 7 sản phẩm trong giỏ hàng."
    );
}

#[test]
fn a_seller_reads_how_much_is_left_and_finds_the_shelf() {
    let rendered = |available: Value, threshold: Value, language| {
        let data = json!({"variant_id": "v1", "role": "seller", "available": available, "threshold": threshold});
        render("inventory.low", &data, language)
    };
    let low = rendered(json!(3), json!(5), Language::English);
    assert_eq!(low.title, "Stock is low");
    assert_eq!(
        low.text,
        "A variant of yours is down to 3 units; you asked to be told at 5."
    );
    assert_eq!(low.link.as_deref(), Some("/v1/stock/v1"));
    assert_eq!(
        rendered(json!(1), Value::Null, Language::English).text,
        "A variant of yours is down to 1 unit."
    );
    let out = rendered(json!(0), json!(5), Language::English);
    assert_eq!(
        (out.title.as_str(), out.text.as_str()),
        ("Out of stock", "A variant of yours has run out.")
    );
    assert_eq!(
        rendered(Value::Null, Value::Null, Language::English).text,
        "A variant of yours is running low."
    );
    assert_eq!(
        rendered(json!(3), json!(5), Language::Vietnamese).text,
        "Một phân loại hàng của bạn chỉ còn 3 sản phẩm (ngưỡng báo: 5)."
    );
}

#[test]
fn every_kind_has_words_in_every_language() {
    for kind in KINDS.iter().take(20) {
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
        name in prop::sample::select(vec![
            "lines", "total", "order_id", "line_count", "ended_by", "reason", "carrier", "tracking_number",
            "reported_by", "complete_by", "completed_by", "role", "units", "available", "threshold", "variant_id",
            "amount", "commission", "provider", "reminder", "expires_at", "title", "checkout_id",
        ]),
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
