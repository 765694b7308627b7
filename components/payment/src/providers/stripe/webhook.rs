//! What Stripe tells of its own accord.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::objects::{Intent, Refund};
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

/// A payer's bank asks for the money back.
#[derive(Debug, Deserialize)]
struct Dispute {
    id: String,
    amount: i64,
    currency: String,
    payment_intent: Option<String>,
    #[serde(default)]
    balance_transactions: Vec<Movement>,
}

/// What a dispute did to the account at Stripe, in the currency of that account.
#[derive(Debug, Deserialize)]
struct Movement {
    amount: i64,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    created: i64,
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
        "charge.dispute.funds_withdrawn" => {
            dispute(event.id, event.data.object, legs::Told::ChargedBack)
        }
        "charge.dispute.funds_reinstated" => {
            dispute(event.id, event.data.object, legs::Told::Reinstated)
        }
        "charge.dispute.created" | "charge.dispute.updated" | "charge.dispute.closed" => {
            dispute(event.id, event.data.object, legs::Told::Other)
        }
        "charge.refunded" => refunded(event.id, &event.data.object),
        "refund.failed" | "refund.updated" | "charge.refund.updated" => {
            refund(event.id, event.data.object)
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
        refund_leg: None,
    }))
}

/// Only money that moves is more than news: a dispute may begin, and end, without any.
fn dispute(event_id: String, object: Value, kind: legs::Told) -> Result<Option<Told>, Rejected> {
    let dispute: Dispute = parse(serde_json::from_value(object))?;
    let Some(reference) = &dispute.payment_intent else {
        return Ok(None);
    };
    let amount = match kind {
        legs::Told::ChargedBack => dispute.moved(-1),
        legs::Told::Reinstated => dispute.moved(1),
        _ => dispute.amount,
    };
    let (amount, currency) = money(amount, &dispute.currency)?;
    Ok(Some(Told {
        event_id,
        kind,
        subject: Subject::Reference(reference.clone()),
        provider_ref: None,
        amount,
        currency,
        reason: Some(format!("dispute {}", dispute.id)),
        refund_leg: None,
    }))
}

impl Dispute {
    /// How much went away (-1) or came back (1) last: not always what is disputed, such as of a payment of
    /// which a part was refunded. Where the account has another currency the dispute's amount has to do.
    fn moved(&self, direction: i64) -> i64 {
        self.balance_transactions
            .iter()
            .filter(|it| it.amount.signum() == direction)
            .filter(|it| it.currency.eq_ignore_ascii_case(&self.currency))
            .max_by_key(|it| it.created)
            .and_then(|it| it.amount.checked_abs())
            .unwrap_or(self.amount)
    }
}

/// A charge with all that was refunded of it: noted and no more, since refunds are asked for by their keys.
fn refunded(event_id: String, object: &Value) -> Result<Option<Told>, Rejected> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let Some(reference) = text("payment_intent") else {
        return Ok(None);
    };
    let amount = object.get("amount_refunded").and_then(Value::as_i64);
    let (amount, currency) = money(
        amount.unwrap_or_default(),
        text("currency").unwrap_or_default(),
    )?;
    Ok(Some(Told {
        event_id,
        kind: legs::Told::Other,
        subject: Subject::Reference(reference.to_owned()),
        provider_ref: None,
        amount,
        currency,
        reason: None,
        refund_leg: None,
    }))
}

/// One refund. That it failed is told days after it was made, if at all.
fn refund(event_id: String, object: Value) -> Result<Option<Told>, Rejected> {
    let refund: Refund = parse(serde_json::from_value(object))?;
    let Some(reference) = refund.payment_intent else {
        return Ok(None);
    };
    let failed = matches!(refund.status.as_deref(), Some("failed" | "canceled"));
    // One that somebody made by hand is none of ours.
    let refund_leg = leg_of(refund.metadata.refund_leg.as_deref()).filter(|_| failed);
    let (amount, currency) = money(refund.amount, &refund.currency)?;
    Ok(Some(Told {
        event_id,
        kind: match refund_leg {
            Some(_) => legs::Told::RefundFailed,
            None => legs::Told::Other,
        },
        subject: match leg_of(refund.metadata.leg.as_deref()) {
            Some(leg) => Subject::Leg(leg),
            None => Subject::Reference(reference),
        },
        provider_ref: None,
        amount,
        currency,
        reason: refund
            .failure_reason
            .map(|reason| format!("it failed at Stripe: {reason}")),
        refund_leg,
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
    fn a_dispute_is_money_only_when_money_moves() {
        let moved = |amount: i64, currency: &str, created: i64| json!({"amount": amount, "currency": currency, "created": created});
        let object = json!({
            "id": "dp_1", "amount": 500, "currency": "usd", "payment_intent": "pi_1",
            "balance_transactions": [moved(-500, "usd", 1), moved(300, "usd", 2), moved(9, "eur", 3)],
        });
        for (kind, told, amount) in [
            ("created", legs::Told::Other, 500),
            ("funds_withdrawn", legs::Told::ChargedBack, 500),
            ("funds_reinstated", legs::Told::Reinstated, 300),
            ("closed", legs::Told::Other, 500),
        ] {
            let read = event(&format!("charge.dispute.{kind}"), object.clone())
                .expect("read")
                .expect("ours");
            assert_eq!((read.kind, read.amount), (told, amount), "{kind}");
            assert_eq!(read.subject, Subject::Reference("pi_1".into()));
        }
        let bare =
            json!({"id": "dp_1", "amount": 400, "currency": "usd", "payment_intent": "pi_1"});
        let read = event("charge.dispute.funds_withdrawn", bare)
            .expect("read")
            .expect("ours");
        assert_eq!(read.amount, 400);
    }

    #[test]
    fn a_refund_of_ours_that_failed_says_which() {
        let with = |status: &str, metadata: Value| {
            let object = json!({
                "id": "re_1", "amount": 500, "currency": "usd", "payment_intent": "pi_1", "status": status,
                "failure_reason": "lost_or_stolen_card", "metadata": metadata,
            });
            event("refund.updated", object)
                .expect("read")
                .expect("ours")
        };
        let part = "018f0000-0000-7000-8000-000000000002";
        let ours = json!({"leg": LEG, "refund_leg": part});
        for status in ["failed", "canceled"] {
            let told = with(status, ours.clone());
            assert_eq!(told.kind, legs::Told::RefundFailed);
            assert_eq!(told.refund_leg, part.parse().ok());
            assert_eq!(told.subject, Subject::Leg(LEG.parse().expect("an id")));
        }
        assert_eq!(with("succeeded", ours).kind, legs::Told::Other);
        let by_hand = with("failed", json!({}));
        assert_eq!(by_hand.kind, legs::Told::Other);
        assert_eq!(by_hand.subject, Subject::Reference("pi_1".into()));
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
