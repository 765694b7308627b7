//! The workflow `withdrawal`: waits for what staff decide, and brings the books after the bank. It has the
//! withdrawal's id.
//!
//! What is rejected or cancelled is back in the wallet in the statement that says so; there is nothing
//! more to do then.

use serde::Deserialize;
use stoa_durable::{Context, Policy, Step, Stop, Woken, Workflow, note_param};
use uuid::Uuid;

use crate::domain::withdrawal::Decision;
use crate::store::withdrawals;

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WithdrawalStep {
    /// Staff, or whose it is.
    Decide,
    /// The bank has the transfer: out of the books with it.
    Pay,
    /// An operator gave it up: what nobody decided goes back.
    GiveUp,
}

impl Step for WithdrawalStep {
    const ALL: &'static [Self] = &[Self::Decide, Self::Pay, Self::GiveUp];

    fn name(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Pay => "pay",
            Self::GiveUp => "give_up",
        }
    }

    fn policy(self) -> Policy {
        super::NEVER_GIVEN_UP
    }
}

/// The workflow.
#[derive(Debug)]
pub struct Withdrawal;

/// What it is started with.
#[derive(Debug, Deserialize)]
pub struct Input {
    withdrawal_id: Uuid,
}

impl Workflow for Withdrawal {
    const KIND: &'static str = "withdrawal";
    type Input = Input;
    /// What was decided.
    type Output = String;
    type Step = WithdrawalStep;

    async fn run(ctx: &Context<'_, WithdrawalStep>, input: Input) -> Result<String, Stop> {
        let id = input.withdrawal_id;
        ctx.undo(WithdrawalStep::GiveUp, "", move || async move {
            Ok(withdrawals::given_up(id).await?)
        });
        let woken = ctx
            .wait(WithdrawalStep::Decide, "", &Decision::SIGNALS, None)
            .await?;
        let Woken::Signal { name, .. } = woken else {
            return Ok("nothing".into());
        };
        if name == Decision::APPROVED {
            ctx.local(WithdrawalStep::Pay, "", |note| async move {
                Ok(withdrawals::paid(id, note_param(&note)?).await?)
            })
            .await?;
        }
        Ok(name)
    }
}
