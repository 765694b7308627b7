//! The sandbox: a provider of our own, with a page on which somebody decides how a payment goes.
//!
//! It stands outside, as others do: it has tables of its own, and what it has to tell comes in by signed
//! webhooks, through the same door as theirs. Three names lead to it: `sandbox` has the page;
//! `sandbox_instant` settles when it is asked to collect, for benchmarks and scripts; `sandbox_decline`
//! declines then. A saved method whose token is one of the two does the same at `sandbox`.

pub mod sender;
pub mod webhook;

use stoa_kit::pg::DbError;
use uuid::Uuid;

use super::catalogue::{configured, url};
use super::{CallError, Charge, Created, LegRef, Part, Refunded, Standing};
use crate::store::sandbox::{self as store, Given, NewPayment, State};

pub use sender::{deliver, send_due};

pub const NAME: &str = "sandbox";
pub const INSTANT: &str = "sandbox_instant";
pub const DECLINE: &str = "sandbox_decline";

/// The name by which the configuration knows a provider.
#[must_use]
pub fn listed_as(name: &str) -> &str {
    match name {
        INSTANT | DECLINE => NAME,
        other => other,
    }
}

/// The sandbox with the secret of the configuration.
#[derive(Clone)]
pub struct Sandbox {
    name: &'static str,
    secret: String,
    public_url: String,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl From<DbError> for CallError {
    fn from(error: DbError) -> Self {
        Self::Unknown(error.to_string())
    }
}

impl Sandbox {
    /// `None`: its secret is missing.
    pub async fn configured(name: &str) -> Option<Self> {
        Some(Self {
            name: match name {
                INSTANT => INSTANT,
                DECLINE => DECLINE,
                _ => NAME,
            },
            secret: configured("sandbox_secret").await?,
            public_url: url("public_url").await?,
        })
    }

    /// The name that it was asked for by.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// See [`super::Provider::create`].
    pub async fn create(&self, charge: &Charge) -> Result<Created, CallError> {
        let how = match charge.method_token.as_deref() {
            Some(token) if self.name == NAME => token,
            _ => self.name,
        };
        let choice = match how {
            INSTANT => Some("instant"),
            DECLINE => Some("instant_decline"),
            _ => None,
        };
        let made = store::create(&NewPayment {
            // Nobody can guess it, so that only who was sent to its page gets there.
            id: Uuid::new_v4(),
            leg: charge.leg,
            session: charge.session,
            amount: charge.amount,
            currency: &charge.currency,
            description: &charge.description,
            return_url: charge.return_url.as_deref(),
            choice,
        })
        .await?;
        Ok(match made.state {
            // A page's payment is settled by its webhook only.
            State::Paid if choice.is_some() => Created::Settled {
                provider_ref: made.id.to_string(),
            },
            State::Open | State::Paid => Created::Pending {
                provider_ref: Some(made.id.to_string()),
                pay_url: Some(format!("{}/sandbox/payments/{}", self.public_url, made.id)),
                client_data: None,
            },
            State::Declined => Created::Declined("The sandbox declined.".into()),
            State::Cancelled => Created::Declined("The payment was cancelled.".into()),
        })
    }

    /// See [`super::Provider::cancel`].
    pub async fn cancel(&self, leg: &LegRef) -> Result<(), CallError> {
        match store::cancel(Uuid::new_v4(), leg.leg, leg.amount, &leg.currency).await? {
            State::Paid => Err(CallError::Refused("it is paid".into())),
            _ => Ok(()),
        }
    }

    /// See [`super::Provider::refund`].
    pub async fn refund(&self, leg: &LegRef, part: &Part) -> Result<Refunded, CallError> {
        match store::refund(part.id, leg.leg, part.amount).await? {
            Given::Done => Ok(Refunded::Done {
                provider_ref: part.id.to_string(),
            }),
            refused => Err(CallError::Refused(format!(
                "the sandbox gives nothing back: {refused:?}"
            ))),
        }
    }

    /// See [`super::Provider::refund_status`].
    pub async fn refund_status(&self, refund_leg: Uuid) -> Result<Option<Refunded>, CallError> {
        Ok(store::was_refunded(refund_leg)
            .await?
            .then(|| Refunded::Done {
                provider_ref: refund_leg.to_string(),
            }))
    }

    /// See [`super::Provider::status`].
    pub async fn status(&self, leg: &LegRef) -> Result<Standing, CallError> {
        let Some(payment) = store::of_leg(leg.leg).await? else {
            return Ok(Standing::Unknown);
        };
        Ok(match payment.state {
            State::Open => Standing::Pending,
            State::Paid => Standing::Settled {
                provider_ref: payment.id.to_string(),
                amount: payment.taken,
                currency: payment.currency,
            },
            State::Declined => Standing::Failed("The sandbox declined.".into()),
            State::Cancelled => Standing::Failed("The payment was cancelled.".into()),
        })
    }
}

#[cfg(test)]
pub(super) fn example() -> Sandbox {
    Sandbox {
        name: NAME,
        secret: "a secret".into(),
        public_url: "https://shop.example".into(),
    }
}
