//! One round: claim from every outbox, hand out, settle.

use std::collections::BTreeSet;
use std::time::Instant;

use futures::future::join_all;
use stoa_events::bindings::stoa::events::types::{Delivery, Mark, Outcome};

use crate::module::{Module, words};
use crate::plan::{self, Share, Verdict};
use crate::trials::Trials;

/// A delivery that gets a trial of its own, and the module whose outbox it is from.
struct Suspect {
    publisher: Module,
    delivery: Delivery,
    claimed: Instant,
}

/// What a round came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Round {
    /// Whether there was anything to do.
    pub busy: bool,
    /// The lanes of workflows that were told something, each once.
    pub ring: Vec<&'static str>,
}

/// What came from one outbox.
#[derive(Default)]
struct Claimed {
    /// To whom it goes.
    consumers: BTreeSet<String>,
    /// What is left for a trial.
    suspects: Vec<Suspect>,
}

/// One round over all modules.
pub async fn round(modules: &[Module], trials: &impl Trials) -> Round {
    let claimed = join_all(modules.iter().map(|publisher| fresh(*publisher, modules))).await;
    let mut consumers = BTreeSet::new();
    let mut suspects = Vec::new();
    for claim in claimed {
        consumers.extend(claim.consumers);
        suspects.extend(claim.suspects);
    }
    // Only now that everybody's fresh deliveries are settled: a suspect that brings the relay down
    // takes nothing else with it.
    try_suspects(suspects, modules, trials).await;
    let told = modules.iter().filter(|it| consumers.contains(it.name));
    Round {
        ring: told.filter_map(|module| module.lane).collect(),
        busy: !consumers.is_empty(),
    }
}

/// Claims from one module, hands out what is fresh, consumers at the same time, and settles it.
async fn fresh(publisher: Module, modules: &[Module]) -> Claimed {
    // Before the claim, so that the lease is never thought to last longer than it does.
    let claimed = Instant::now();
    let lease_ms = u32::try_from(plan::LEASE.as_millis()).unwrap_or(u32::MAX);
    let deliveries = match (publisher.claim)(plan::CLAIM_LIMIT, lease_ms).await {
        Ok(deliveries) => deliveries,
        Err(fault) => {
            eprintln!("relay: {}: claim: {:?}", publisher.name, words(&fault));
            return Claimed::default();
        }
    };
    let shares = plan::partition(deliveries);
    let handed = join_all(
        shares
            .into_iter()
            .map(async |(consumer, Share { fresh, suspects })| {
                let marks = if fresh.is_empty() {
                    Vec::new()
                } else {
                    hand(&consumer, fresh, modules).await
                };
                (consumer, marks, suspects)
            }),
    )
    .await;
    let mut marks = Vec::new();
    let mut claim = Claimed::default();
    for (consumer, settled, suspects) in handed {
        claim.consumers.insert(consumer);
        marks.extend(settled);
        claim
            .suspects
            .extend(suspects.into_iter().map(|delivery| Suspect {
                publisher,
                delivery,
                claimed,
            }));
    }
    settle(publisher, marks).await;
    claim
}

/// Hands a batch to its consumer. Every delivery comes back with an outcome.
async fn hand(consumer: &str, batch: Vec<Delivery>, modules: &[Module]) -> Vec<Mark> {
    let Some(module) = modules.iter().find(|module| module.name == consumer) else {
        eprintln!("relay: {consumer:?}: there is no such module to deliver to");
        return plan::all(
            &batch,
            &Outcome::Reject(format!("there is no module called {consumer:?}")),
        );
    };
    match ask(module, &batch).await {
        Verdict::Settled(marks) => marks,
        Verdict::OneByOne => {
            let mut marks = Vec::with_capacity(batch.len());
            for delivery in &batch {
                if let Verdict::Settled(mark) = ask(module, std::slice::from_ref(delivery)).await {
                    marks.extend(mark);
                }
            }
            marks
        }
    }
}

async fn ask(module: &Module, batch: &[Delivery]) -> Verdict {
    let events = batch
        .iter()
        .map(|delivery| delivery.event.clone())
        .collect();
    let answer = (module.handle)(events).await;
    if let Err(fault) = &answer {
        eprintln!("relay: {}: handle: {:?}", module.name, words(fault));
    }
    plan::verdict(batch, answer)
}

/// Tries suspects one after another, each settled before the next begins.
async fn try_suspects(mut suspects: Vec<Suspect>, modules: &[Module], trials: &impl Trials) {
    if suspects.is_empty() {
        return;
    }
    let keys = suspects
        .iter()
        .map(|it| plan::trial_key(&it.delivery))
        .collect();
    let open = trials.open(keys).await;
    plan::order_suspects(
        &mut suspects,
        |it| &it.delivery,
        |it| open.contains(&plan::trial_key(&it.delivery)),
    );
    for Suspect {
        publisher,
        delivery,
        claimed,
    } in suspects
    {
        let marks = if plan::may_try(claimed, Instant::now()) {
            let key = plan::trial_key(&delivery);
            let consumer = delivery.consumer.clone();
            trials.begin(key.clone()).await;
            let marks = hand(&consumer, vec![delivery], modules).await;
            trials.end(key).await;
            marks
        } else {
            plan::all(
                &[delivery],
                &Outcome::Retry("the relay did not get to it in time".into()),
            )
        };
        settle(publisher, marks).await;
    }
}

/// Brings outcomes back. When that fails the lease runs out, and the consumer's inbox knows the
/// event the next time.
async fn settle(publisher: Module, marks: Vec<Mark>) {
    if marks.is_empty() {
        return;
    }
    if let Err(fault) = (publisher.settle)(marks).await {
        eprintln!("relay: {}: settle: {:?}", publisher.name, words(&fault));
    }
}

#[cfg(test)]
pub(crate) mod tests;
