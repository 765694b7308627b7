//! What is said about payments, pay-outs and promotions.

use crate::domain::templates::facts::Facts;

/// Title and text, if the kind is one of these.
pub(super) fn words(kind: &str, facts: &Facts) -> Option<(String, String)> {
    let amount = || facts.money("amount").unwrap_or_else(|| "Money".into());
    let of_amount = || {
        facts
            .money("amount")
            .map_or_else(String::new, |it| format!(" of {it}"))
    };
    let of_total = || {
        facts
            .money("total")
            .map_or_else(String::new, |it| format!(" of {it}"))
    };
    let with_provider = || {
        facts
            .provider()
            .map_or_else(String::new, |it| format!(" with {it}"))
    };
    let (title, text) = match kind {
        "checkout.reminder_due" => {
            let by = facts
                .moment("expires_at")
                .map_or_else(|| "soon".to_owned(), |moment| format!("by {moment} (UTC)"));
            let title = match facts.number("reminder") {
                Some(3) => "Last reminder to pay",
                _ => "Your order waits for payment",
            };
            let text = format!("Pay your order{} {by}, or it expires.", of_total());
            (title, text)
        }
        "checkout.expired" => (
            "Order expired",
            format!("Your order{} was not paid in time.", of_total()),
        ),
        "payment.failed" => (
            "Payment failed",
            format!(
                "Your payment{} failed{}. You can try again, or pay in another way.",
                with_provider(),
                facts.after(": ", "reason")
            ),
        ),
        "payment.late" => (
            "Payment came too late",
            format!(
                "Your payment{}{} came when the order had already ended. The money goes back to you.",
                of_amount(),
                with_provider()
            ),
        ),
        "payment.refunded" => ("Refund", format!("{} came back to you.", amount())),
        "payout.released" => {
            let commission = facts
                .money("commission")
                .filter(|_| !facts.is_zero("commission"))
                .map_or_else(String::new, |it| format!(" The commission was {it}."));
            (
                "Payout",
                format!("{} for an order went to your wallet.{commission}", amount()),
            )
        }
        "payout.identity_approved" => (
            "Identity approved",
            "Your identity has been checked. You can withdraw what is in your wallet.".to_owned(),
        ),
        "payout.identity_rejected" => (
            "Identity rejected",
            format!(
                "Your identity was not approved; until it is, nothing can be withdrawn.{}",
                super::because(facts)
            ),
        ),
        "payout.skipped" => (
            "Payout not possible",
            format!(
                "{} could not be paid out on schedule: {}",
                amount(),
                match facts.text("missing") {
                    Some("bank_account_missing") => "you have no bank account in this currency.",
                    Some("identity_unchecked") => "your identity has not been approved yet.",
                    _ => "something is missing.",
                }
            ),
        ),
        "withdrawal.approved" => (
            "Withdrawal approved",
            format!(
                "Your withdrawal{} was approved and goes to your bank.",
                of_amount()
            ),
        ),
        "withdrawal.rejected" => (
            "Withdrawal rejected",
            format!(
                "Your withdrawal{} was rejected; the money is in your wallet again.{}",
                of_amount(),
                super::because(facts)
            ),
        ),
        "withdrawal.paid" => (
            "Withdrawal paid",
            format!("{} went to your bank account.", amount()),
        ),
        "promotion.exhausted" => (
            "Promotion used up",
            format!(
                "{} has spent its budget or its uses.",
                facts
                    .text("title")
                    .map_or_else(|| "A promotion of yours".into(), |it| format!("“{it}”"))
            ),
        ),
        _ => return None,
    };
    Some((title.to_owned(), text))
}
