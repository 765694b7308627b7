//! Who is paid: the providers behind one interface.
//!
//! A provider is told of a charge by the id of its leg and of a refund by the id of its refund leg, and
//! is asked again by the same ids: whoever got no answer may repeat every call here. What a provider
//! tells of its own accord comes in by [`webhook::take`]. See "Providers" in the README.
//!
//! Only what a provider itself says for good is a refusal. Silence, a fault, too many questions, keys that
//! are wrong and answers that contradict our books are unknown: somebody asks again, and at last looks.

pub mod catalogue;
pub mod form;
pub mod methods;
pub mod return_url;
pub mod sandbox;
pub mod sepay;
pub mod sign;
pub mod stripe;
pub mod vnpay;
pub mod webhook;

use chrono::{DateTime, Utc};
use serde_json::Value;
use stoa_kit::outbound;
use uuid::Uuid;

pub use catalogue::{existing, find, keeper};

/// What a provider is asked to collect.
#[derive(Debug, Clone)]
pub struct Charge {
    /// The attempt, and the provider's idempotency key.
    pub leg: Uuid,
    /// The checkout.
    pub session: Uuid,
    /// Minor units by ISO 4217; providers translate into their own.
    pub amount: i64,
    pub currency: String,
    /// For the buyer's statement and the provider's page.
    pub description: String,
    /// Where the buyer is sent back to: a path of the shop or a URL that begins with the shop's own. What
    /// [`return_url::allowed`] does not allow is left out.
    pub return_url: Option<String>,
    /// The provider's token of a saved method.
    pub method_token: Option<String>,
    pub client_ip: Option<String>,
    pub expires_at: DateTime<Utc>,
}

/// An attempt that a provider knows already.
#[derive(Debug, Clone)]
pub struct LegRef {
    pub leg: Uuid,
    pub provider_ref: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub created_at: DateTime<Utc>,
}

/// A part of a refund, as the provider of its payment is asked for it.
#[derive(Debug, Clone)]
pub struct Part {
    /// The refund leg, and the provider's idempotency key.
    pub id: Uuid,
    pub amount: i64,
    pub reason: String,
    /// When its turn came, Unix seconds by a real clock: nobody has asked for it before.
    pub begun_at: i64,
    /// The provider's name for it, where it has said so.
    pub provider_ref: Option<String>,
    /// The provider's names for all other refunds of the payment.
    pub others: Vec<String>,
}

/// What became of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// The money is there.
    Settled { provider_ref: String },
    /// The buyer has to do something, or the provider has.
    Pending {
        provider_ref: Option<String>,
        /// Where the buyer pays.
        pay_url: Option<String>,
        /// For the buyer's page; no secret of ours.
        client_data: Option<Value>,
    },
    /// It said no; why, for the buyer.
    Declined(String),
}

/// How an attempt stands at its provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The money is there; how much, as the provider says, in minor units.
    Settled {
        provider_ref: String,
        amount: i64,
        currency: String,
    },
    /// It may still be paid.
    Pending,
    /// It will not be; why, for the buyer.
    Failed(String),
    /// The provider has never heard of it, or cannot say.
    Unknown,
}

/// How a refund stands at its provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refunded {
    Done {
        provider_ref: String,
    },
    /// Ask again.
    Pending {
        provider_ref: Option<String>,
    },
    /// It was made, and has come to nothing: the provider has the money again.
    Failed {
        provider_ref: String,
        /// For the log and for moderators.
        reason: String,
    },
}

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No answer, or none that means anything: whether it happened is unknown. Ask again with the same
    /// ids. The text is for the log.
    #[error("no answer: {0}")]
    Unknown(String),
    /// It will not do it, however often it is asked, and says so itself. The text is for the log and for
    /// moderators.
    #[error("refused: {0}")]
    Refused(String),
}

/// Why a provider cannot be used; a text for the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub String);

impl From<outbound::Error> for CallError {
    fn from(error: outbound::Error) -> Self {
        // What was not done this time may be the next time; either way somebody asks again.
        Self::Unknown(error.to_string())
    }
}

/// Whether a provider of that name can tell refunds of one payment apart only if they come one after
/// another.
#[must_use]
pub fn one_refund_at_a_time(name: &str) -> bool {
    name == vnpay::NAME
}

/// A provider: [`find`] gives those that new payments may use, [`existing`] that of a payment.
#[derive(Debug, Clone)]
pub enum Provider {
    Sandbox(sandbox::Sandbox),
    Stripe(stripe::Stripe),
    Vnpay(vnpay::Vnpay),
    Sepay(sepay::Sepay),
}

impl Provider {
    /// Its name, as legs have it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sandbox(sandbox) => sandbox.name(),
            Self::Stripe(_) => stripe::NAME,
            Self::Vnpay(_) => vnpay::NAME,
            Self::Sepay(_) => sepay::NAME,
        }
    }

    /// Begins to collect. May be repeated with the same charge, and begins once.
    ///
    /// # Errors
    /// [`CallError`]; what the buyer or the bank declines is [`Created::Declined`].
    pub async fn create(&self, charge: &Charge) -> Result<Created, CallError> {
        let mut charge = charge.clone();
        charge.return_url = return_url::of_charge(charge.return_url.as_deref()).await;
        match self {
            Self::Sandbox(it) => it.create(&charge).await,
            Self::Stripe(it) => it.create(&charge).await,
            Self::Vnpay(it) => it.create(&charge),
            Self::Sepay(it) => it.create(&charge),
        }
    }

    /// Lets an attempt go, so that it cannot be paid any more where the provider knows such a thing.
    /// May be repeated; what was never heard of is let go too.
    ///
    /// # Errors
    /// [`CallError::Refused`]: it is paid.
    pub async fn cancel(&self, leg: &LegRef) -> Result<(), CallError> {
        match self {
            Self::Sandbox(it) => it.cancel(leg).await,
            Self::Stripe(it) => it.cancel(leg).await,
            // Its pages expire with the attempt.
            Self::Vnpay(_) => Ok(()),
            Self::Sepay(it) => it.cancel(leg).await,
        }
    }

    /// Whether nobody can pay an attempt any more that it was told to cancel.
    #[must_use]
    pub fn cancel_binds(&self, leg: &LegRef) -> bool {
        match self {
            Self::Sandbox(_) => true,
            // What nobody has a name for is only found by a search, which is behind.
            Self::Stripe(_) => leg.provider_ref.is_some(),
            // Whoever has a page open may pay, and transfers are under way for some time.
            Self::Vnpay(_) | Self::Sepay(_) => false,
        }
    }

    /// Gives back a part or all of a payment. May be repeated at any time with the same part, and gives
    /// once: where a provider forgets keys it is asked for what it has first.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn refund(&self, leg: &LegRef, part: &Part) -> Result<Refunded, CallError> {
        match self {
            Self::Sandbox(it) => it.refund(leg, part).await,
            Self::Stripe(it) => it.refund(leg, part).await,
            Self::Vnpay(it) => it.refund(leg, part).await,
            Self::Sepay(it) => it.refund(),
        }
    }

    /// How a part of a refund stands. `None`: the provider knows of none.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn refund_status(
        &self,
        leg: &LegRef,
        part: &Part,
    ) -> Result<Option<Refunded>, CallError> {
        match self {
            Self::Sandbox(it) => it.refund_status(part.id).await,
            Self::Stripe(it) => it.refund_status(leg, part).await,
            Self::Vnpay(it) => it.refund_status(leg, part).await,
            Self::Sepay(it) => it.refund().map(Some),
        }
    }

    /// Keeps a payer's card or account for later, for that account alone. May be repeated. `known`: what
    /// it returned for another one of theirs. The token that charges it.
    ///
    /// # Errors
    /// [`methods::NotKept`]
    pub async fn keep(
        &self,
        account: Uuid,
        known: Option<&str>,
        token: &str,
    ) -> Result<String, methods::NotKept> {
        match self {
            // It keeps what decides how a payment goes, and is nobody's.
            Self::Sandbox(_) => Ok(token.to_owned()),
            Self::Stripe(it) => it.keep(account, known, token).await,
            Self::Vnpay(_) | Self::Sepay(_) => Err(methods::NotKept::Nowhere),
        }
    }

    /// How an attempt stands.
    ///
    /// # Errors
    /// [`CallError::Unknown`]
    pub async fn status(&self, leg: &LegRef) -> Result<Standing, CallError> {
        match self {
            Self::Sandbox(it) => it.status(leg).await,
            Self::Stripe(it) => it.status(leg).await,
            Self::Vnpay(it) => it.status(leg).await,
            Self::Sepay(it) => it.status(leg).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_a_fault_nor_too_many_questions_are_a_refusal() {
        for error in [
            outbound::Error::Unknown("status 503".into()),
            outbound::Error::NotDone("it is busy (429)".into()),
        ] {
            assert!(matches!(CallError::from(error), CallError::Unknown(_)));
        }
    }
}
