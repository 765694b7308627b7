//! What Stripe tells of its own accord.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::objects::Intent;
use super::units::from_stripe;
use crate::providers::webhook::{Rejected, Subject, Told};
use crate::store::legs;

#[derive(Debug, Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    object: Value,
}

#[derive(Debug, Deserialize)]
struct Dispute {
    id: String,
    amount: i64,
    currency: String,
    payment_intent: Option<String>,
}

/// What an event, whose signature is right, says of whom. `None`: nothing that concerns us.
pub fn read(body: &[u8]) -> Result<Option<Told>, Rejected> {
    let event: Event = parse(serde_json::from_slice(body))?;
    let intent = |kind: legs::Told| -> Result<Option<Told>, Rejected> {
        let intent: Intent = parse(serde_json::from_value(event.data.object.clone()))?;
        let amount = match kind {
            legs::Told::Settled => intent.amount_received,
            _ => intent.amount,
        };
        let reason = intent.last_payment_error.as_ref().map(super::Failure::text);
        told(&event.id, kind, &intent, amount, reason)
    };
    match event.kind.as_str() {
        "payment_intent.succeeded" => intent(legs::Told::Settled),
        "payment_intent.payment_failed" | "payment_intent.canceled" => intent(legs::Told::Failed),
        "payment_intent.processing" => intent(legs::Told::Other),
        "charge.dispute.created" => {
            let dispute: Dispute = parse(serde_json::from_value(event.data.object))?;
            let Some(reference) = dispute.payment_intent else {
                return Ok(None);
            };
            let (amount, currency) = money(dispute.amount, &dispute.currency)?;
            Ok(Some(Told {
                event_id: event.id,
                kind: legs::Told::ChargedBack,
                subject: Subject::Reference(reference),
                provider_ref: None,
                amount,
                currency,
                reason: Some(format!("dispute {}", dispute.id)),
            }))
        }
        "charge.refunded" | "charge.refund.updated" | "refund.updated" | "refund.failed" => {
            refund(event.id, &event.data.object)
        }
        _ => Ok(None),
    }
}

fn told(
    event_id: &str,
    kind: legs::Told,
    intent: &Intent,
    amount: i64,
    reason: Option<String>,
) -> Result<Option<Told>, Rejected> {
    // An intent without a leg was made by somebody else with the same account.
    let Some(leg) = leg_of(intent.metadata.leg.as_deref()) else {
        return Ok(None);
    };
    let (amount, currency) = money(amount, &intent.currency)?;
    Ok(Some(Told {
        event_id: event_id.to_owned(),
        kind,
        subject: Subject::Leg(leg),
        provider_ref: Some(intent.id.clone()),
        amount,
        currency,
        reason,
    }))
}

/// Refunds are asked for by their keys, so that this is noted and no more: a charge with all its refunds,
/// or one refund.
fn refund(event_id: String, object: &Value) -> Result<Option<Told>, Rejected> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let Some(reference) = text("payment_intent") else {
        return Ok(None);
    };
    let amount = object
        .get("amount_refunded")
        .or_else(|| object.get("amount"))
        .and_then(Value::as_i64)
        .unwrap_or_default();
    let (amount, currency) = money(amount, text("currency").unwrap_or_default())?;
    Ok(Some(Told {
        event_id,
        kind: legs::Told::Other,
        subject: Subject::Reference(reference.to_owned()),
        provider_ref: None,
        amount,
        currency,
        reason: text("failure_reason").map(str::to_owned),
    }))
}

fn leg_of(text: Option<&str>) -> Option<Uuid> {
    Uuid::try_parse(text?).ok()
}

fn money(amount: i64, currency: &str) -> Result<(i64, String), Rejected> {
    let currency = currency.to_ascii_uppercase();
    from_stripe(amount, &currency)
        .map(|amount| (amount, currency))
        .ok_or_else(|| Rejected::Malformed("an amount that is none".into()))
}

fn parse<T>(read: Result<T, serde_json::Error>) -> Result<T, Rejected> {
    read.map_err(|e| Rejected::Malformed(e.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LEG: &str = "018f0000-0000-7000-8000-000000000001";

    fn event(kind: &str, object: Value) -> Result<Option<Told>, Rejected> {
        let event =
            json!({"id": "evt_1", "object": "event", "type": kind, "data": {"object": object}});
        read(event.to_string().as_bytes())
    }

    #[test]
    fn a_payment_says_what_was_received_in_our_units() {
        let object = json!({
            "id": "pi_1", "amount": 700, "amount_received": 500, "currency": "isk", "status": "succeeded",
            "metadata": {"leg": LEG},
        });
        let told = event("payment_intent.succeeded", object)
            .expect("read")
            .expect("ours");
        assert_eq!(told.kind, legs::Told::Settled);
        assert_eq!((told.amount, told.currency.as_str()), (5, "ISK"));
        assert_eq!(told.event_id, "evt_1");
        assert_eq!(told.provider_ref.as_deref(), Some("pi_1"));
        assert_eq!(told.subject, Subject::Leg(LEG.parse().expect("an id")));
    }

    #[test]
    fn failures_carry_their_reason() {
        let object = json!({
            "id": "pi_1", "amount": 500, "currency": "usd", "metadata": {"leg": LEG},
            "last_payment_error": {"message": "Your card was declined."},
        });
        let told = event("payment_intent.payment_failed", object)
            .expect("read")
            .expect("ours");
        assert_eq!(told.kind, legs::Told::Failed);
        assert_eq!(told.reason.as_deref(), Some("Your card was declined."));
    }

    #[test]
    fn disputes_name_the_payment() {
        let object =
            json!({"id": "dp_1", "amount": 500, "currency": "usd", "payment_intent": "pi_1"});
        let told = event("charge.dispute.created", object)
            .expect("read")
            .expect("ours");
        assert_eq!(told.kind, legs::Told::ChargedBack);
        assert_eq!(told.subject, Subject::Reference("pi_1".into()));
    }

    #[test]
    fn what_is_not_ours_is_nothing() {
        assert!(matches!(
            event("customer.created", json!({"id": "cus_1"})),
            Ok(None)
        ));
        let strange = json!({"id": "pi_1", "amount": 5, "currency": "usd", "metadata": {}});
        assert!(matches!(
            event("payment_intent.succeeded", strange),
            Ok(None)
        ));
    }

    #[test]
    fn rubbish_is_refused() {
        assert!(read(b"").is_err() && read(b"{}").is_err() && read(b"[]").is_err());
        assert!(event("payment_intent.succeeded", json!([])).is_err());
        let money = json!({"id": "pi_1", "amount_received": 5, "currency": "zzz", "metadata": {"leg": LEG}});
        assert!(event("payment_intent.succeeded", money).is_err());
    }
}
