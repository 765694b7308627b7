//! Between a session and the provider that is to be paid: for whoever opens attempts or gives them up.

use stoa_kit::local;
use stoa_kit::pg::DbError;

use crate::domain::states::{LegState, SessionState};
use crate::providers::{self, CallError, Charge, Created, LegRef, Provider, Standing, Unusable};
use crate::store::legs::{self, Attempt, Leg, Report, Told};
use crate::store::sessions::{self, Session};

/// What came of bringing an attempt to its provider.
#[derive(Debug)]
pub enum Charged {
    /// How the session stands: settled, or waiting for the payer, or closed meanwhile.
    Standing(Box<Session>),
    /// The provider declined: why, for the payer. The session may be paid otherwise.
    Declined(String),
}

/// Why it did not get that far. It may be repeated, with the same session.
#[derive(Debug)]
pub enum NotCharged {
    /// The provider did not answer: it may have the attempt, or not. For the log.
    Unknown(String),
    Db(DbError),
}

impl From<DbError> for NotCharged {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// Brings the newest attempt of a session to its provider, unless it is there already. The leg's id is
/// the provider's idempotency key, so that a repetition after a lost answer charges nobody twice.
pub async fn bring(session: Session, client_ip: Option<String>) -> Result<Charged, NotCharged> {
    let attempt = match &session.attempt {
        Some(attempt) if session.state == SessionState::Open => attempt,
        _ => return Ok(Charged::Standing(Box::new(session))),
    };
    match attempt.leg.state {
        LegState::Created => {}
        LegState::Failed => {
            let reason = attempt.leg.reason.clone().unwrap_or_default();
            return Ok(Charged::Declined(reason));
        }
        _ => return Ok(Charged::Standing(Box::new(session))),
    }
    let leg = attempt.leg.id;
    let name = attempt.leg.provider.as_deref().unwrap_or_default();
    let provider = match providers::find(name, &attempt.leg.currency).await {
        Ok(provider) => provider,
        Err(unusable) => return declined(leg, unusable.to_string()).await,
    };
    match local(provider.create(&charge(attempt, client_ip))).await {
        Ok(Created::Settled { provider_ref }) => {
            legs::report(&Report {
                provider: name.to_owned(),
                event_id: format!("created:{leg}"),
                kind: Told::Settled,
                leg,
                provider_ref: Some(provider_ref),
                amount: attempt.leg.amount,
                currency: attempt.leg.currency.clone(),
                reason: None,
                refund_leg: None,
            })
            .await?;
            let standing = sessions::get(session.id).await?;
            Ok(Charged::Standing(Box::new(standing.unwrap_or(session))))
        }
        Ok(Created::Pending {
            provider_ref,
            pay_url,
            client_data,
        }) => {
            let standing = legs::opened(leg, provider_ref, pay_url, client_data.as_ref()).await?;
            if standing.state != SessionState::Open {
                // Closed while the provider was asked: nobody shall pay there.
                if let Some(attempt) = &standing.attempt {
                    give_up([&attempt.leg]).await;
                }
            }
            Ok(Charged::Standing(Box::new(standing)))
        }
        Ok(Created::Declined(reason)) => declined(leg, reason).await,
        Err(CallError::Refused(text)) => {
            eprintln!("leg {leg}: {name} refused: {text:?}");
            declined(leg, "the payment provider refused".into()).await
        }
        Err(CallError::Unknown(text)) => Err(NotCharged::Unknown(format!("{name}: {text}"))),
    }
}

/// Why an attempt that was given up may be paid for all that is known.
#[derive(Debug, thiserror::Error)]
pub enum NotLetGo {
    /// Its provider cannot be asked.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// Ask again. For the log.
    #[error("{0}")]
    Unknown(String),
}

/// Tells providers that attempts are given up. One that is paid already is reported at once. What fails is
/// no harm: the workflow `attempt` asks again, and money that still comes is late, and goes back.
pub async fn give_up(attempts: impl IntoIterator<Item = &Leg>) {
    for leg in attempts {
        if let Err(why) = let_go(leg, Then::Asked).await {
            let name = leg.provider.as_deref().unwrap_or_default();
            eprintln!("leg {}: not cancelled at {name}: {why:?}", leg.id);
        }
    }
}

/// Whether anybody asks what became of an attempt after this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Asked,
    Nobody,
}

/// Tells the provider of one attempt that it is given up. One that is paid already is reported: where
/// nobody asks later it is looked for also where cancelling binds nobody.
pub async fn let_go(leg: &Leg, then: Then) -> Result<(), NotLetGo> {
    let provider = providers::existing(leg.provider.as_deref().unwrap_or_default()).await?;
    let known = known(leg);
    match local(provider.cancel(&known)).await {
        Ok(()) => {
            if then == Then::Nobody && !provider.cancel_binds(&known) {
                hear(&provider, leg).await?;
            }
            Ok(())
        }
        Err(CallError::Refused(_)) => {
            if hear(&provider, leg).await? {
                Ok(())
            } else {
                Err(NotLetGo::Unknown("it is neither cancelled nor paid".into()))
            }
        }
        Err(error) => Err(NotLetGo::Unknown(error.to_string())),
    }
}

/// Asks whether an attempt is paid: that is taken as if its provider had told.
async fn hear(provider: &Provider, leg: &Leg) -> Result<bool, NotLetGo> {
    let standing = local(provider.status(&known(leg))).await;
    let Standing::Settled {
        provider_ref,
        amount,
        currency,
    } = standing.map_err(|e| NotLetGo::Unknown(e.to_string()))?
    else {
        return Ok(false);
    };
    legs::report(&Report {
        provider: leg.provider.clone().unwrap_or_default(),
        event_id: format!("status:{}:settled", leg.id),
        kind: Told::Settled,
        leg: leg.id,
        provider_ref: Some(provider_ref),
        amount,
        currency,
        reason: None,
        refund_leg: None,
    })
    .await
    .map(|_| true)
    .map_err(|e| NotLetGo::Unknown(e.to_string()))
}

/// A leg as its provider is asked for it.
#[must_use]
pub fn known(leg: &Leg) -> LegRef {
    LegRef {
        leg: leg.id,
        provider_ref: leg.provider_ref.clone(),
        amount: leg.amount,
        currency: leg.currency.clone(),
        created_at: leg.created_at,
    }
}

async fn declined(leg: uuid::Uuid, reason: String) -> Result<Charged, NotCharged> {
    legs::failed(leg, &reason).await?;
    Ok(Charged::Declined(reason))
}

fn charge(attempt: &Attempt, client_ip: Option<String>) -> Charge {
    let leg = &attempt.leg;
    Charge {
        leg: leg.id,
        session: leg.session_id,
        amount: leg.amount,
        currency: leg.currency.clone(),
        description: format!("Checkout {}", leg.session_id),
        return_url: attempt.return_url.clone(),
        method_token: attempt.method_token.clone(),
        client_ip,
        expires_at: leg.expires_at.unwrap_or(leg.created_at),
    }
}
