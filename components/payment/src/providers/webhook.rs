//! What providers tell of their own accord: checked, reported to the ledger, and answered in each
//! provider's own form.
//!
//! The route and the sandbox's own sender both come through [`take`].

use http::HeaderMap;
use serde_json::{Value, json};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::{Provider, existing, sepay, stripe, vnpay};
use crate::store::legs::{self, Report, Reported};
use crate::store::provider_refs;

/// Largest body that is looked at.
pub const BODY_LIMIT: usize = 256 << 10;
/// Longest texts that a provider may make us keep.
const TEXT_LIMIT: usize = 200;

/// A request as it came.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    pub headers: &'a HeaderMap,
    pub query: &'a str,
    pub body: &'a [u8],
}

impl Incoming<'_> {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Which attempt a provider speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Leg(Uuid),
    /// By the provider's own name for it.
    Reference(String),
}

/// What a provider says, in our terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What makes it count once.
    pub event_id: String,
    pub kind: legs::Told,
    pub subject: Subject,
    pub provider_ref: Option<String>,
    /// Minor units.
    pub amount: i64,
    pub currency: String,
    pub reason: Option<String>,
    /// Of [`legs::Told::RefundFailed`]: which part of which refund.
    pub refund_leg: Option<Uuid>,
}

/// Why a message is not heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejected {
    /// It is not signed, not by the provider, or too long ago.
    Signature,
    /// It is signed, and makes no sense; the text is for the log.
    Malformed(String),
}

/// The answer to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub body: Value,
    /// Whether something was set in motion.
    pub moved: bool,
}

/// What came of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Reported(Reported),
    /// It concerns nothing of ours.
    NotOurs,
}

/// Takes what `name` tells.
///
/// # Errors
/// `not_found` when there is no such provider, `body_too_large`, `bad_signature`, `malformed_request`, and
/// `unavailable` when it should be told again. A provider whose answers have a form of their own gets
/// all of them in that form.
pub async fn take(name: &str, incoming: Incoming<'_>) -> Result<Reply> {
    let provider = existing(name).await.map_err(|_| Error::not_found())?;
    if incoming.body.len() > BODY_LIMIT || incoming.query.len() > BODY_LIMIT {
        return Err(Error::problem("body_too_large"));
    }
    let read = match &provider {
        Provider::Sandbox(it) => it.read_webhook(&incoming).map(Some),
        Provider::Stripe(_) => {
            let secret = super::catalogue::configured("stripe_webhook_secret").await;
            stripe_message(secret.as_deref().unwrap_or_default(), &incoming)
        }
        Provider::Vnpay(it) => it.read_ipn(incoming.query).map(Some),
        Provider::Sepay(it) => it.read_ipn(&incoming),
    };
    let outcome = match read {
        Ok(Some(told)) => report(provider.name(), told).await,
        Ok(None) => Ok(Outcome::NotOurs),
        Err(rejected) => {
            let why = match &rejected {
                Rejected::Signature => "its signature is missing, wrong or too old",
                Rejected::Malformed(text) => text.as_str(),
            };
            eprintln!("payment: a webhook of {name} is not heard: {why:?}");
            return match provider {
                Provider::Vnpay(_) => Ok(vnpay::ipn::rejected(&rejected)),
                _ => Err(match rejected {
                    Rejected::Signature => Error::problem("bad_signature"),
                    Rejected::Malformed(_) => Error::problem("malformed_request"),
                }),
            };
        }
    };
    match provider {
        Provider::Vnpay(_) => Ok(vnpay::ipn::reply(&outcome)),
        Provider::Sepay(_) => outcome.map(sepay::ipn::reply),
        _ => outcome.map(|outcome| Reply {
            body: json!({"received": true, "outcome": outcome.as_str()}),
            moved: outcome.moved(),
        }),
    }
}

fn stripe_message(secret: &str, incoming: &Incoming<'_>) -> Result<Option<Told>, Rejected> {
    let signed = incoming
        .header("stripe-signature")
        .and_then(super::sign::Stamped::read)
        .is_some_and(|stamp| stamp.is_right(secret, incoming.body, stoa_kit::time::unix_now()));
    if !signed {
        return Err(Rejected::Signature);
    }
    stripe::webhook::read(incoming.body)
}

impl Outcome {
    pub(super) fn moved(self) -> bool {
        matches!(
            self,
            Self::Reported(
                Reported::Settled
                    | Reported::Failed
                    | Reported::Late
                    | Reported::ChargedBack
                    | Reported::Reinstated
                    | Reported::RefundFailed
            )
        )
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::NotOurs => "not_ours",
            Self::Reported(reported) => match reported {
                Reported::Settled => "settled",
                Reported::Late => "late",
                Reported::Duplicate => "duplicate",
                Reported::AmountMismatch => "amount_mismatch",
                Reported::UnknownLeg => "unknown_reference",
                Reported::Failed => "failed",
                Reported::ChargedBack => "charged_back",
                Reported::Reinstated => "reinstated",
                Reported::RefundFailed => "refund_failed",
                Reported::UnmatchedReturned => "unmatched_returned",
                Reported::TooEarly => "too_early",
                Reported::Ignored => "ignored",
            },
        }
    }
}

async fn report(provider: &str, told: Told) -> Result<Outcome> {
    let leg = match &told.subject {
        Subject::Leg(leg) => Some(*leg),
        Subject::Reference(reference) => provider_refs::leg_of(provider, reference).await?,
    };
    let reported = match leg {
        Some(leg) => legs::report(&as_report(provider, leg, &told)).await?,
        None => Reported::UnknownLeg,
    };
    if matches!(
        reported,
        Reported::AmountMismatch
            | Reported::UnknownLeg
            | Reported::Late
            | Reported::ChargedBack
            | Reported::Reinstated
            | Reported::RefundFailed
            | Reported::UnmatchedReturned
            | Reported::TooEarly
    ) {
        eprintln!(
            "payment: event {} of {provider} about {:?}, {} {}: {reported:?}",
            plain(&told.event_id),
            told.subject,
            told.amount,
            plain(&told.currency),
        );
    }
    if reported == Reported::TooEarly {
        // What it follows is on its way, perhaps. Providers tell again what was not taken.
        return Err(Error::Unavailable(format!(
            "{provider} tells what cannot be yet"
        )));
    }
    Ok(Outcome::Reported(reported))
}

fn as_report(provider: &str, leg: Uuid, told: &Told) -> Report {
    Report {
        provider: provider.to_owned(),
        event_id: plain(&told.event_id),
        kind: told.kind,
        leg,
        provider_ref: told.provider_ref.as_deref().map(plain),
        amount: told.amount,
        currency: plain(&told.currency),
        reason: told.reason.as_deref().map(plain),
        refund_leg: told.refund_leg,
    }
}

/// A text of a stranger's as it may be stored: not long, and no control characters.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(TEXT_LIMIT)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_strangers_are_cut_and_cleaned() {
        assert_eq!(plain("a\u{0}b\nc"), "abc");
        assert_eq!(plain(&"x".repeat(1000)).len(), TEXT_LIMIT);
    }

    #[test]
    fn an_unsigned_message_of_stripes_is_not_read() {
        let body = br#"{"id":"evt_1","type":"customer.created","data":{"object":{}}}"#;
        let now = stoa_kit::time::unix_now();
        let with = |header: Option<String>, secret: &str| {
            let mut headers = HeaderMap::new();
            if let Some(value) = header.and_then(|h| h.parse().ok()) {
                headers.insert("stripe-signature", value);
            }
            let incoming = Incoming {
                headers: &headers,
                query: "",
                body,
            };
            stripe_message(secret, &incoming)
        };
        let stamp = |secret: &str, at: u64| Some(super::super::sign::stamp(secret, at, body));
        assert_eq!(with(stamp("s", now), "s"), Ok(None));
        for (header, secret) in [
            (None, "s"),
            (stamp("other", now), "s"),
            (stamp("", now), ""),
            (stamp("s", now - 301), "s"),
            (stamp("s", now + 400), "s"),
            (Some("v1=00".to_owned()), "s"),
        ] {
            assert_eq!(with(header, secret), Err(Rejected::Signature));
        }
    }
}
