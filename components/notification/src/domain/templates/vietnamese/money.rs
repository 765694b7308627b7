//! What is said about payments, pay-outs and promotions.

use crate::domain::templates::facts::Facts;

/// Title and text, if the kind is one of these.
pub(super) fn words(kind: &str, facts: &Facts) -> Option<(String, String)> {
    let amount = || facts.money("amount").unwrap_or_else(|| "Số tiền".into());
    let of_amount = || {
        facts
            .money("amount")
            .map_or_else(String::new, |it| format!(" {it}"))
    };
    let of_total = || {
        facts
            .money("total")
            .map_or_else(String::new, |it| format!(" trị giá {it}"))
    };
    let with_provider = || {
        facts
            .provider()
            .map_or_else(String::new, |it| format!(" qua {it}"))
    };
    let (title, text) = match kind {
        "checkout.reminder_due" => {
            let by = facts.moment("expires_at").map_or_else(
                || "sớm".to_owned(),
                |moment| format!("trước {moment} (UTC)"),
            );
            let title = match facts.number("reminder") {
                Some(3) => "Nhắc thanh toán lần cuối",
                _ => "Đơn hàng đang chờ thanh toán",
            };
            let text = format!(
                "Hãy thanh toán đơn hàng{} {by}, nếu không đơn sẽ hết hạn.",
                of_total()
            );
            (title, text)
        }
        "checkout.expired" => (
            "Đơn hàng đã hết hạn",
            format!("Đơn hàng{} không được thanh toán kịp thời.", of_total()),
        ),
        "payment.failed" => (
            "Thanh toán thất bại",
            format!(
                "Khoản thanh toán{} của bạn không thành công{}. Bạn có thể thử lại hoặc chọn cách thanh toán khác.",
                with_provider(),
                facts.after(": ", "reason")
            ),
        ),
        "payment.late" => (
            "Thanh toán đến muộn",
            format!(
                "Khoản thanh toán{}{} của bạn đến khi đơn hàng đã kết thúc. Tiền sẽ được hoàn lại cho bạn.",
                of_amount(),
                with_provider()
            ),
        ),
        "payment.refunded" => (
            "Hoàn tiền",
            format!("{} đã được hoàn lại cho bạn.", amount()),
        ),
        "payout.released" => {
            let commission = facts
                .money("commission")
                .filter(|_| !facts.is_zero("commission"))
                .map_or_else(String::new, |it| format!(" Phí hoa hồng: {it}."));
            (
                "Tiền bán hàng",
                format!(
                    "{} của một đơn hàng đã vào ví của bạn.{commission}",
                    amount()
                ),
            )
        }
        "payout.identity_approved" => (
            "Danh tính đã được duyệt",
            "Danh tính của bạn đã được kiểm tra. Bạn có thể rút tiền trong ví.".to_owned(),
        ),
        "payout.identity_rejected" => (
            "Danh tính bị từ chối",
            format!(
                "Danh tính của bạn chưa được duyệt; cho đến khi được duyệt bạn không thể rút tiền.{}",
                super::because(facts)
            ),
        ),
        "payout.skipped" => (
            "Không thể rút tiền theo lịch",
            format!(
                "{} chưa được chuyển theo lịch: {}",
                amount(),
                match facts.text("missing") {
                    Some("bank_account_missing") =>
                        "bạn chưa có tài khoản ngân hàng cho loại tiền này.",
                    Some("identity_unchecked") => "danh tính của bạn chưa được duyệt.",
                    _ => "còn thiếu thông tin.",
                }
            ),
        ),
        "withdrawal.approved" => (
            "Yêu cầu rút tiền được duyệt",
            format!(
                "Yêu cầu rút{} của bạn đã được duyệt và đang chuyển đến ngân hàng.",
                of_amount()
            ),
        ),
        "withdrawal.rejected" => (
            "Yêu cầu rút tiền bị từ chối",
            format!(
                "Yêu cầu rút{} của bạn bị từ chối; tiền đã trở lại ví.{}",
                of_amount(),
                super::because(facts)
            ),
        ),
        "withdrawal.paid" => (
            "Đã chuyển tiền rút",
            format!(
                "{} đã được chuyển vào tài khoản ngân hàng của bạn.",
                amount()
            ),
        ),
        "promotion.exhausted" => (
            "Khuyến mãi đã hết",
            format!(
                "{} đã dùng hết ngân sách hoặc số lượt.",
                facts
                    .text("title")
                    .map_or_else(|| "Một khuyến mãi của bạn".into(), |it| format!("“{it}”"))
            ),
        ),
        _ => return None,
    };
    Some((title.to_owned(), text))
}
