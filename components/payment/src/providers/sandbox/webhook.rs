//! What the sandbox tells, read as a stranger's: signed over time and body.

use serde::Deserialize;
use stoa_kit::time::unix_now;
use uuid::Uuid;

use super::Sandbox;
use crate::providers::sign::Stamped;
use crate::providers::webhook::{Incoming, Rejected, Subject, Told};
use crate::store::legs;

/// The header with the signature: `t=<seconds>,v1=<hexadecimal HMAC-SHA-256 of "t.body">`.
pub const SIGNATURE: &str = "sandbox-signature";

#[derive(Debug, Deserialize)]
struct Event {
    id: Uuid,
    #[serde(rename = "type")]
    kind: String,
    /// The sandbox's name for the payment.
    payment: Uuid,
    /// Ours.
    reference: Uuid,
    amount: i64,
    currency: String,
}

impl Sandbox {
    /// What a message says.
    pub fn read_webhook(&self, incoming: &Incoming<'_>) -> Result<Told, Rejected> {
        let signed = incoming
            .header(SIGNATURE)
            .and_then(Stamped::read)
            .is_some_and(|stamp| stamp.is_right(&self.secret, incoming.body, unix_now()));
        if !signed {
            return Err(Rejected::Signature);
        }
        let event: Event = serde_json::from_slice(incoming.body)
            .map_err(|e| Rejected::Malformed(e.to_string()))?;
        let kind = match event.kind.as_str() {
            "payment.paid" => legs::Told::Settled,
            "payment.declined" => legs::Told::Failed,
            _ => legs::Told::Other,
        };
        Ok(Told {
            event_id: event.id.to_string(),
            kind,
            subject: Subject::Leg(event.reference),
            provider_ref: Some(event.payment.to_string()),
            amount: event.amount,
            currency: event.currency,
            reason: (kind == legs::Told::Failed).then(|| "The sandbox declined.".into()),
            refund_leg: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::*;
    use crate::providers::sandbox::example;
    use crate::providers::sign::stamp;

    fn body(kind: &str) -> String {
        json!({
            "id": Uuid::nil(), "type": kind, "payment": Uuid::nil(), "reference": Uuid::nil(),
            "amount": 500, "currency": "USD",
        })
        .to_string()
    }

    fn read(header: Option<String>, body: &str) -> Result<Told, Rejected> {
        let mut headers = HeaderMap::new();
        if let Some(value) = header.and_then(|h| h.parse().ok()) {
            headers.insert(SIGNATURE, value);
        }
        example().read_webhook(&Incoming {
            headers: &headers,
            query: "",
            body: body.as_bytes(),
        })
    }

    #[test]
    fn a_signed_one_is_read() {
        let paid = body("payment.paid");
        let told = read(Some(stamp("a secret", unix_now(), paid.as_bytes())), &paid).expect("read");
        assert_eq!((told.kind, told.amount), (legs::Told::Settled, 500));
        let declined = body("payment.declined");
        let told = read(
            Some(stamp("a secret", unix_now(), declined.as_bytes())),
            &declined,
        )
        .expect("read");
        assert_eq!(told.kind, legs::Told::Failed);
    }

    #[test]
    fn forged_stale_and_changed_ones_are_not() {
        let paid = body("payment.paid");
        let good = stamp("a secret", unix_now(), paid.as_bytes());
        let changed = paid.replace("500", "5");
        for (header, body) in [
            (None, paid.as_str()),
            (Some(stamp("another", unix_now(), paid.as_bytes())), &paid),
            (
                Some(stamp("a secret", unix_now() - 400, paid.as_bytes())),
                &paid,
            ),
            (Some(good.clone()), &changed),
        ] {
            assert_eq!(read(header, body), Err(Rejected::Signature));
        }
        let rubbish = stamp("a secret", unix_now(), b"{}");
        assert!(matches!(
            read(Some(rubbish), "{}"),
            Err(Rejected::Malformed(_))
        ));
    }
}
