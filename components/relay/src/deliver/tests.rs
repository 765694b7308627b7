use std::cell::RefCell;
use std::collections::HashSet;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::LocalBoxFuture;
use stoa_events::bindings::stoa::events::types::Event;
use stoa_events::bindings::stoa::types::common::Fault;

use super::*;

/// A delivery of an event from a module that does not matter.
pub(crate) fn delivery(id: &str, consumer: &str, tries: u32) -> Delivery {
    Delivery {
        event: Event {
            id: id.into(),
            source: "shop".into(),
            kind: "thing.happened".into(),
            subject: id.into(),
            sequence: 1,
            time: "2026-01-02T03:04:05.000Z".into(),
            traceparent: None,
            data: "{}".into(),
        },
        consumer: consumer.into(),
        tries,
        lease: format!("lease-{id}"),
    }
}

thread_local! {
    /// What the publisher `shop` hands out, claim after claim.
    static OUTBOX: RefCell<Vec<Vec<Delivery>>> = const { RefCell::new(Vec::new()) };
    /// What happened, in order.
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// Events at which the consumer `desk` says that it cannot read the batch.
    static UNREADABLE: RefCell<HashSet<String>> = RefCell::default();
}

fn log(line: String) {
    LOG.with_borrow_mut(|log| log.push(line));
}

fn nothing_to_claim(_: u32, _: u32) -> crate::module::Call<Vec<Delivery>> {
    async { Ok(Vec::new()) }.boxed_local()
}

const SHOP: Module = Module {
    name: "shop",
    lane: Some("shop-flows"),
    claim: |limit, lease_ms| {
        assert_eq!((limit, lease_ms), (100, 10_000));
        let next = OUTBOX.with_borrow_mut(|outbox| {
            if outbox.is_empty() {
                Vec::new()
            } else {
                outbox.remove(0)
            }
        });
        async { Ok(next) }.boxed_local()
    },
    settle: |marks| {
        let mut lines: Vec<String> = marks
            .iter()
            .map(|m| format!("{}→{}:{:?}", m.event_id, m.consumer, m.outcome))
            .collect();
        lines.sort();
        log(format!("settle {}", lines.join(" ")));
        async move { Ok(u32::try_from(marks.len()).unwrap()) }.boxed_local()
    },
    handle: |_| async { Err(Fault::Unavailable("shop is closed".into())) }.boxed_local(),
    tidy: || async { Ok(0) }.boxed_local(),
};

const DESK: Module = Module {
    name: "desk",
    lane: Some("desk-flows"),
    claim: nothing_to_claim,
    settle: |_| async { Ok(0) }.boxed_local(),
    handle: |events| {
        let ids: Vec<String> = events.into_iter().map(|e| e.id).collect();
        log(format!("desk {}", ids.join(",")));
        let unreadable = UNREADABLE.with_borrow(|it| ids.iter().any(|id| it.contains(id)));
        async move {
            if unreadable {
                Err(Fault::Invalid("what?".into()))
            } else {
                Ok(vec![Outcome::Done; ids.len()])
            }
        }
        .boxed_local()
    },
    tidy: || async { Ok(0) }.boxed_local(),
};

/// A publisher whose database is away.
const AWAY: Module = Module {
    name: "away",
    claim: |_, _| async { Err(Fault::Unavailable("no connection".into())) }.boxed_local(),
    ..DESK
};

struct Record(RefCell<HashSet<String>>);

impl Trials for Record {
    fn open(&self, keys: Vec<String>) -> LocalBoxFuture<'_, HashSet<String>> {
        async move {
            keys.into_iter()
                .filter(|key| self.0.borrow().contains(key))
                .collect()
        }
        .boxed_local()
    }

    fn begin(&self, key: String) -> LocalBoxFuture<'_, ()> {
        async move {
            self.0.borrow_mut().insert(key);
        }
        .boxed_local()
    }

    fn end(&self, key: String) -> LocalBoxFuture<'_, ()> {
        async move {
            self.0.borrow_mut().remove(&key);
        }
        .boxed_local()
    }
}

fn run(
    claims: Vec<Vec<Delivery>>,
    unreadable: &[&str],
    record: &Record,
) -> (Vec<Vec<&'static str>>, Vec<String>) {
    OUTBOX.set(claims);
    LOG.take();
    UNREADABLE.set(unreadable.iter().map(|id| (*id).to_owned()).collect());
    let modules = [AWAY, SHOP, DESK];
    let rounds = block_on(async {
        let mut rounds = Vec::new();
        loop {
            let Round { busy, ring } = round(&modules, record).await;
            if !busy {
                assert!(ring.is_empty());
                break;
            }
            rounds.push(ring);
        }
        rounds
    });
    (rounds, LOG.take())
}

fn nobody() -> Record {
    Record(RefCell::default())
}

#[test]
fn fresh_deliveries_go_in_one_batch_and_are_settled_at_once() {
    let (rounds, log) = run(
        vec![vec![delivery("1", "desk", 1), delivery("2", "desk", 1)]],
        &[],
        &nobody(),
    );
    assert_eq!(rounds.len(), 1);
    assert_eq!(
        log,
        [
            "desk 1,2",
            "settle 1→desk:Outcome::Done 2→desk:Outcome::Done"
        ]
    );
}

#[test]
fn rounds_go_on_as_long_as_a_claim_returns_something() {
    let claims = (1..4)
        .map(|i| vec![delivery(&i.to_string(), "desk", 1)])
        .collect();
    assert_eq!(run(claims, &[], &nobody()).0.len(), 3);
}

#[test]
fn suspects_wait_until_the_fresh_ones_are_settled_and_go_alone() {
    let claim = vec![
        delivery("1", "desk", 2),
        delivery("2", "desk", 1),
        delivery("3", "desk", 5),
        delivery("4", "desk", 1),
    ];
    let (_, log) = run(vec![claim], &[], &nobody());
    assert_eq!(
        log[..2],
        [
            "desk 2,4",
            "settle 2→desk:Outcome::Done 4→desk:Outcome::Done"
        ]
    );
    // Whichever comes first, it is settled before the other is tried.
    let alone = |id: &str| {
        [
            format!("desk {id}"),
            format!("settle {id}→desk:Outcome::Done"),
        ]
    };
    let (first, second) = if log[2] == "desk 1" {
        ("1", "3")
    } else {
        ("3", "1")
    };
    assert_eq!(log[2..], [alone(first), alone(second)].concat());
}

#[test]
fn a_suspect_whose_trial_never_ended_goes_last() {
    for culprit in ["1", "2", "3"] {
        let claim: Vec<Delivery> = ["1", "2", "3"].map(|id| delivery(id, "desk", 2)).into();
        let record = nobody();
        record
            .0
            .borrow_mut()
            .insert(format!("stoa:trial:desk:{culprit}"));
        let (_, log) = run(vec![claim], &[], &record);
        let tried: Vec<&String> = log.iter().filter(|line| line.starts_with("desk")).collect();
        assert_eq!(tried.last().copied(), Some(&format!("desk {culprit}")));
        assert!(record.0.borrow().is_empty(), "its trial has ended");
    }
}

#[test]
fn a_batch_that_cannot_be_read_is_handed_out_one_by_one() {
    let claim = vec![
        delivery("1", "desk", 1),
        delivery("2", "desk", 1),
        delivery("3", "desk", 1),
    ];
    let (_, log) = run(vec![claim], &["2"], &nobody());
    assert_eq!(log[..4], ["desk 1,2,3", "desk 1", "desk 2", "desk 3"]);
    assert_eq!(
        log[4],
        "settle 1→desk:Outcome::Done 2→desk:Outcome::Reject(\"invalid: what?\") 3→desk:Outcome::Done"
    );
}

#[test]
fn one_consumer_that_is_away_or_unknown_does_not_touch_another() {
    let claim = vec![
        delivery("1", "shop", 1),
        delivery("2", "desk", 1),
        delivery("3", "nobody", 1),
    ];
    let (_, log) = run(vec![claim], &[], &nobody());
    let settled = log.last().unwrap();
    assert!(
        settled.contains("1→shop:Outcome::Retry(\"unavailable: shop is closed\")"),
        "{settled}"
    );
    assert!(settled.contains("2→desk:Outcome::Done"), "{settled}");
    assert!(settled.contains("3→nobody:Outcome::Reject"), "{settled}");
}

#[test]
fn a_lane_is_rung_for_once_in_each_round_that_hands_its_module_something() {
    let claims = vec![
        vec![
            delivery("1", "desk", 1),
            delivery("2", "desk", 1),
            delivery("3", "nobody", 1),
        ],
        vec![delivery("4", "shop", 1), delivery("5", "desk", 3)],
        vec![delivery("6", "nobody", 1)],
    ];
    let (rounds, _) = run(claims, &[], &nobody());
    assert_eq!(
        rounds,
        [vec!["desk-flows"], vec!["shop-flows", "desk-flows"], vec![]]
    );
}
