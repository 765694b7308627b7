//! The words of a notification: made when it is read, from its kind, its data and the reader's
//! language. Data of an older form, or a kind that is not known here, still yields something.

mod english;
mod facts;
#[cfg(test)]
mod money_tests;
#[cfg(test)]
mod tests;
mod vietnamese;

use facts::Facts;
use serde_json::Value;

use super::language::Language;

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
        Language::English => english::words(kind, &facts),
        Language::Vietnamese => vietnamese::words(kind, &facts),
    };
    Rendered {
        title,
        text,
        link: link(kind, &facts),
    }
}

fn link(kind: &str, facts: &Facts) -> Option<String> {
    let about = |name, path: &str| facts.text(name).map(|id| format!("{path}/{id}"));
    match kind {
        "product.listed" => about("product_id", "/v1/products"),
        "inventory.low" => about("variant_id", "/v1/stock"),
        "cart.abandoned" => Some("/v1/cart".to_owned()),
        "checkout.reminder_due" | "checkout.expired" => about("checkout_id", "/v1/checkouts"),
        "payment.failed" | "payment.late" => about("session_id", "/v1/payment-sessions"),
        "payment.refunded" => about("refund_id", "/v1/refunds"),
        "withdrawal.approved" | "withdrawal.rejected" | "withdrawal.paid" => {
            about("withdrawal_id", "/v1/withdrawals")
        }
        "payout.identity_approved" | "payout.identity_rejected" => {
            about("identity_id", "/v1/payout-identities")
        }
        "payout.skipped" => Some("/v1/payout-schedules".to_owned()),
        "promotion.exhausted" => about("promotion_id", "/v1/promotions"),
        // The same order lies at two addresses: the buyer's and the seller's.
        _ if facts.reader_sells() => about("order_id", "/v1/sales"),
        _ => about("order_id", "/v1/orders"),
    }
}
