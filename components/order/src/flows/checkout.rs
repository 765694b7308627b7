//! The process of a checkout: price, hold promotions, reserve, pay, place.
//!
//! It is run by the request that began it, as far as it goes, and by whoever comes after: the lane,
//! or the client with its key. What it does is in the journal or can be done again; what it undoes
//! is registered before it is done.

use std::cell::RefCell;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
pub use stoa_durable::Step;
use stoa_durable::{Context, Failure, Stop, Workflow};
use uuid::Uuid;

use super::deciding::{Decision, Wish, decide, find};
use super::prepared::Prepared;
use crate::domain::checkout::{Asked, Wanted};
use crate::domain::plan::{Plan, is_default};
use crate::peers::{self, Hold, Reserved, Shortage};
use crate::store::checkout_steps::{self as steps, Ending, Subject, Terms};

mod paying;

stoa_durable::steps! {
    /// The steps of a checkout, in their order, and what undoes them.
    pub enum CheckoutStep {
        /// What it comes to.
        Price => "price",
        HoldPromotions => "hold_promotions",
        ReleasePromotions => "release_promotions",
        Reserve => "reserve",
        ReleaseStock => "release_stock",
        OpenSession => "open_session",
        CancelSession => "cancel_session",
        /// From here on the buyer sees it.
        AwaitPayment => "await_payment",
        /// The wait itself, once for each time at which something is due.
        Payment => "payment",
        Remind => "remind",
        /// The buyer, or time, has enough of it: unless it is paid.
        CloseSession => "close_session",
        /// Reserved goods become sold ones before a checkout is placed that has waited.
        Sell => "sell",
        Place => "place",
        /// The last undo: its row, its event, its key.
        End => "end",
    }
}

/// How long goods are held for what is placed at once. A client that repeats its key after our death
/// finds them still held.
const HELD_S: u32 = 15 * 60;
/// Goods and uses are held a little longer than money is waited for: what is paid in the last moment
/// is sold.
const HELD_WAITING_S: u32 = paying::EXPIRES_S + 60 * 60;

/// How a checkout is paid for that the wallet covers.
const WALLET: &str = "wallet";

/// What a checkout is about. `begun_at`, and the lines of a checkout of the cart, are added by the
/// statement that starts it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Input {
    pub buyer: Uuid,
    /// The Idempotency-Key, to give it up.
    pub key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<Wanted>>,
    /// The lines are what was selected in the cart.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cart: bool,
    /// In which to pay; `None`: in the lines' own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// `None`: the wallet has to cover it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub use_wallet: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub ignore_unusable_codes: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// Where to, as the orders keep it, unless it goes to an entry of the address book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<Uuid>,
    /// Business time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<DateTime<Utc>>,
}

impl Input {
    /// Paid in cash, to whoever brings the goods.
    #[must_use]
    pub fn is_cash(&self) -> bool {
        self.provider.as_deref() == Some("cod")
    }

    /// How long its goods are held.
    #[must_use]
    pub fn held_s(&self) -> u32 {
        if self.is_cash() {
            HELD_S
        } else {
            HELD_WAITING_S
        }
    }

    /// What is to be decided on.
    #[must_use]
    pub fn wish(&self, checkout: Uuid) -> Wish<'_> {
        Wish {
            checkout,
            buyer: self.buyer,
            lines: self.lines.as_deref().unwrap_or_default(),
            asked: if self.cart {
                Asked::InCart
            } else {
                Asked::InRequest
            },
            currency: self.currency.as_deref(),
            contact: self.contact_id,
            codes: &self.codes,
            ignore_unusable_codes: self.ignore_unusable_codes,
        }
    }
}

/// The workflow.
#[derive(Debug)]
pub struct Checkout;

impl Workflow for Checkout {
    const KIND: &'static str = "checkout";
    const VERSION: i32 = 1;
    type Input = Input;
    type Output = ();
    type Step = CheckoutStep;

    async fn run(ctx: &Context<'_, CheckoutStep>, input: Input) -> Result<(), Stop> {
        let prepared = Prepared::of(ctx.id());
        let job = Rc::new(Job {
            id: ctx.id(),
            trace: ctx.traceparent().map(str::to_owned),
            input,
            ending: RefCell::new(Ending::Cancelled("cancelled by the shop".into())),
        });
        job.run(ctx, &prepared).await
    }
}

/// One run of one checkout.
struct Job {
    id: Uuid,
    trace: Option<String>,
    input: Input,
    /// How it ends, if it ends without orders.
    ending: RefCell<Ending>,
}

type Ctx<'a> = Context<'a, CheckoutStep>;

impl Job {
    async fn run(self: &Rc<Self>, ctx: &Ctx<'_>, prepared: &Prepared) -> Result<(), Stop> {
        let job = Rc::clone(self);
        ctx.undo(CheckoutStep::End, "", move || {
            let job = Rc::clone(&job);
            async move { job.end().await }
        });
        let (plan, contact) = self.price(ctx, prepared).await?;
        if !plan.usages.is_empty() {
            self.hold_promotions(ctx, &plan).await?;
        }
        self.reserve(ctx, &plan, prepared).await?;
        let delivery = contact.or_else(|| self.input.delivery.clone());
        let delivery = delivery.unwrap_or_default();
        let mut terms = Terms {
            subject: self.subject(),
            provider: self.input.provider.as_deref().unwrap_or(WALLET),
            from_wallet: 0,
            begun_at: self.input.begun_at.unwrap_or_default(),
            delivery: &delivery,
            plan: &plan,
        };
        let mut sold = false;
        if !self.input.is_cash() {
            let session = self.open_session(ctx, &plan).await?;
            terms.from_wallet = session.from_wallet;
            if session.from_wallet == plan.total {
                terms.provider = WALLET;
            }
            if !session.settled {
                self.wait_for_payment(ctx, &terms, &session).await?;
                self.sell(ctx, &plan).await?;
                sold = true;
            }
        }
        let placed = ctx
            .end(CheckoutStep::Place, |note| {
                let placed = steps::place(note, terms, self.input.cart);
                async { Ok::<String, Failure>(placed.await?) }
            })
            .await?;
        if let Some(body) = placed {
            prepared.answer(body);
            if !sold {
                self.sell_by_the_way(&plan).await;
            }
        }
        Ok(())
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            id: self.id,
            buyer: self.input.buyer,
            trace: self.trace.as_deref(),
        }
    }

    async fn price(
        &self,
        ctx: &Ctx<'_>,
        prepared: &Prepared,
    ) -> Result<(Plan, Option<Value>), Stop> {
        let decision = ctx
            .step(CheckoutStep::Price, "", || async {
                if let Some(decision) = prepared.decision() {
                    return Ok(decision);
                }
                let wish = self.input.wish(self.id);
                let found = find(wish.buyer, wish.lines, wish.contact).await?;
                Ok::<Decision, Failure>(decide(wish, found).await?)
            })
            .await?;
        match decision {
            Decision::Go { plan, contact } => Ok((plan, contact)),
            Decision::No { refusal, orders } => {
                // An earlier run that died may have reserved.
                give_back(ctx, orders);
                Err(ctx.refuse(refusal))
            }
        }
    }

    async fn hold_promotions(&self, ctx: &Ctx<'_>, plan: &Plan) -> Result<(), Stop> {
        // What is held has to be what was priced, and promotions change.
        ctx.note().await?;
        let id = self.id;
        ctx.undo(CheckoutStep::ReleasePromotions, "", move || async move {
            Ok(peers::release(id).await?)
        });
        let held = ctx
            .step(CheckoutStep::HoldPromotions, "", || async {
                let held = peers::hold(id, self.input.buyer, plan, self.input.held_s());
                Ok::<Hold, Failure>(held.await?)
            })
            .await?;
        match held {
            Hold::Taken => Ok(()),
            Hold::Gone(ids) => Err(ctx.refuse(gone(plan, &ids))),
            Hold::Ended => Err(ctx.refuse(self.ended("its promotions were given back"))),
        }
    }

    async fn reserve(&self, ctx: &Ctx<'_>, plan: &Plan, prepared: &Prepared) -> Result<(), Stop> {
        give_back(ctx, plan.order_ids());
        let reserved = ctx
            .step(CheckoutStep::Reserve, "", || async {
                if let Some(reserved) = prepared.reserved() {
                    return Ok(reserved);
                }
                let reserved = peers::reserve(self.id, &plan.orders, self.input.held_s());
                Ok::<Reserved, Failure>(reserved.await?)
            })
            .await?;
        match reserved {
            Reserved::Held => Ok(()),
            Reserved::Short(shortages) => Err(ctx.refuse(short(&shortages))),
            Reserved::Ended => Err(ctx.refuse(self.ended("its reservation has ended"))),
        }
    }

    /// These ids are spent: with its key the client begins anew.
    fn ended(&self, why: &str) -> Value {
        let cause = format!("checkout {}: {why}", self.id);
        problem("unavailable", json!({"cause": cause}))
    }

    async fn end(&self) -> Result<(), Failure> {
        let ending = self.ending.borrow().clone();
        Ok(steps::end(self.subject(), &self.input.key, &ending).await?)
    }
}

fn give_back(ctx: &Ctx<'_>, orders: Vec<Uuid>) {
    let orders = Rc::new(orders);
    ctx.undo(CheckoutStep::ReleaseStock, "", move || {
        let orders = Rc::clone(&orders);
        async move { Ok(peers::restock(&orders, "checkout not placed").await?) }
    });
}

fn problem(code: &str, facts: Value) -> Value {
    json!({"code": code, "facts": facts})
}

/// What is told of goods that are short.
pub fn short(shortages: &[Shortage]) -> Value {
    problem("insufficient_stock", json!({"shortages": shortages}))
}

fn gone(plan: &Plan, ids: &[Uuid]) -> Value {
    let promotions: Vec<Value> = ids
        .iter()
        .map(|id| {
            let usage = plan.usages.iter().find(|usage| usage.promotion_id == *id);
            json!({
                "promotion_id": id,
                "code": usage.and_then(|usage| usage.code.as_deref()),
                "title": usage.map(|usage| usage.title.as_str()),
            })
        })
        .collect();
    problem("promotion_gone", json!({"promotions": promotions}))
}
