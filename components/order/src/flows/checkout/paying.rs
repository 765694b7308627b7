//! How a checkout is paid for, waits for that, and gives it up.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_durable::{Failure, Stop, Woken};

use super::{CheckoutStep, Ctx, Job, problem};
use crate::domain::plan::Plan;
use crate::peers::{self, Closed, NewSession, Opened, Session, Sold};
use crate::store::checkout_steps::{self as steps, Ending, Terms};

/// How long a checkout may wait for its payment.
const EXPIRES_H: i64 = 24;
pub(super) const EXPIRES_S: u32 = 24 * 60 * 60;
/// When the buyer is reminded.
const REMINDERS_H: [i64; 3] = [4, 12, 22];

impl Job {
    pub(super) async fn open_session(&self, ctx: &Ctx<'_>, plan: &Plan) -> Result<Session, Stop> {
        // What is paid has to be what was priced.
        ctx.note().await?;
        let id = self.id;
        ctx.undo(CheckoutStep::CancelSession, "", move || async move {
            let why = "checkout not placed";
            if peers::close(id, false, why).await? == Closed::Paid {
                peers::refund(id, why).await?;
            }
            Ok(())
        });
        let opened = ctx
            .step(CheckoutStep::OpenSession, "", || async {
                let opened = peers::open(NewSession {
                    checkout: id,
                    payer: self.input.buyer,
                    plan,
                    use_wallet: self.input.use_wallet,
                    provider: self.input.provider.as_deref(),
                    method: self.input.method_id,
                    return_url: self.input.return_url.as_deref(),
                    ttl_s: EXPIRES_S,
                });
                Ok::<Opened, Failure>(opened.await?)
            })
            .await?;
        let refusal = match opened {
            Opened::Open(session) => return Ok(session),
            Opened::InsufficientFunds(available) => problem(
                "insufficient_funds",
                json!({"available": available, "currency": plan.currency}),
            ),
            Opened::Unusable(reason) => problem("provider_unusable", json!({"reason": reason})),
            Opened::Declined(reason) => problem("payment_declined", json!({"reason": reason})),
            Opened::Ended => self.ended("its payment session has ended"),
        };
        Err(ctx.refuse(refusal))
    }

    pub(super) async fn wait_for_payment(
        &self,
        ctx: &Ctx<'_>,
        terms: &Terms<'_>,
        session: &Session,
    ) -> Result<(), Stop> {
        let after = |hours| terms.begun_at.checked_add_signed(TimeDelta::hours(hours));
        let expires_at = after(EXPIRES_H).unwrap_or(terms.begun_at);
        ctx.local(CheckoutStep::AwaitPayment, "", |note| {
            let url = session.pay_url.as_deref();
            let written = steps::await_payment(note, *terms, url, expires_at);
            async { Ok::<(), Failure>(written.await?) }
        })
        .await?;
        let signals = ["paid", "cancel", "expired"];
        for (number, hours) in (1_i32..).zip(REMINDERS_H) {
            let key = number.to_string();
            match ctx
                .wait(CheckoutStep::Payment, &key, &signals, after(hours))
                .await?
            {
                Woken::Timer => {
                    ctx.local(CheckoutStep::Remind, &key, |note| {
                        let written = steps::remind(note, self.subject(), number);
                        async { Ok::<(), Failure>(written.await?) }
                    })
                    .await?;
                }
                Woken::Signal { name, payload } => return self.told(ctx, &name, &payload).await,
            }
        }
        let last = ctx.wait(CheckoutStep::Payment, "end", &signals, Some(expires_at));
        match last.await? {
            Woken::Timer => self.close(ctx, expired()).await,
            Woken::Signal { name, payload } => self.told(ctx, &name, &payload).await,
        }
    }

    async fn told(&self, ctx: &Ctx<'_>, signal: &str, payload: &Value) -> Result<(), Stop> {
        match signal {
            "paid" => Ok(()),
            "cancel" => {
                let reason = payload.get("reason").and_then(Value::as_str);
                let reason = reason.unwrap_or("cancelled by the buyer").to_owned();
                self.close(ctx, Ending::Cancelled(reason)).await
            }
            _ => self.close(ctx, expired()).await,
        }
    }

    /// Nobody may pay any more. What was paid in the last moment counts.
    async fn close(&self, ctx: &Ctx<'_>, ending: Ending) -> Result<(), Stop> {
        let (is_expired, reason) = match &ending {
            Ending::Cancelled(reason) => (false, reason),
            Ending::Expired(reason) => (true, reason),
        };
        let closed = ctx
            .step(CheckoutStep::CloseSession, "", || async {
                Ok::<Closed, Failure>(peers::close(self.id, is_expired, reason).await?)
            })
            .await?;
        match closed {
            Closed::Paid => Ok(()),
            Closed::Unpaid => Err(self.give_up(ctx, ending)),
        }
    }

    /// It was paid after a wait: what it was paid for may be gone.
    pub(super) async fn sell(&self, ctx: &Ctx<'_>, plan: &Plan) -> Result<(), Stop> {
        let sold = ctx
            .step(CheckoutStep::Sell, "", || async {
                Ok::<Sold, Failure>(peers::sell(&plan.order_ids()).await?)
            })
            .await?;
        match sold {
            Sold::Sold => Ok(()),
            Sold::Gone => {
                let reason = "the payment came when the goods were no longer held";
                Err(self.give_up(ctx, Ending::Expired(reason.into())))
            }
        }
    }

    /// The orders stand whatever comes of this: should it fail, inventory sells the goods when the
    /// order.placed events arrive there.
    pub(super) async fn sell_by_the_way(&self, plan: &Plan) {
        match peers::sell(&plan.order_ids()).await {
            Ok(Sold::Sold) => {}
            other => eprintln!(
                "checkout {}: its goods are sold by the events: {other:?}",
                self.id
            ),
        }
    }

    fn give_up(&self, ctx: &Ctx<'_>, ending: Ending) -> Stop {
        let (status, reason) = match &ending {
            Ending::Cancelled(reason) => ("cancelled", reason),
            Ending::Expired(reason) => ("expired", reason),
        };
        let facts = json!({"checkout_status": status, "reason": reason});
        self.ending.replace(ending);
        ctx.refuse(problem("wrong_state", facts))
    }
}

fn expired() -> Ending {
    Ending::Expired("not paid in time".into())
}
