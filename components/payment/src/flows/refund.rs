//! The workflow `refund`: brings back to a payer what a provider has to give back. It has the refund's id.
//!
//! A provider is asked how the refund stands before it is asked for it, each time: a call of which nobody
//! knows whether it worked is repeated only when it did not. What a provider will not do, or does not
//! answer for a day, goes to the payer's wallet instead.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use stoa_durable::{Context, Failure, Policy, Step, Stop, Workflow, note_param};
use uuid::Uuid;

use crate::domain::states::LegMethod;
use crate::providers::{self, CallError, LegRef, Refunded};
use crate::store::refunds::{self, RefundLegState};
use crate::store::time;

/// What it does, once for each part that a provider gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundStep {
    /// Which parts there are.
    Look,
    /// The provider gives it back.
    Ask,
    /// The provider takes its time.
    Later,
    /// Out of the books with it.
    Done,
    /// Into the wallet with it.
    ToWallet,
    /// An operator gave it up: into the wallet, unless the provider has done it.
    GiveUp,
}

impl Step for RefundStep {
    const ALL: &'static [Self] = &[
        Self::Look,
        Self::Ask,
        Self::Later,
        Self::Done,
        Self::ToWallet,
        Self::GiveUp,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Ask => "ask",
            Self::Later => "later",
            Self::Done => "done",
            Self::ToWallet => "to_wallet",
            Self::GiveUp => "give_up",
        }
    }

    fn policy(self) -> Policy {
        match self {
            // About a day.
            Self::Ask => Policy {
                cap_ms: 30 * 60_000,
                limit: 60,
                ..Policy::DEFAULT
            },
            // What stands in our own schema works some time.
            _ => super::NEVER_GIVEN_UP,
        }
    }
}

/// The workflow.
#[derive(Debug)]
pub struct Refund;

/// What it is started with.
#[derive(Debug, Deserialize)]
pub struct Input {
    refund_id: Uuid,
}

/// What a provider has to give back.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Part {
    /// The part, and the provider's idempotency key.
    id: Uuid,
    amount: i64,
    currency: String,
    reason: String,
    provider: String,
    leg: Uuid,
    leg_amount: i64,
    leg_provider_ref: Option<String>,
    leg_created_at: DateTime<Utc>,
}

/// How it went.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    Done {
        provider_ref: String,
    },
    /// Business time.
    Pending {
        asked_at: DateTime<Utc>,
    },
    Refused {
        reason: String,
    },
}

impl Workflow for Refund {
    const KIND: &'static str = "refund";
    type Input = Input;
    type Output = ();
    type Step = RefundStep;

    async fn run(ctx: &Context<'_, RefundStep>, input: Input) -> Result<(), Stop> {
        let refund = input.refund_id;
        ctx.undo(RefundStep::GiveUp, "", move || give_up(refund));
        let parts: Vec<Part> = ctx.step(RefundStep::Look, "", || look(refund)).await?;
        for part in &parts {
            let key = part.id.to_string();
            match give_back(ctx, part, &key).await? {
                Ok(provider_ref) => {
                    ctx.local(RefundStep::Done, &key, |note| {
                        let provider_ref = provider_ref.clone();
                        async move {
                            let note = Some(note_param(&note)?);
                            Ok(refunds::leg_done(part.id, Some(provider_ref), note).await?)
                        }
                    })
                    .await?;
                }
                Err(reason) => {
                    let reason = reason.as_str();
                    ctx.local(RefundStep::ToWallet, &key, |note| async move {
                        let note = Some(note_param(&note)?);
                        Ok(refunds::leg_to_wallet(part.id, reason, note).await?)
                    })
                    .await?;
                }
            }
        }
        Ok(())
    }
}

/// Parts that a provider has not given back yet.
async fn look(refund: Uuid) -> Result<Vec<Part>, Failure> {
    let refund = refunds::read(refund)
        .await?
        .ok_or_else(|| Failure::Stuck(format!("there is no refund {refund}")))?;
    Ok(refund
        .legs
        .into_iter()
        .filter(|part| part.method == LegMethod::Provider && part.state == RefundLegState::Pending)
        .map(|part| Part {
            id: part.id,
            amount: part.amount,
            currency: refund.currency.clone(),
            reason: refund.reason.clone(),
            provider: part.provider.unwrap_or_default(),
            leg: part.leg_id,
            leg_amount: part.leg_amount,
            leg_provider_ref: part.leg_provider_ref,
            leg_created_at: part.leg_created_at,
        })
        .collect())
}

/// The provider's name for it once it is given back, or why it never will be.
async fn give_back(
    ctx: &Context<'_, RefundStep>,
    part: &Part,
    key: &str,
) -> Result<Result<String, String>, Stop> {
    let mut round = 0_u32;
    loop {
        let key = format!("{key}:{round}");
        match ctx.step(RefundStep::Ask, &key, || ask(part, round)).await {
            Ok(Way::Done { provider_ref }) => return Ok(Ok(provider_ref)),
            Ok(Way::Refused { reason }) => return Ok(Err(reason)),
            Ok(Way::Pending { asked_at }) => {
                ctx.wait(RefundStep::Later, &key, &[], Some(later(asked_at, round)))
                    .await?;
            }
            Err(stop) if super::ran_out(&stop) => {
                return Ok(Err("the payment provider did not answer".into()));
            }
            Err(stop) => return Err(stop),
        }
        round = round.saturating_add(1);
    }
}

/// Rounds after which a person has to look: about a month.
const MOST_ROUNDS: u32 = 70;

/// When a provider that takes its time is asked again: after a minute, two … twelve hours.
fn later(asked_at: DateTime<Utc>, round: u32) -> DateTime<Utc> {
    let minutes = 1_i64
        .checked_shl(round)
        .unwrap_or(i64::MAX)
        .clamp(1, 12 * 60);
    asked_at
        .checked_add_signed(TimeDelta::minutes(minutes))
        .unwrap_or(asked_at)
}

async fn ask(part: &Part, round: u32) -> Result<Way, Failure> {
    if round > MOST_ROUNDS {
        return Err(Failure::Stuck(format!(
            "{} has had refund {} for a month",
            part.provider, part.id
        )));
    }
    let provider = providers::existing(&part.provider)
        .await
        .map_err(|unusable| Failure::Retry(unusable.to_string()))?;
    let leg = part.leg();
    let known = provider.refund_status(&leg, part.id, part.amount).await;
    let answer = match known {
        Ok(Some(known)) => Ok(known),
        Ok(None) => {
            provider
                .refund(&leg, part.id, part.amount, &part.reason)
                .await
        }
        Err(error) => Err(error),
    };
    match answer {
        Ok(Refunded::Done { provider_ref }) => Ok(Way::Done { provider_ref }),
        Ok(Refunded::Pending { .. }) => Ok(Way::Pending {
            asked_at: time::now().await?,
        }),
        Err(CallError::Refused(reason)) => Ok(Way::Refused { reason }),
        Err(CallError::Unknown(text)) => Err(Failure::Retry(text)),
    }
}

async fn give_up(refund: Uuid) -> Result<(), Failure> {
    for part in look(refund).await? {
        give_part_up(&part).await?;
    }
    Ok(())
}

async fn give_part_up(part: &Part) -> Result<(), Failure> {
    let known = match providers::existing(&part.provider).await {
        Ok(provider) => {
            provider
                .refund_status(&part.leg(), part.id, part.amount)
                .await
        }
        Err(unusable) => Err(CallError::Refused(unusable.to_string())),
    };
    match known {
        Ok(Some(Refunded::Done { provider_ref })) => {
            Ok(refunds::leg_done(part.id, Some(provider_ref), None).await?)
        }
        Ok(Some(Refunded::Pending { .. })) => {
            Err(Failure::Retry("the provider is at it".to_owned()))
        }
        Ok(None) | Err(CallError::Refused(_)) => {
            Ok(refunds::leg_to_wallet(part.id, "given up by an operator", None).await?)
        }
        Err(CallError::Unknown(text)) => Err(Failure::Retry(text)),
    }
}

impl Part {
    fn leg(&self) -> LegRef {
        LegRef {
            leg: self.leg,
            provider_ref: self.leg_provider_ref.clone(),
            amount: self.leg_amount,
            currency: self.currency.clone(),
            created_at: self.leg_created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_provider_is_asked_less_and_less_often_for_a_month() {
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let pause = |round| later(start, round).signed_duration_since(start);
        assert_eq!(pause(0), TimeDelta::minutes(1));
        assert_eq!(pause(3), TimeDelta::minutes(8));
        assert_eq!(pause(30), TimeDelta::hours(12));
        assert_eq!(pause(u32::MAX), TimeDelta::hours(12));
        let total = (0..=MOST_ROUNDS).map(pause).sum::<TimeDelta>();
        assert!(total > TimeDelta::days(28) && total < TimeDelta::days(35));
    }
}
