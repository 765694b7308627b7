//! What is read about payments, pay-outs and promotions.

use serde_json::json;

use super::*;
use crate::domain::language::Language;

/// Title, text and link, in English and in Vietnamese.
fn read(kind: &str, data: &Value) -> [(String, String, String); 2] {
    [Language::English, Language::Vietnamese].map(|language| {
        let it = render(kind, data, language);
        (it.title, it.text, it.link.unwrap_or_default())
    })
}

fn is(read: &[(String, String, String); 2], link: &str, expected: [(&str, &str); 2]) {
    for ((title, text, found), words) in read.iter().zip(expected) {
        assert_eq!((title.as_str(), text.as_str()), words);
        assert_eq!(found, link);
    }
}

fn vnd(amount: i64) -> Value {
    json!({"amount": amount, "currency": "VND"})
}

#[test]
fn a_buyer_is_reminded_to_pay_until_when_and_for_the_last_time() {
    let reminder = |number: u32| {
        let data = json!({"checkout_id": "c1", "role": "buyer", "total": vnd(240_000), "reminder": number,
                          "expires_at": "2026-01-09T03:04:05.000Z"});
        read("checkout.reminder_due", &data)
    };
    is(
        &reminder(1),
        "/v1/checkouts/c1",
        [
            (
                "Your order waits for payment",
                "Pay your order of 240,000 VND by 9 January 2026, 03:04 (UTC), or it expires.",
            ),
            (
                "Đơn hàng đang chờ thanh toán",
                "Hãy thanh toán đơn hàng trị giá 240.000 VND trước 03:04 ngày 09/01/2026 (UTC), nếu không đơn sẽ hết hạn.",
            ),
        ],
    );
    let [(english, ..), (vietnamese, ..)] = reminder(3);
    assert_eq!(
        [english.as_str(), vietnamese.as_str()],
        ["Last reminder to pay", "Nhắc thanh toán lần cuối"]
    );
    is(
        &read(
            "checkout.expired",
            &json!({"checkout_id": "c1", "total": vnd(5_000)}),
        ),
        "/v1/checkouts/c1",
        [
            (
                "Order expired",
                "Your order of 5,000 VND was not paid in time.",
            ),
            (
                "Đơn hàng đã hết hạn",
                "Đơn hàng trị giá 5.000 VND không được thanh toán kịp thời.",
            ),
        ],
    );
}

#[test]
fn a_payment_that_fails_or_comes_late_names_its_provider() {
    let failed = json!({"session_id": "s1", "provider": "stripe", "reason": "card_declined"});
    is(
        &read("payment.failed", &failed),
        "/v1/payment-sessions/s1",
        [
            (
                "Payment failed",
                "Your payment with Stripe failed: card_declined. You can try again, or pay in another way.",
            ),
            (
                "Thanh toán thất bại",
                "Khoản thanh toán qua Stripe của bạn không thành công: card_declined. Bạn có thể thử lại hoặc chọn cách thanh toán khác.",
            ),
        ],
    );
    let bare = render("payment.failed", &json!({}), Language::English);
    assert_eq!(
        bare.text,
        "Your payment failed. You can try again, or pay in another way."
    );
    assert_eq!(bare.link, None);
    let late = json!({"session_id": "s1", "provider": "vnpay", "amount": vnd(5_000)});
    is(
        &read("payment.late", &late),
        "/v1/payment-sessions/s1",
        [
            (
                "Payment came too late",
                "Your payment of 5,000 VND with VNPAY came when the order had already ended. The money goes back to you.",
            ),
            (
                "Thanh toán đến muộn",
                "Khoản thanh toán 5.000 VND qua VNPAY của bạn đến khi đơn hàng đã kết thúc. Tiền sẽ được hoàn lại cho bạn.",
            ),
        ],
    );
}

#[test]
fn money_that_comes_is_counted() {
    let refunded =
        json!({"refund_id": "r1", "session_id": "s1", "order_id": "o1", "amount": vnd(5_000)});
    is(
        &read("payment.refunded", &refunded),
        "/v1/refunds/r1",
        [
            ("Refund", "5,000 VND came back to you."),
            ("Hoàn tiền", "5.000 VND đã được hoàn lại cho bạn."),
        ],
    );
    let released = |commission: i64| {
        let data = json!({"order_id": "o1", "role": "seller", "amount": vnd(95_000), "commission": vnd(commission)});
        read("payout.released", &data)
    };
    is(
        &released(5_000),
        "/v1/sales/o1",
        [
            (
                "Payout",
                "95,000 VND for an order went to your wallet. The commission was 5,000 VND.",
            ),
            (
                "Tiền bán hàng",
                "95.000 VND của một đơn hàng đã vào ví của bạn. Phí hoa hồng: 5.000 VND.",
            ),
        ],
    );
    let [(_, without, _), _] = released(0);
    assert_eq!(without, "95,000 VND for an order went to your wallet.");
}

#[test]
fn a_withdrawal_is_followed_to_its_end() {
    let data = json!({"withdrawal_id": "w1", "role": "owner", "amount": vnd(90_000), "reason": "wrong name"});
    let link = "/v1/withdrawals/w1";
    is(
        &read("withdrawal.approved", &data),
        link,
        [
            (
                "Withdrawal approved",
                "Your withdrawal of 90,000 VND was approved and goes to your bank.",
            ),
            (
                "Yêu cầu rút tiền được duyệt",
                "Yêu cầu rút 90.000 VND của bạn đã được duyệt và đang chuyển đến ngân hàng.",
            ),
        ],
    );
    is(
        &read("withdrawal.rejected", &data),
        link,
        [
            (
                "Withdrawal rejected",
                "Your withdrawal of 90,000 VND was rejected; the money is in your wallet again. Reason: wrong name",
            ),
            (
                "Yêu cầu rút tiền bị từ chối",
                "Yêu cầu rút 90.000 VND của bạn bị từ chối; tiền đã trở lại ví. Lý do: wrong name",
            ),
        ],
    );
    is(
        &read("withdrawal.paid", &data),
        link,
        [
            ("Withdrawal paid", "90,000 VND went to your bank account."),
            (
                "Đã chuyển tiền rút",
                "90.000 VND đã được chuyển vào tài khoản ngân hàng của bạn.",
            ),
        ],
    );
}

#[test]
fn a_seller_reads_whether_they_may_be_paid_out_and_what_is_missing() {
    let link = "/v1/payout-identities/i1";
    is(
        &read("payout.identity_approved", &json!({"identity_id": "i1"})),
        link,
        [
            (
                "Identity approved",
                "Your identity has been checked. You can withdraw what is in your wallet.",
            ),
            (
                "Danh tính đã được duyệt",
                "Danh tính của bạn đã được kiểm tra. Bạn có thể rút tiền trong ví.",
            ),
        ],
    );
    let rejected = json!({"identity_id": "i1", "reason": "expired"});
    is(
        &read("payout.identity_rejected", &rejected),
        link,
        [
            (
                "Identity rejected",
                "Your identity was not approved; until it is, nothing can be withdrawn. Reason: expired",
            ),
            (
                "Danh tính bị từ chối",
                "Danh tính của bạn chưa được duyệt; cho đến khi được duyệt bạn không thể rút tiền. Lý do: expired",
            ),
        ],
    );
    let skipped = |missing: &str| {
        let data = json!({"schedule_id": "s1", "amount": vnd(90_000), "missing": missing});
        read("payout.skipped", &data)
    };
    is(
        &skipped("bank_account_missing"),
        "/v1/payout-schedules",
        [
            (
                "Payout not possible",
                "90,000 VND could not be paid out on schedule: you have no bank account in this currency.",
            ),
            (
                "Không thể rút tiền theo lịch",
                "90.000 VND chưa được chuyển theo lịch: bạn chưa có tài khoản ngân hàng cho loại tiền này.",
            ),
        ],
    );
    let [(_, english, _), _] = skipped("identity_unchecked");
    assert_eq!(
        english,
        "90,000 VND could not be paid out on schedule: your identity has not been approved yet."
    );
}

#[test]
fn an_owner_reads_which_promotion_is_used_up() {
    let data = json!({"promotion_id": "p1", "role": "owner", "title": "Tet 2026"});
    is(
        &read("promotion.exhausted", &data),
        "/v1/promotions/p1",
        [
            (
                "Promotion used up",
                "“Tet 2026” has spent its budget or its uses.",
            ),
            (
                "Khuyến mãi đã hết",
                "“Tet 2026” đã dùng hết ngân sách hoặc số lượt.",
            ),
        ],
    );
    let unnamed = render("promotion.exhausted", &json!({}), Language::English);
    assert_eq!(
        unnamed.text,
        "A promotion of yours has spent its budget or its uses."
    );
}
