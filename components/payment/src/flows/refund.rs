//! The workflow `refund`: brings back to a payer what a provider has to give back. It has the refund's id.
//!
//! A part goes to the payer's wallet only when the provider itself says that it will not give it back, or
//! when an operator gives it up and the provider says that it has not. Whoever does not answer is asked for
//! a day, and then a person has to look: the payer may have the money already.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use stoa_durable::{AfterLimit, Context, Failure, Policy, Step, Stop, Workflow, note_param};
use stoa_kit::time::unix_now;
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
    /// Nobody has asked for it yet, and now somebody may.
    Turn,
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
        Self::Turn,
        Self::Ask,
        Self::Later,
        Self::Done,
        Self::ToWallet,
        Self::GiveUp,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Turn => "turn",
            Self::Ask => "ask",
            Self::Later => "later",
            Self::Done => "done",
            Self::ToWallet => "to_wallet",
            Self::GiveUp => "give_up",
        }
    }

    fn policy(self) -> Policy {
        match self {
            // An earlier one may wait for a person.
            Self::Turn => Policy {
                cap_ms: 10 * 60_000,
                ..super::NEVER_GIVEN_UP
            },
            // About a day. Then a person has to look: the payer may have it.
            Self::Ask | Self::GiveUp => Policy {
                cap_ms: 30 * 60_000,
                limit: 60,
                after_limit: AfterLimit::Stuck,
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

/// From when on a provider was asked for a part. It is noted before anybody asks.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Turn {
    /// Unix seconds by a real clock, as the provider's days go.
    at: i64,
    /// What the provider calls the payment's other refunds.
    others: Vec<String>,
}

/// Of the parts of which anybody was asked.
type Turns = Rc<RefCell<BTreeMap<Uuid, Turn>>>;

/// How it went.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    Done {
        provider_ref: String,
    },
    Pending {
        /// Business time.
        asked_at: DateTime<Utc>,
        provider_ref: Option<String>,
    },
    Refused {
        reason: String,
        provider_ref: Option<String>,
    },
}

/// How it ended.
enum End {
    Done(String),
    Refused {
        reason: String,
        provider_ref: Option<String>,
    },
}

impl Workflow for Refund {
    const KIND: &'static str = "refund";
    type Input = Input;
    type Output = ();
    type Step = RefundStep;

    async fn run(ctx: &Context<'_, RefundStep>, input: Input) -> Result<(), Stop> {
        let refund = input.refund_id;
        let turns = Turns::default();
        let begun = Rc::clone(&turns);
        ctx.undo(RefundStep::GiveUp, "", move || {
            give_up(refund, Rc::clone(&begun))
        });
        let parts: Vec<Part> = ctx.step(RefundStep::Look, "", || look(refund)).await?;
        for part in &parts {
            let key = part.id.to_string();
            let turn: Turn = ctx
                .step(RefundStep::Turn, &key, || await_turn(part))
                .await?;
            turns.borrow_mut().insert(part.id, turn.clone());
            ctx.note().await?;
            match give_back(ctx, part, &turn, &key).await? {
                End::Done(provider_ref) => {
                    ctx.local(RefundStep::Done, &key, |note| {
                        let provider_ref = Some(provider_ref.clone());
                        async move {
                            let note = Some(note_param(&note)?);
                            Ok(refunds::leg_done(part.id, provider_ref, note).await?)
                        }
                    })
                    .await?;
                }
                End::Refused {
                    reason,
                    provider_ref,
                } => {
                    ctx.local(RefundStep::ToWallet, &key, |note| {
                        let (reason, provider_ref) = (reason.clone(), provider_ref.clone());
                        async move {
                            let note = Some(note_param(&note)?);
                            Ok(
                                refunds::leg_to_wallet(part.id, &reason, provider_ref, note)
                                    .await?,
                            )
                        }
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

/// Where a provider tells refunds of a payment apart by their order, the earlier ones go first.
async fn await_turn(part: &Part) -> Result<Turn, Failure> {
    let turn = refunds::turn(part.id).await?;
    if turn.waits && providers::one_refund_at_a_time(&part.provider) {
        return Err(Failure::Retry(
            "an earlier refund of this payment is under way".to_owned(),
        ));
    }
    Ok(Turn {
        at: i64::try_from(unix_now()).unwrap_or_default(),
        others: turn.others,
    })
}

/// Asks until the provider has given it back, or says that it never will.
async fn give_back(
    ctx: &Context<'_, RefundStep>,
    part: &Part,
    turn: &Turn,
    key: &str,
) -> Result<End, Stop> {
    let mut round = 0_u32;
    let mut known: Option<String> = None;
    loop {
        let key = format!("{key}:{round}");
        let asked = part.asked(turn, known.clone());
        match ctx
            .step(RefundStep::Ask, &key, || ask(part, &asked, round))
            .await?
        {
            Way::Done { provider_ref } => return Ok(End::Done(provider_ref)),
            Way::Refused {
                reason,
                provider_ref,
            } => {
                return Ok(End::Refused {
                    reason,
                    provider_ref,
                });
            }
            Way::Pending {
                asked_at,
                provider_ref,
            } => {
                known = provider_ref.or(known);
                ctx.wait(RefundStep::Later, &key, &[], Some(later(asked_at, round)))
                    .await?;
            }
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

async fn ask(part: &Part, asked: &providers::Part, round: u32) -> Result<Way, Failure> {
    if round > MOST_ROUNDS {
        return Err(Failure::Stuck(format!(
            "{} has had refund {} for a month",
            part.provider, part.id
        )));
    }
    let provider = providers::existing(&part.provider)
        .await
        .map_err(|unusable| Failure::Retry(unusable.to_string()))?;
    match provider.refund(&part.leg(), asked).await {
        Ok(Refunded::Done { provider_ref }) => Ok(Way::Done { provider_ref }),
        Ok(Refunded::Pending { provider_ref }) => Ok(Way::Pending {
            asked_at: time::now().await?,
            provider_ref,
        }),
        Ok(Refunded::Failed {
            provider_ref,
            reason,
        }) => Ok(Way::Refused {
            reason,
            provider_ref: Some(provider_ref),
        }),
        Err(CallError::Refused(reason)) => Ok(Way::Refused {
            reason,
            provider_ref: None,
        }),
        Err(CallError::Unknown(text)) => Err(Failure::Retry(text)),
    }
}

async fn give_up(refund: Uuid, turns: Turns) -> Result<(), Failure> {
    for part in look(refund).await? {
        let turn = turns.borrow().get(&part.id).cloned();
        give_part_up(&part, turn).await?;
    }
    Ok(())
}

async fn give_part_up(part: &Part, turn: Option<Turn>) -> Result<(), Failure> {
    let provider = providers::existing(&part.provider)
        .await
        .map_err(|unusable| {
            Failure::Stuck(format!(
                "{unusable}. Nobody can say whether it has given back part {}: set it up again, and \
                 retry this workflow",
                part.id
            ))
        })?;
    let known = match turn {
        Some(turn) => {
            let asked = part.asked(&turn, None);
            provider.refund_status(&part.leg(), &asked).await
        }
        // Nobody has asked for it.
        None => Ok(None),
    };
    let failed = match known {
        Ok(Some(Refunded::Done { provider_ref })) => {
            return Ok(refunds::leg_done(part.id, Some(provider_ref), None).await?);
        }
        Ok(Some(Refunded::Pending { .. })) => {
            return Err(Failure::Retry("the provider is at it".to_owned()));
        }
        Err(CallError::Unknown(text)) => return Err(Failure::Retry(text)),
        Ok(Some(Refunded::Failed { provider_ref, .. })) => Some(provider_ref),
        Ok(None) | Err(CallError::Refused(_)) => None,
    };
    Ok(refunds::leg_to_wallet(part.id, "given up by an operator", failed, None).await?)
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

    fn asked(&self, turn: &Turn, provider_ref: Option<String>) -> providers::Part {
        providers::Part {
            id: self.id,
            amount: self.amount,
            reason: self.reason.clone(),
            begun_at: turn.at,
            provider_ref,
            others: turn.others.clone(),
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
