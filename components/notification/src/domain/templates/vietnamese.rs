//! Vietnamese.

mod money;

use super::facts::Facts;

/// Title and text.
pub(super) fn words(kind: &str, facts: &Facts) -> (String, String) {
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
                .money("total")
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
                because(facts)
            ),
        ),
        "order.cancelled" => {
            let text = match facts.text("ended_by") {
                Some("buyer") => format!("{buyer} đã hủy đơn hàng.{}", because(facts)),
                Some("seller") => format!("{seller} đã hủy đơn hàng của bạn.{}", because(facts)),
                _ => "Đơn hàng đã được hủy tự động.".into(),
            };
            ("Đơn hàng đã bị hủy".into(), text)
        }
        "order.shipped" => (
            "Đơn hàng đã được gửi đi".into(),
            format!(
                "{seller} đã gửi đơn hàng của bạn{}.{}",
                facts.after(" qua ", "carrier"),
                facts.after(" Mã vận đơn: ", "tracking_number")
            ),
        ),
        "order.delivered" => {
            let day = facts.day("complete_by");
            let text = if facts.reader_sells() {
                let then = day.map_or_else(String::new, |day| {
                    format!(" Đơn sẽ tự hoàn tất vào ngày {day} (UTC).")
                });
                format!("{buyer} đã nhận được hàng.{then}")
            } else {
                let then = day.map_or_else(
                    || " Hãy xác nhận bạn đã nhận hàng.".to_owned(),
                    |day| {
                        format!(
                            " Hãy xác nhận bạn đã nhận hàng; nếu không, đơn sẽ tự hoàn tất vào ngày {day} (UTC)."
                        )
                    },
                );
                format!("{seller} cho biết đơn hàng của bạn đã được giao.{then}")
            };
            ("Đơn hàng đã được giao".into(), text)
        }
        "order.completed" => (
            "Đơn hàng đã hoàn tất".into(),
            if facts.text("completed_by") == Some("buyer") {
                format!("{buyer} đã xác nhận hoàn tất đơn hàng.")
            } else {
                let order = if facts.reader_sells() {
                    format!("Đơn hàng{}", facts.after(" của ", "buyer_name"))
                } else {
                    format!("Đơn hàng của bạn{}", facts.after(" từ ", "seller_name"))
                };
                format!("{order} đã tự hoàn tất vì đã hết thời hạn khiếu nại.")
            },
        ),
        "cart.abandoned" => (
            "Giỏ hàng đang chờ bạn".into(),
            facts
                .number("units")
                .or_else(|| facts.number("line_count"))
                .map_or_else(
                    || "Bạn còn hàng trong giỏ.".to_owned(),
                    |items| format!("Bạn còn {items} sản phẩm trong giỏ hàng."),
                ),
        ),
        "inventory.low" => low_stock(facts),
        _ => money::words(kind, facts).unwrap_or_else(|| ("Thông báo".into(), String::new())),
    }
}

fn because(facts: &Facts) -> String {
    facts.after(" Lý do: ", "reason")
}

fn low_stock(facts: &Facts) -> (String, String) {
    let left = match facts.number("available") {
        Some(0) => {
            return (
                "Hết hàng".into(),
                "Một phân loại hàng của bạn đã hết.".into(),
            );
        }
        Some(units) => format!("chỉ còn {units} sản phẩm"),
        None => "sắp hết".to_owned(),
    };
    let threshold = facts
        .number("threshold")
        .map_or_else(String::new, |at| format!(" (ngưỡng báo: {at})"));
    (
        "Sắp hết hàng".into(),
        format!("Một phân loại hàng của bạn {left}{threshold}."),
    )
}
