//! SePay's IPN: not signed, but sent with a secret.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Sepay, dong, stays};
use crate::providers::sign;
use crate::providers::webhook::{Incoming, Outcome, Rejected, Reply, Subject, Told};
use crate::store::legs;

#[derive(Debug, Deserialize)]
struct Notice {
    notification_type: String,
    order: Order,
    transaction: Transaction,
}

#[derive(Debug, Deserialize)]
struct Order {
    order_id: Option<String>,
    #[serde(default)]
    order_status: String,
    #[serde(default)]
    order_currency: String,
    order_invoice_number: String,
}

#[derive(Debug, Deserialize)]
struct Transaction {
    /// A text or a number.
    id: Value,
    transaction_id: Option<String>,
    payment_method: Option<String>,
    #[serde(default)]
    transaction_type: String,
    #[serde(default)]
    transaction_status: String,
    transaction_amount: Value,
    #[serde(default)]
    transaction_currency: String,
}

impl Sepay {
    /// What an IPN says. `None`: nothing that concerns us.
    pub fn read_ipn(&self, incoming: &Incoming<'_>) -> Result<Option<Told>, Rejected> {
        let given = incoming.header("x-secret-key").unwrap_or_default();
        if !sign::same(self.ipn_secret.as_bytes(), given.as_bytes()) {
            return Err(Rejected::Signature);
        }
        let notice: Notice = serde_json::from_slice(incoming.body)
            .map_err(|e| Rejected::Malformed(e.to_string()))?;
        let kind = match notice.notification_type.as_str() {
            "ORDER_PAID" if is_payment(&notice) => legs::Told::Settled,
            "ORDER_PAID" => legs::Told::Other,
            // It gave the money of a card back, by the hand of somebody there.
            "TRANSACTION_VOID" => legs::Told::ChargedBack,
            _ => return Ok(None),
        };
        // What came in by this transaction, not what the order asks for: a part does not settle it.
        let amount = dong(&notice.transaction.transaction_amount)
            .ok_or_else(|| Rejected::Malformed("its amount is none".into()))?;
        let transaction = notice
            .transaction
            .transaction_id
            .clone()
            .unwrap_or_else(|| notice.transaction.id.to_string());
        let event_id = format!("{}:{transaction}", notice.notification_type);
        if event_id.len() > 200 {
            return Err(Rejected::Malformed(
                "its transaction's id is too long".into(),
            ));
        }
        let subject = Uuid::try_parse(&notice.order.order_invoice_number).unwrap_or_default();
        Ok(Some(Told {
            event_id,
            kind,
            subject: Subject::Leg(subject),
            provider_ref: notice.order.order_id,
            amount,
            currency: if notice.transaction.transaction_currency.is_empty() {
                notice.order.order_currency
            } else {
                notice.transaction.transaction_currency
            },
            reason: None,
            refund_leg: None,
        }))
    }
}

/// Whether money has come in: also by an order that is not captured, because it is cancelled by now or has
/// only a part of its money.
fn is_payment(notice: &Notice) -> bool {
    let method = notice.transaction.payment_method.as_deref();
    notice.transaction.transaction_type == "PAYMENT"
        && notice.transaction.transaction_status == "APPROVED"
        && stays(&notice.order.order_status, method)
}

/// SePay asks for 200, and reads whether it succeeded.
pub(in crate::providers) fn reply(outcome: Outcome) -> Reply {
    Reply {
        body: json!({"success": true, "outcome": outcome.as_str()}),
        moved: outcome.moved(),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::super::tests::sepay;
    use super::*;

    const LEG: &str = "018f0000000070008000000000000001";

    fn notice() -> Value {
        json!({
            "timestamp": 1_757_058_220, "notification_type": "ORDER_PAID",
            "order": {
                "id": "e2c195be-c721-47eb-b323-99ab24e52d85", "order_id": "NPSETVI00101000042R",
                "order_status": "CAPTURED", "order_currency": "VND", "order_amount": "50000.00",
                "order_invoice_number": LEG, "custom_data": [],
            },
            "transaction": {
                "id": "384c66dd-41e6-4316-a544-b4141682595c", "payment_method": "BANK_TRANSFER",
                "transaction_id": "68ba94ac80123", "transaction_type": "PAYMENT",
                "transaction_status": "APPROVED", "transaction_amount": "50000",
                "transaction_currency": "VND",
            },
            "customer": null,
        })
    }

    fn read(secret: Option<&str>, body: &Value) -> Result<Option<Told>, Rejected> {
        let mut headers = HeaderMap::new();
        if let Some(value) = secret.and_then(|s| s.parse().ok()) {
            headers.insert("x-secret-key", value);
        }
        let body = body.to_string();
        let incoming = Incoming {
            headers: &headers,
            query: "",
            body: body.as_bytes(),
        };
        sepay().read_ipn(&incoming)
    }

    #[test]
    fn a_paid_order_is_read() {
        let told = read(Some("ipn-secret"), &notice())
            .expect("read")
            .expect("ours");
        assert_eq!(told.kind, legs::Told::Settled);
        assert_eq!((told.amount, told.currency.as_str()), (50_000, "VND"));
        assert_eq!(told.event_id, "ORDER_PAID:68ba94ac80123");
        assert_eq!(told.provider_ref.as_deref(), Some("NPSETVI00101000042R"));
        assert_eq!(told.subject, Subject::Leg(LEG.parse().expect("an id")));
    }

    #[test]
    fn what_came_in_is_told_where_it_is_a_part() {
        let mut part = notice();
        part["transaction"]["transaction_amount"] = json!("20000");
        let told = read(Some("ipn-secret"), &part)
            .expect("read")
            .expect("ours");
        assert_eq!((told.kind, told.amount), (legs::Told::Settled, 20_000));
        // It has come in whatever the order is, but not before it is approved.
        for status in ["PARTIALLY_PAID", "CANCELLED"] {
            part["order"]["order_status"] = json!(status);
            let told = read(Some("ipn-secret"), &part)
                .expect("read")
                .expect("ours");
            assert_eq!((told.kind, told.amount), (legs::Told::Settled, 20_000));
        }
        part["transaction"]["transaction_status"] = json!("DECLINED");
        let told = read(Some("ipn-secret"), &part)
            .expect("read")
            .expect("ours");
        assert_eq!(told.kind, legs::Told::Other);
    }

    #[test]
    fn without_the_secret_nothing_is_read() {
        for secret in [None, Some(""), Some("ipn-secre"), Some("ipn-secret2")] {
            assert_eq!(
                read(secret, &notice()),
                Err(Rejected::Signature),
                "{secret:?}"
            );
        }
    }

    #[test]
    fn rubbish_is_refused_and_other_notices_are_nothing() {
        assert!(matches!(
            read(Some("ipn-secret"), &json!({})),
            Err(Rejected::Malformed(_))
        ));
        let mut other = notice();
        other["notification_type"] = json!("RENEWAL_ORDER_PAID");
        assert_eq!(read(Some("ipn-secret"), &other), Ok(None));
        let mut broken = notice();
        broken["transaction"]["transaction_amount"] = json!("5e4");
        assert!(matches!(
            read(Some("ipn-secret"), &broken),
            Err(Rejected::Malformed(_))
        ));
    }
}
