//! What to hand to whom, in which order and for how long: no I/O.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use stoa_events::bindings::stoa::events::types::{Delivery, Mark, Outcome};
use stoa_events::bindings::stoa::types::common::Fault;

use crate::module::words;

/// Deliveries claimed at once from one module.
pub const CLAIM_LIMIT: u32 = 100;
/// How long a claim is ours.
pub const LEASE: Duration = Duration::from_secs(10);
/// After this long a wake claims nothing more: the next wake waits behind it.
const CLAIM_FOR: Duration = Duration::from_secs(2);
/// Until when after its claim a delivery may still be tried. What is begun then has time to end
/// before the lease does.
const TRY_FOR: Duration = Duration::from_secs(6);

/// How long a wake may go on.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    started: Instant,
}

impl Budget {
    /// A budget that begins to run now.
    #[must_use]
    pub fn starting(now: Instant) -> Self {
        Self { started: now }
    }

    /// Whether another claim may be made.
    #[must_use]
    pub fn may_claim(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.started) < CLAIM_FOR
    }
}

/// Whether a delivery claimed at `claimed` may still be handed out.
#[must_use]
pub fn may_try(claimed: Instant, now: Instant) -> bool {
    now.saturating_duration_since(claimed) < TRY_FOR
}

/// What one consumer is to get of a claim.
#[derive(Debug, Default)]
pub struct Share {
    /// Never tried before: one batch.
    pub fresh: Vec<Delivery>,
    /// Tried before without an outcome that ended it: one at a time. It may have brought its
    /// consumer down, and everything that was in flight with it.
    pub suspects: Vec<Delivery>,
}

/// Splits a claim by consumer, and what is new from what is not. Keeps the order.
#[must_use]
pub fn partition(claimed: Vec<Delivery>) -> BTreeMap<String, Share> {
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    for delivery in claimed {
        let share = shares.entry(delivery.consumer.clone()).or_default();
        if delivery.tries > 1 {
            share.suspects.push(delivery);
        } else {
            share.fresh.push(delivery);
        }
    }
    shares
}

/// Puts suspects in the order in which to try them, so that one that brings the relay down takes
/// its neighbours' tries with it as seldom as possible.
///
/// Those that were being tried alone when a relay ended come last: they are what ended it. Should
/// that be forgotten, the order differs from try to try, and everybody comes first some time.
pub fn order_suspects<T>(
    suspects: &mut [T],
    delivery: impl Fn(&T) -> &Delivery,
    ended_a_relay: impl Fn(&T) -> bool,
) {
    suspects.sort_by_cached_key(|suspect| {
        let it = delivery(suspect);
        let mut hasher = DefaultHasher::new();
        (&it.event.id, &it.consumer, it.tries).hash(&mut hasher);
        (ended_a_relay(suspect), hasher.finish())
    });
}

/// The name under which a delivery's trial is remembered.
#[must_use]
pub fn trial_key(delivery: &Delivery) -> String {
    format!("stoa:trial:{}:{}", delivery.consumer, delivery.event.id)
}

/// Which of the keys are on record, by the answers to them in the same order.
#[must_use]
pub fn on_record(keys: &[String], answers: &[bool]) -> HashSet<String> {
    // An answer of another length is about other keys.
    if keys.len() != answers.len() {
        return HashSet::new();
    }
    keys.iter()
        .zip(answers)
        .filter(|(_, there)| **there)
        .map(|(key, _)| key.clone())
        .collect()
}

/// What a consumer's answer to a batch comes to.
#[derive(Debug)]
pub enum Verdict {
    /// Every delivery has its outcome.
    Settled(Vec<Mark>),
    /// One of the batch is at fault and nobody knows which: hand them out one by one.
    OneByOne,
}

/// Reads a consumer's answer to `batch`.
#[must_use]
pub fn verdict(batch: &[Delivery], answer: Result<Vec<Outcome>, Fault>) -> Verdict {
    match answer {
        Ok(outcomes) if outcomes.len() == batch.len() => Verdict::Settled(
            batch
                .iter()
                .zip(outcomes)
                .map(|(it, outcome)| mark(it, outcome))
                .collect(),
        ),
        Ok(outcomes) => {
            let text = format!("{} events, {} outcomes", batch.len(), outcomes.len());
            Verdict::Settled(all(batch, &Outcome::Retry(text)))
        }
        Err(fault @ Fault::Unavailable(_)) => {
            Verdict::Settled(all(batch, &Outcome::Retry(words(&fault))))
        }
        Err(_) if batch.len() > 1 => Verdict::OneByOne,
        Err(fault) => Verdict::Settled(all(batch, &Outcome::Reject(words(&fault)))),
    }
}

/// The same outcome for all.
#[must_use]
pub fn all(batch: &[Delivery], outcome: &Outcome) -> Vec<Mark> {
    batch.iter().map(|it| mark(it, outcome.clone())).collect()
}

/// An outcome on its way back.
#[must_use]
pub fn mark(delivery: &Delivery, outcome: Outcome) -> Mark {
    Mark {
        event_id: delivery.event.id.clone(),
        consumer: delivery.consumer.clone(),
        lease: delivery.lease.clone(),
        outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::tests::delivery;

    fn ids(deliveries: &[Delivery]) -> Vec<&str> {
        deliveries.iter().map(|d| d.event.id.as_str()).collect()
    }

    #[test]
    fn a_claim_is_split_by_consumer_and_what_was_tried_before_stands_apart() {
        let shares = partition(vec![
            delivery("1", "catalog", 1),
            delivery("2", "notification", 3),
            delivery("3", "notification", 1),
            delivery("4", "notification", 1),
            delivery("5", "catalog", 2),
        ]);
        assert_eq!(
            shares.keys().collect::<Vec<_>>(),
            ["catalog", "notification"]
        );
        assert_eq!(ids(&shares["catalog"].fresh), ["1"]);
        assert_eq!(ids(&shares["catalog"].suspects), ["5"]);
        assert_eq!(ids(&shares["notification"].fresh), ["3", "4"]);
        assert_eq!(ids(&shares["notification"].suspects), ["2"]);
    }

    #[test]
    fn a_wake_claims_for_two_seconds_and_finishes_within_its_leases() {
        let start = Instant::now();
        let budget = Budget::starting(start);
        assert!(budget.may_claim(start) && budget.may_claim(start + Duration::from_millis(1_999)));
        assert!(!budget.may_claim(start + Duration::from_secs(2)));
        assert!(may_try(start, start + Duration::from_secs(5)));
        assert!(!may_try(start, start + TRY_FOR));
        assert!(TRY_FOR < LEASE);
    }

    #[test]
    fn what_ended_a_relay_is_tried_last() {
        for trapper in 0..20 {
            let mut suspects: Vec<Delivery> =
                (0..20).map(|i| delivery(&i.to_string(), "c", 2)).collect();
            order_suspects(&mut suspects, |d| d, |d| d.event.id == trapper.to_string());
            assert_eq!(
                suspects.last().map(|d| d.event.id.clone()),
                Some(trapper.to_string())
            );
        }
    }

    #[test]
    fn without_a_record_everybody_comes_before_the_culprit_within_a_few_tries() {
        let mut behind: HashSet<String> = (1..20).map(|i| i.to_string()).collect();
        for tries in 2..10 {
            let mut suspects: Vec<Delivery> =
                behind.iter().map(|id| delivery(id, "c", tries)).collect();
            suspects.push(delivery("0", "c", tries));
            order_suspects(&mut suspects, |d| d, |_| false);
            for done in suspects.iter().take_while(|d| d.event.id != "0") {
                behind.remove(&done.event.id);
            }
        }
        assert!(behind.len() <= 1, "{behind:?}");
    }

    #[test]
    fn only_keys_with_an_answer_are_on_record() {
        let keys = ["a".to_owned(), "b".to_owned()];
        assert_eq!(
            on_record(&keys, &[false, true]),
            HashSet::from(["b".to_owned()])
        );
        assert!(on_record(&keys, &[true]).is_empty());
    }

    #[test]
    fn outcomes_belong_to_the_deliveries_in_their_order() {
        let batch = [delivery("1", "c", 1), delivery("2", "c", 1)];
        let Verdict::Settled(marks) = verdict(
            &batch,
            Ok(vec![Outcome::Done, Outcome::Reject("bad".into())]),
        ) else {
            panic!("not settled")
        };
        assert_eq!(
            (marks[0].event_id.as_str(), marks[0].lease.as_str()),
            ("1", "lease-1")
        );
        assert!(matches!(marks[0].outcome, Outcome::Done));
        assert!(matches!(&marks[1].outcome, Outcome::Reject(text) if text == "bad"));
    }

    #[test]
    fn a_consumer_that_is_away_or_miscounts_is_asked_again() {
        let batch = [delivery("1", "c", 1), delivery("2", "c", 1)];
        for answer in [
            Err(Fault::Unavailable("away".into())),
            Ok(vec![Outcome::Done]),
        ] {
            let Verdict::Settled(marks) = verdict(&batch, answer) else {
                panic!("not settled")
            };
            assert_eq!(marks.len(), 2);
            assert!(marks.iter().all(|m| matches!(m.outcome, Outcome::Retry(_))));
        }
    }

    #[test]
    fn a_batch_that_cannot_be_read_is_taken_apart_and_a_single_one_is_rejected() {
        let batch = [delivery("1", "c", 1), delivery("2", "c", 1)];
        let invalid = || Err(Fault::Invalid("no JSON".into()));
        assert!(matches!(verdict(&batch, invalid()), Verdict::OneByOne));
        let Verdict::Settled(marks) = verdict(&batch[..1], invalid()) else {
            panic!("not settled")
        };
        assert!(matches!(&marks[0].outcome, Outcome::Reject(text) if text.contains("no JSON")));
    }
}
