//! The workflow `attempt`: sees to it that no attempt at a provider stays open for ever. It has the leg's
//! id, and begins with the leg.
//!
//! Mostly it finds the leg paid, because the provider has told. Where it has not, it is asked: when its
//! time is over, and 30 seconds after the beginning too when nobody knows whether the provider has the
//! attempt at all. What is not paid at the end is cancelled, at the provider first. A leg that was given up
//! meanwhile, or has failed, is asked for all the same: it may have been paid, and nobody heard of it.
//!
//! Where more may be paid even then, because the provider knows no cancelling that binds it or never answered,
//! it is asked once more some time later. The leg does not wait for that.
//!
//! Given up by an operator it ends when its provider has let go of it, or has said that it is paid.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use stoa_durable::{AfterLimit, Context, Failure, Policy, Step, Stop, Workflow, note_param};
use uuid::Uuid;

use crate::charging::{self, NotLetGo, Then};
use crate::domain::states::LegState;
use crate::providers::{self, CallError, LegRef, Provider, Standing};
use crate::store::attempt_ends::{self, Close};
use crate::store::legs::{self, Leg, Report, Told};

/// How long a provider has to answer that it has an attempt, seconds.
const ANSWER_S: i64 = 30;
/// How long after the end of its time it is looked at once more, seconds: pages that were open then are
/// closed, and searches have caught up.
const AFTERWARDS_S: i64 = 60 * 60;

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptStep {
    /// Whether the leg is paid.
    Look,
    /// For the provider's answer to the attempt itself.
    Answer,
    /// For the end of its time.
    Expiry,
    /// Asks the provider, and cancels there what is not paid.
    Resolve,
    /// It is paid.
    Report,
    /// It is not.
    Close,
    /// For payments that come when nobody waits for them any more.
    Afterwards,
    /// Asks the provider whether one has, and cancels there again.
    LookAgain,
    /// An operator gave it up.
    GiveUp,
}

impl Step for AttemptStep {
    const ALL: &'static [Self] = &[
        Self::Look,
        Self::Answer,
        Self::Expiry,
        Self::Resolve,
        Self::Report,
        Self::Close,
        Self::Afterwards,
        Self::LookAgain,
        Self::GiveUp,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Answer => "answer",
            Self::Expiry => "expiry",
            Self::Resolve => "resolve",
            Self::Report => "report",
            Self::Close => "close",
            Self::Afterwards => "afterwards",
            Self::LookAgain => "look_again",
            Self::GiveUp => "give_up",
        }
    }

    fn policy(self) -> Policy {
        match self {
            // About half a day: whoever wants to pay does not wait longer.
            Self::Resolve => Policy {
                cap_ms: 30 * 60_000,
                limit: 40,
                ..Policy::DEFAULT
            },
            // About a day. Then a person has to look: it may be paid.
            Self::LookAgain | Self::GiveUp => Policy {
                cap_ms: 30 * 60_000,
                limit: 60,
                after_limit: AfterLimit::Stuck,
                ..Policy::DEFAULT
            },
            _ => super::NEVER_GIVEN_UP,
        }
    }
}

/// The workflow.
#[derive(Debug)]
pub struct Attempt;

/// What it is started with.
#[derive(Debug, Deserialize)]
pub struct Input {
    leg_id: Uuid,
}

/// A leg of whose payment nothing was heard.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Open {
    /// The provider has not said that it has it.
    unanswered: bool,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    /// It is paid, and in the books.
    Closed,
    /// Nothing is paid, and its time is not over.
    Answered,
    Paid {
        provider: String,
        provider_ref: String,
        amount: i64,
        currency: String,
        /// No more comes by it.
        sure: bool,
    },
    Unpaid {
        how: Close,
        reason: String,
        /// It will not be, either.
        sure: bool,
    },
}

impl Workflow for Attempt {
    const KIND: &'static str = "attempt";
    type Input = Input;
    type Output = ();
    type Step = AttemptStep;

    async fn run(ctx: &Context<'_, AttemptStep>, input: Input) -> Result<(), Stop> {
        let leg = input.leg_id;
        ctx.undo(AttemptStep::GiveUp, "", move || give_up(leg));
        let Some(open) = ctx.step(AttemptStep::Look, "", || look(leg)).await? else {
            return Ok(());
        };
        let mut said = Said::Answered;
        if open.unanswered {
            let until = after(open.created_at, ANSWER_S);
            ctx.wait(AttemptStep::Answer, "", &[], Some(until)).await?;
            said = resolve(ctx, leg, Patience::ForAnswer).await?;
        }
        if said == Said::Answered {
            ctx.wait(AttemptStep::Expiry, "", &[], Some(open.expires_at))
                .await?;
            said = resolve(ctx, leg, Patience::None).await?;
        }
        close(ctx, leg, &said, "").await?;
        let (Said::Paid { sure, .. } | Said::Unpaid { sure, .. }) = said else {
            return Ok(());
        };
        if !sure {
            let until = after(open.expires_at, AFTERWARDS_S);
            ctx.wait(AttemptStep::Afterwards, "", &[], Some(until))
                .await?;
            let said = ctx
                .step(AttemptStep::LookAgain, "", || ask(leg, Patience::None))
                .await?;
            close(ctx, leg, &said, "afterwards").await?;
        }
        Ok(())
    }
}

async fn give_up(leg: Uuid) -> Result<(), Failure> {
    let Some(leg) = unpaid(leg).await? else {
        return Ok(());
    };
    legs::cancelled(leg.id, "given up by an operator").await?;
    charging::let_go(&leg, Then::Nobody)
        .await
        .map_err(|why| match why {
            NotLetGo::Unusable(unusable) => Failure::Stuck(format!(
                "{unusable}. Nobody can say whether attempt {} is paid: set it up again, and retry this \
                 workflow",
                leg.id
            )),
            NotLetGo::Unknown(text) => Failure::Retry(text),
        })
}

fn after(time: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    time.checked_add_signed(TimeDelta::seconds(seconds))
        .unwrap_or(time)
}

/// The leg, unless its money is here.
async fn look(leg: Uuid) -> Result<Option<Open>, Failure> {
    Ok(unpaid(leg).await?.map(|leg| Open {
        unanswered: leg.state == LegState::Created,
        created_at: leg.created_at,
        expires_at: leg.expires_at.unwrap_or(leg.created_at),
    }))
}

async fn unpaid(leg: Uuid) -> Result<Option<Leg>, Failure> {
    let found = legs::read(leg)
        .await?
        .ok_or_else(|| Failure::Stuck(format!("there is no leg {leg}")))?;
    Ok((!matches!(found.state, LegState::Settled | LegState::Late)).then_some(found))
}

/// For what an attempt is still waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// It is left alone if the provider has answered meanwhile.
    ForAnswer,
    None,
}

impl Patience {
    fn key(self) -> &'static str {
        match self {
            Self::ForAnswer => "unanswered",
            Self::None => "expired",
        }
    }
}

async fn resolve(
    ctx: &Context<'_, AttemptStep>,
    leg: Uuid,
    patience: Patience,
) -> Result<Said, Stop> {
    let said = ctx
        .step(AttemptStep::Resolve, patience.key(), || ask(leg, patience))
        .await;
    match said {
        Err(stop) if super::ran_out(&stop) => Ok(Said::Unpaid {
            how: Close::Failed,
            reason: "the payment provider did not answer".into(),
            sure: false,
        }),
        other => other,
    }
}

async fn ask(leg: Uuid, patience: Patience) -> Result<Said, Failure> {
    // As it is now: its provider may have been heard of since the last time.
    let Some(leg) = unpaid(leg).await? else {
        return Ok(Said::Closed);
    };
    if patience == Patience::ForAnswer && leg.state != LegState::Created {
        return Ok(Said::Answered);
    }
    let name = leg.provider.clone().unwrap_or_default();
    let provider = providers::existing(&name)
        .await
        .map_err(|unusable| Failure::Retry(unusable.to_string()))?;
    let known = charging::known(&leg);
    let sure = provider.cancel_binds(&known);
    match provider.status(&known).await {
        Ok(Standing::Settled {
            provider_ref,
            amount,
            currency,
        }) => {
            let as_asked = amount == leg.amount && currency == leg.currency;
            let paid = Said::Paid {
                provider: name,
                provider_ref,
                amount,
                currency,
                sure: as_asked || sure,
            };
            if as_asked || !sure {
                Ok(paid)
            } else {
                refuse(&provider, &known, paid).await
            }
        }
        Ok(Standing::Failed(reason)) => Ok(Said::Unpaid {
            how: Close::Failed,
            reason,
            sure,
        }),
        // Whoever began it may be coming again, with the same key: it has until its expiry.
        Ok(Standing::Pending | Standing::Unknown) if patience == Patience::ForAnswer => {
            Ok(Said::Answered)
        }
        Ok(Standing::Pending | Standing::Unknown) => match provider.cancel(&known).await {
            Ok(()) => Ok(Said::Unpaid {
                how: Close::Cancelled,
                reason: "it was not paid in time".into(),
                sure,
            }),
            // If it was paid a moment ago, the next time it says so.
            Err(error) => Err(Failure::Retry(error.to_string())),
        },
        Err(error) => Err(Failure::Retry(error.to_string())),
    }
}

/// Something else was paid than was asked for: a provider that can lets it go. One that cannot keeps the
/// money, and the report of it says so.
async fn refuse(provider: &Provider, leg: &LegRef, paid: Said) -> Result<Said, Failure> {
    match provider.cancel(leg).await {
        Ok(()) => Ok(Said::Unpaid {
            how: Close::GivenBack,
            reason: "what was paid is not what was asked for".into(),
            sure: true,
        }),
        Err(CallError::Refused(_)) => Ok(paid),
        Err(CallError::Unknown(text)) => Err(Failure::Retry(text)),
    }
}

/// Into the books with it. `key`: whether it is the first time.
async fn close(
    ctx: &Context<'_, AttemptStep>,
    leg: Uuid,
    said: &Said,
    key: &str,
) -> Result<(), Stop> {
    match said {
        Said::Closed | Said::Answered => {}
        Said::Paid {
            provider,
            provider_ref,
            amount,
            currency,
            ..
        } => {
            let report = Report {
                provider: provider.clone(),
                event_id: format!("status:{leg}:settled"),
                kind: Told::Settled,
                leg,
                provider_ref: Some(provider_ref.clone()),
                amount: *amount,
                currency: currency.clone(),
                reason: None,
                refund_leg: None,
            };
            ctx.local(AttemptStep::Report, key, |note| {
                let report = report.clone();
                async move { Ok(attempt_ends::report(&report, note_param(&note)?).await?) }
            })
            .await?;
        }
        Said::Unpaid { how, reason, .. } => {
            let (how, reason) = (*how, reason.as_str());
            ctx.local(AttemptStep::Close, key, |note| async move {
                Ok(attempt_ends::close(leg, how, reason, note_param(&note)?).await?)
            })
            .await?;
        }
    }
    Ok(())
}
