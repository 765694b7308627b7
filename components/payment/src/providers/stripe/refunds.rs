//! Refunds at Stripe, found again by their metadata.
//!
//! Stripe forgets an idempotency key after a day, and repeats what it answered to it until then, failures
//! included. So a refund is looked for among those of the payment before it is asked for.

use super::objects::{Failure, List, Refund};
use super::{Stripe, encode, failure, shown, stripes};
use crate::providers::{CallError, LegRef, Part, Refunded};

/// Pages of a hundred refunds of one payment that are looked through.
const MOST_PAGES: usize = 20;

impl Stripe {
    /// See [`crate::providers::Provider::refund`].
    pub async fn refund(&self, leg: &LegRef, part: &Part) -> Result<Refunded, CallError> {
        let Some(intent) = self.intent_id(leg).await? else {
            return Err(CallError::Unknown("Stripe shows no such payment".into()));
        };
        if let Some(made) = self.find_refund(&intent, part).await? {
            return Ok(made);
        }
        let form = [
            ("payment_intent", intent),
            ("amount", stripes(part.amount, &leg.currency)?.to_string()),
            ("reason", "requested_by_customer".into()),
            ("metadata[leg]", leg.leg.to_string()),
            ("metadata[refund_leg]", part.id.to_string()),
            ("metadata[reason]", part.reason.chars().take(500).collect()),
        ];
        let answer = self.post("/v1/refunds", &form, part.id).await?;
        if answer.is_success() {
            return Ok(given(answer.json()?));
        }
        Err(refused(answer.status, &failure(&answer)))
    }

    /// See [`crate::providers::Provider::refund_status`].
    pub async fn refund_status(
        &self,
        leg: &LegRef,
        part: &Part,
    ) -> Result<Option<Refunded>, CallError> {
        match self.intent_id(leg).await? {
            Some(intent) => self.find_refund(&intent, part).await,
            None => Ok(None),
        }
    }

    async fn find_refund(&self, intent: &str, part: &Part) -> Result<Option<Refunded>, CallError> {
        let wanted = part.id.to_string();
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut query = vec![("payment_intent", intent), ("limit", "100")];
            query.extend(after.as_deref().map(|id| ("starting_after", id)));
            let path = format!("/v1/refunds?{}", encode(&query));
            let page: List<Refund> = shown(self.get(&path).await?)?;
            let last = page.data.last().map(|refund| refund.id.clone());
            let found = page
                .data
                .into_iter()
                .find(|refund| refund.metadata.refund_leg.as_deref() == Some(&wanted));
            if let Some(refund) = found {
                return Ok(Some(given(refund)));
            }
            match last {
                Some(last) if page.has_more => after = Some(last),
                _ => return Ok(None),
            }
        }
        Err(CallError::Unknown(
            "Stripe shows too many refunds of one payment".into(),
        ))
    }
}

/// A refusal is final only where Stripe says that the money cannot go back. Of a payment that was refunded
/// or disputed before, by whomever, the payer may have it already: a person has to look.
fn refused(status: u16, failure: &Failure) -> CallError {
    let code = failure.code.as_deref();
    let text = format!(
        "Stripe answered {status} {}: {}",
        code.unwrap_or(&failure.kind),
        failure.text()
    );
    if code == Some("charge_not_refundable") {
        CallError::Refused(text)
    } else {
        CallError::Unknown(text)
    }
}

fn given(refund: Refund) -> Refunded {
    match refund.status.as_deref() {
        Some("succeeded") => Refunded::Done {
            provider_ref: refund.id,
        },
        Some("failed" | "canceled") => Refunded::Failed {
            reason: format!(
                "the refund failed at Stripe: {}",
                refund.failure_reason.as_deref().unwrap_or("unknown")
            ),
            provider_ref: refund.id,
        },
        _ => Refunded::Pending {
            provider_ref: Some(refund.id),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refunds_are_done_under_way_or_failed() {
        let refund = |status: &str| {
            given(
                serde_json::from_value(json!({"id": "re_1", "status": status, "metadata": {}}))
                    .expect("a refund"),
            )
        };
        let provider_ref = || "re_1".to_owned();
        assert_eq!(
            refund("succeeded"),
            Refunded::Done {
                provider_ref: provider_ref()
            }
        );
        for status in ["pending", "requires_action"] {
            let provider_ref = Some(provider_ref());
            assert_eq!(refund(status), Refunded::Pending { provider_ref });
        }
        for status in ["failed", "canceled"] {
            assert!(matches!(refund(status), Refunded::Failed { .. }));
        }
    }

    #[test]
    fn nothing_but_the_end_of_the_money_is_a_refusal() {
        let read = |status: u16, kind: &str, code: Option<&str>| {
            let failure = Failure {
                kind: kind.into(),
                code: code.map(str::to_owned),
                message: None,
            };
            matches!(refused(status, &failure), CallError::Refused(_))
        };
        let request = "invalid_request_error";
        assert!(read(400, request, Some("charge_not_refundable")));
        for (status, kind, code) in [
            (400, request, Some("charge_already_refunded")),
            (400, request, Some("charge_disputed")),
            (400, request, Some("refund_disputed_payment")),
            (400, request, Some("amount_too_large")),
            (400, request, None),
            (400, "idempotency_error", None),
            (404, request, Some("resource_missing")),
            (409, "idempotency_error", Some("idempotency_key_in_use")),
            (400, request, Some("lock_timeout")),
            (403, request, None),
        ] {
            assert!(!read(status, kind, code), "{status} {code:?}");
        }
    }
}
