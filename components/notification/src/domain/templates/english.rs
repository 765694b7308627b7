//! English.

mod money;

use super::facts::Facts;

/// Title and text.
pub(super) fn words(kind: &str, facts: &Facts) -> (String, String) {
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
                .money("total")
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
            format!("{seller} cannot serve your order.{}", because(facts)),
        ),
        "order.cancelled" => {
            let text = match facts.text("ended_by") {
                Some("buyer") => format!("{buyer} cancelled the order.{}", because(facts)),
                Some("seller") => format!("{seller} cancelled your order.{}", because(facts)),
                _ => "The order was cancelled automatically.".into(),
            };
            ("Order cancelled".into(), text)
        }
        "order.shipped" => (
            "Order shipped".into(),
            format!(
                "{seller} shipped your order{}.{}",
                facts.after(" with ", "carrier"),
                facts.after(" Tracking number: ", "tracking_number")
            ),
        ),
        "order.delivered" => {
            let day = facts.day("complete_by");
            let text = if facts.reader_sells() {
                let then = day.map_or_else(String::new, |day| {
                    format!(" It completes by itself on {day} (UTC).")
                });
                format!("{buyer} received the order.{then}")
            } else {
                let then = day.map_or_else(
                    || " Confirm that you have it.".to_owned(),
                    |day| {
                        format!(
                            " Confirm that you have it; otherwise it completes by itself on {day} (UTC)."
                        )
                    },
                );
                format!("{seller} says that your order was delivered.{then}")
            };
            ("Order delivered".into(), text)
        }
        "order.completed" => (
            "Order completed".into(),
            if facts.text("completed_by") == Some("buyer") {
                format!("{buyer} completed the order.")
            } else {
                let order = if facts.reader_sells() {
                    format!("The order{}", facts.after(" of ", "buyer_name"))
                } else {
                    format!("Your order{}", facts.after(" from ", "seller_name"))
                };
                format!("{order} completed by itself: the time to object is over.")
            },
        ),
        "cart.abandoned" => (
            "Your cart is waiting".into(),
            match facts.number("units").or_else(|| facts.number("line_count")) {
                Some(1) => "You left 1 item in your cart.".into(),
                Some(items) => format!("You left {items} items in your cart."),
                None => "You left something in your cart.".into(),
            },
        ),
        "inventory.low" => low_stock(facts),
        _ => money::words(kind, facts).unwrap_or_else(|| ("Notification".into(), String::new())),
    }
}

fn because(facts: &Facts) -> String {
    facts.after(" Reason: ", "reason")
}

fn low_stock(facts: &Facts) -> (String, String) {
    let left = match facts.number("available") {
        Some(0) => {
            return (
                "Out of stock".into(),
                "A variant of yours has run out.".into(),
            );
        }
        Some(1) => "is down to 1 unit".to_owned(),
        Some(units) => format!("is down to {units} units"),
        None => "is running low".to_owned(),
    };
    let threshold = facts
        .number("threshold")
        .map_or_else(String::new, |at| format!("; you asked to be told at {at}"));
    (
        "Stock is low".into(),
        format!("A variant of yours {left}{threshold}."),
    )
}
