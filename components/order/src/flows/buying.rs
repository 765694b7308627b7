//! A request to check out, and one to cancel: they run the workflow as far as it goes.
//!
//! A checkout in cash without promotions is five statements, and four waits, because the first two
//! run side by side: the claim with the start of the workflow, what the lines are, reserving, placing,
//! selling. Nothing of the first three is in the journal before it is placed; whoever comes after us
//! does it again, under the same ids. So a refusal on the way costs one more statement, which forgets
//! the workflow with the key.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use futures::future;
use http::StatusCode;
use serde_json::Value;
use stoa_durable::{Ended, EngineError, Run, Workflow as _, drive};
use stoa_kit::http::{Answer, Idempotency};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use super::checkout::{Checkout, Input, short};
use super::deciding::{Decision, Found, decide, find};
use super::prepared::Desk;
use super::{ENGINE, refusals};
use crate::domain::checkout::check_once_each;
use crate::domain::plan::Plan;
use crate::peers::{self, PeerError, Reserved};
use crate::store::checkouts::{self, Begun, New, Standing};

/// Buys what the input says.
///
/// # Errors
/// The problems of the route; 503 where the outcome is open and the key has to be repeated.
pub async fn buy(input: Input, idempotency: &Idempotency, trace: Option<String>) -> Result<Answer> {
    let buyer = input.buyer;
    let (begun, found) = match &input.lines {
        Some(lines) => {
            check_once_each(lines)?;
            // None needs another, except when there is nothing to run, which is rare. The claim's
            // connection is waited on for the claim alone and not for the peers.
            let (begun, found) = future::join(
                checkouts::begin(buyer, idempotency, trace.as_deref(), &input),
                find(buyer, lines, input.contact_id),
            )
            .await;
            (begun?, Some(found))
        }
        None => {
            let begun = checkouts::begin(buyer, idempotency, trace.as_deref(), &input);
            (begun.await?, None)
        }
    };
    match begun {
        Begun::Known(standing) => Ok(answer(standing).header("idempotency-replayed", "true")),
        Begun::Left { checkout, run } => {
            let desk = Desk::of(checkout, None, None);
            finish(buyer, run_of(&run)?, &desk).await
        }
        Begun::New(new) => {
            let request = Fresh {
                checkout: new.checkout,
                trace,
                input: completed(input, new),
            };
            request.run(found).await
        }
    }
}

/// Cancels a checkout that waits for its payment. What was held for it has been given back when it
/// answers 200.
///
/// # Errors
/// 404; 409 `wrong_state` once it is placed.
pub async fn cancel(
    buyer: Uuid,
    checkout: Uuid,
    reason: Option<&str>,
    idempotency: &Idempotency,
) -> Result<Answer> {
    if let Some(run) = checkouts::cancel(buyer, idempotency, checkout, reason).await? {
        go_on(run_of(&run)?).await?;
    }
    let standing = standing(buyer, checkout).await?;
    if standing.status == 201 {
        return Err(Error::problem_with(
            "wrong_state",
            serde_json::json!({"checkout_status": "placed"}),
        ));
    }
    Ok(answer(standing))
}

/// A workflow that this request has started.
struct Fresh {
    checkout: Uuid,
    trace: Option<String>,
    input: Input,
}

impl Fresh {
    async fn run(self, found: Option<Result<Found, PeerError>>) -> Result<Answer> {
        let decision = match self.decide(found).await {
            Ok(decision) => decision,
            // Nothing has happened yet: nobody has to go on with it.
            Err(error) => return self.refuse(error.into()).await,
        };
        let plan = match &decision {
            Decision::Go { plan, .. } => plan,
            Decision::No { refusal, .. } => {
                let refusal = refusals::tell(refusal);
                return self.refuse(refusal).await;
            }
        };
        let reserved = match self.reserve(plan).await {
            Some(Reserved::Short(shortages)) => {
                return self.refuse(refusals::tell(&short(&shortages))).await;
            }
            other => other,
        };
        let desk = Desk::of(self.checkout, Some(decision), reserved);
        let buyer = self.input.buyer;
        finish(buyer, self.first_run()?, &desk).await
    }

    /// As the store would give it.
    fn first_run(self) -> Result<Run> {
        let begun_at = self.input.begun_at.unwrap_or_default();
        Ok(Run {
            id: self.checkout,
            kind: Checkout::KIND.to_owned(),
            version: Checkout::VERSION,
            subject: Some(self.input.buyer),
            input: serde_json::to_value(&self.input).map_err(|e| Error::internal(e.to_string()))?,
            fence: 1,
            journal: Vec::new(),
            signals: Vec::new(),
            now: begun_at.to_rfc3339_opts(SecondsFormat::Millis, true),
            failures: BTreeMap::new(),
            failpoints: None,
            traceparent: self.trace,
        })
    }

    async fn decide(&self, found: Option<Result<Found, PeerError>>) -> Result<Decision, PeerError> {
        let wish = self.input.wish(self.checkout);
        let found = match found {
            Some(found) => found,
            None => find(wish.buyer, wish.lines, wish.contact).await,
        };
        decide(wish, found?).await
    }

    /// Where the workflow would note nothing before it reserves, this comes to the same, and a refusal
    /// is cheaper. `None`: the workflow does it.
    async fn reserve(&self, plan: &Plan) -> Option<Reserved> {
        if !self.input.is_cash() || !plan.usages.is_empty() {
            return None;
        }
        let reserved = peers::reserve(self.checkout, &plan.orders, self.input.held_s());
        // A fault leaves open what inventory did: asked again under the same ids, it answers the same.
        reserved.await.ok()
    }

    /// Forgets the workflow with its key, so that nobody goes on with it, and then says why.
    async fn refuse(&self, error: Error) -> Result<Answer> {
        let (buyer, key) = (self.input.buyer, self.input.key.as_str());
        if checkouts::abandon(buyer, key, self.checkout).await? {
            return Err(error);
        }
        // Somebody took it over, because this request was too slow; or it was forgotten before, by the
        // same statement whose answer was lost.
        match checkouts::read(buyer, self.checkout).await? {
            Some(standing) => Ok(answer(standing)),
            None => Err(error),
        }
    }
}

fn completed(input: Input, new: New) -> Input {
    Input {
        begun_at: Some(new.begun_at),
        lines: new.lines.or(input.lines),
        ..input
    }
}

fn run_of(text: &str) -> Result<Run> {
    serde_json::from_str(text).map_err(|e| Error::internal(format!("a run: {e}")))
}

/// Runs the workflow as far as it goes, and says how the checkout stands then.
async fn finish(buyer: Uuid, run: Run, desk: &Desk) -> Result<Answer> {
    let checkout = run.id;
    let ended = go_on(run).await?;
    if let Some(body) = desk.answer() {
        return Ok(answer(Standing {
            checkout,
            status: 201,
            body,
        }));
    }
    match ended {
        Ended::Failed(refusal) if !has_waited(&refusal) => Err(refusals::tell(&refusal)),
        _ => {
            // Where somebody else had it and it was forgotten, the client begins anew with its key.
            let standing = checkouts::read(buyer, checkout).await?;
            let gone = || Error::Unavailable(format!("checkout {checkout} is gone"));
            standing.map(answer).ok_or_else(gone)
        }
    }
}

async fn go_on(run: Run) -> Result<Ended> {
    let ended = drive::<Checkout>(&ENGINE, run).await;
    redis::ring_relay();
    match ended {
        Ok(ended) => Ok(ended),
        Err(EngineError::Superseded) => Ok(Ended::Superseded),
        // Whoever comes next finds out how far it got.
        Err(EngineError::Unavailable(text)) => Err(Error::Unavailable(text)),
    }
}

/// Whether the checkout has a row that says how it ended.
fn has_waited(refusal: &Value) -> bool {
    refusal.get("code").and_then(Value::as_str) == Some("wrong_state")
}

async fn standing(buyer: Uuid, checkout: Uuid) -> Result<Standing> {
    checkouts::read(buyer, checkout)
        .await?
        .ok_or_else(Error::not_found)
}

/// The answer of how a checkout stands.
fn answer(standing: Standing) -> Answer {
    Answer::json_text(standing.body)
        .status(StatusCode::from_u16(standing.status).unwrap_or(StatusCode::ACCEPTED))
        .location(&format!("/v1/checkouts/{}", standing.checkout))
}
