//! The engine's promises, on a store in memory: whatever fails or dies wherever, everything happens, is
//! noted once, or is undone.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]

mod memory;
mod trip;

use std::cell::Cell;
use std::time::Instant;

use futures::FutureExt as _;
use proptest::prelude::*;
use serde_json::{Value, json};

use self::memory::{Memory, dies_at, points};
use self::trip::{LATER, Mood, NOON, Trip, TripStep, new_world};
use crate::run::{Entry, EntryKind, Failpoint};
use crate::{
    AfterLimit, CANCEL, Context, Ended, FailWhen, Failure, Policy, Step, Stop, Workflow,
    drive_until,
};

#[derive(Debug, Clone)]
struct Case {
    failpoints: Vec<Failpoint>,
    mood: Mood,
    /// In which round it is paid.
    paid: Option<u32>,
    /// From which round on its time is up.
    late: u32,
    /// In which round it is cancelled.
    cancelled: Option<u32>,
    deaths: Vec<u32>,
    repeats: bool,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            failpoints: Vec::new(),
            mood: Mood::Accepts,
            paid: Some(1),
            late: 10,
            cancelled: None,
            deaths: Vec::new(),
            repeats: false,
        }
    }
}

/// Runs it until it has ended, as lanes would, checks what happened, and gives how it stands.
fn play(case: &Case) -> memory::Row {
    let mut memory = Memory::new();
    memory.repeats = case.repeats;
    let world = new_world(&memory, case.mood);
    dies_at(&case.deaths);
    for round in 0..300 {
        let now = if round < case.late { NOON } else { LATER };
        if case.paid == Some(round) {
            memory.tell("paid");
        }
        if case.cancelled == Some(round) {
            memory.tell(CANCEL);
        }
        let status = memory.row.borrow().status;
        match status {
            "running" | "undoing" => {
                let _ = memory.drive::<Trip>(&case.failpoints, now);
            }
            "waiting" if round >= case.late => memory.ring(),
            "waiting" => {}
            "stuck" => return memory.row.borrow().clone(),
            ended => {
                world.check(ended);
                let row = memory.row.borrow().clone();
                return row;
            }
        }
    }
    panic!("it never ends: {:?}", memory.row.borrow());
}

fn fails(step: &str, when: FailWhen, times: u32) -> Vec<Failpoint> {
    vec![Failpoint {
        step: step.into(),
        when,
        times,
    }]
}

#[test]
fn every_step_may_fail_before_and_after_or_happen_twice() {
    for step in TripStep::ALL {
        for when in [FailWhen::Before, FailWhen::After, FailWhen::Twice] {
            for (mood, paid) in [
                (Mood::Accepts, Some(1)),
                (Mood::Accepts, None),
                (Mood::Refuses, None),
            ] {
                let row = play(&Case {
                    failpoints: fails(step.name(), when, 2),
                    mood,
                    paid,
                    ..Case::default()
                });
                let expected = if paid.is_some() {
                    "completed"
                } else {
                    "failed"
                };
                assert_eq!(row.status, expected, "{step:?} {when:?} {mood:?}");
            }
        }
    }
}

#[test]
fn a_runner_may_die_before_and_after_every_call_and_every_step() {
    for (mood, paid, late, cancelled) in [
        (Mood::Accepts, Some(1), 5, None),
        (Mood::Accepts, Some(0), 5, None),
        (Mood::Accepts, None, 5, None),
        (Mood::Accepts, Some(3), 2, None),
        (Mood::Refuses, None, 5, None),
        (Mood::RefusesOnce, Some(1), 5, None),
        (Mood::Accepts, Some(5), 9, Some(1)),
    ] {
        let mut case = Case {
            mood,
            paid,
            late,
            cancelled,
            ..Case::default()
        };
        let ended = play(&case).status;
        let all = points();
        assert!(all > 12, "{all} points");
        for at in 0..all {
            case.deaths = vec![at];
            let again = play(&case).status;
            // A refusal that nobody noted may not be repeated, and a payment may be quicker than the time.
            if mood != Mood::RefusesOnce && (late > 2) {
                assert_eq!(again, ended, "{case:?}");
            }
        }
    }
}

#[test]
fn a_step_that_always_fails_is_given_up_and_everything_undone() {
    for step in [
        TripStep::Price,
        TripStep::Book,
        TripStep::Charge,
        TripStep::Print,
    ] {
        let row = play(&Case {
            failpoints: fails(step.name(), FailWhen::After, u32::MAX),
            ..Case::default()
        });
        assert_eq!(row.status, "failed", "{step:?}");
        assert_eq!(row.outcome["refused"]["code"], "unavailable");
    }
}

#[test]
fn an_undo_that_never_works_is_left_to_a_person() {
    let row = play(&Case {
        failpoints: fails("repay", FailWhen::Before, u32::MAX),
        mood: Mood::Refuses,
        ..Case::default()
    });
    assert_eq!(row.status, "stuck");
    assert!(
        row.outcome.to_string().contains("repay: failed 70 times"),
        "{}",
        row.outcome
    );
}

#[test]
fn a_slow_holder_can_write_nothing_more() {
    let memory = Memory::new();
    let world = new_world(&memory, Mood::Accepts);
    dies_at(&[]);
    let until = || Instant::now() + std::time::Duration::from_secs(9);
    let slow = memory.take(&[], NOON);
    memory.tell("paid");
    let quick = memory.take(&[], NOON);
    let ended = drive_until::<Trip>(&memory, quick, until()).now_or_never();
    assert!(matches!(ended, Some(Ok(Ended::Completed(_)))), "{ended:?}");
    let before = memory.row.borrow().clone();
    let ended = drive_until::<Trip>(&memory, slow, until()).now_or_never();
    assert_eq!(ended, Some(Ok(Ended::Superseded)));
    assert_eq!(*memory.row.borrow(), before);
    assert_eq!(world.count("file"), 1);
}

#[test]
fn a_run_without_time_does_one_step_and_is_gone_on_with() {
    let memory = Memory::new();
    let world = new_world(&memory, Mood::Accepts);
    dies_at(&[]);
    memory.tell("paid");
    let mut runs = 0;
    while memory.row.borrow().status == "running" {
        let run = memory.take(&[], NOON);
        let ended = drive_until::<Trip>(&memory, run, Instant::now()).now_or_never();
        assert!(
            matches!(ended, Some(Ok(Ended::Suspended | Ended::Completed(_)))),
            "{ended:?}"
        );
        runs += 1;
        assert!(runs < 20);
    }
    assert!(runs > 4, "{runs}");
    assert!(memory.row.borrow().failures.is_empty());
    world.check("completed");
}

fn entry(step: &str, kind: EntryKind) -> Entry {
    Entry {
        step: step.into(),
        key: String::new(),
        kind,
        outcome: json!({"ok": 1}),
    }
}

#[test]
fn a_journal_of_other_code_is_left_to_a_person() {
    for (mood, noted, complaint) in [
        (
            Mood::Accepts,
            entry("price", EntryKind::Wait),
            "price: the journal has a Wait",
        ),
        (Mood::Accepts, entry("pack", EntryKind::Step), "pack"),
        (Mood::Refuses, entry("pack", EntryKind::Step), "pack"),
        (Mood::Refuses, entry("unpack", EntryKind::Undo), "unpack"),
        (
            Mood::Accepts,
            entry("await", EntryKind::Step),
            "await: the journal has a Step",
        ),
    ] {
        let memory = Memory::new();
        new_world(&memory, mood);
        dies_at(&[]);
        memory.row.borrow_mut().journal = vec![noted];
        memory.tell("paid");
        assert_eq!(memory.drive::<Trip>(&[], NOON), Some(Ok(Ended::Stuck)));
        let outcome = memory.row.borrow().outcome.to_string();
        assert!(outcome.contains(complaint), "{outcome}");
    }
}

crate::steps! {
    enum OddStep { Only => "only" }
}

thread_local! {
    static CALLED: Cell<u32> = const { Cell::new(0) };
}

/// Does the same step twice.
struct Careless;

impl Workflow for Careless {
    const KIND: &'static str = "trip";
    type Input = Value;
    type Output = ();
    type Step = OddStep;

    async fn run(ctx: &Context<'_, OddStep>, _: Value) -> Result<(), Stop> {
        for _ in 0..2 {
            ctx.step(OddStep::Only, "", || async { Ok(()) }).await?;
        }
        Ok(())
    }
}

#[test]
fn a_step_that_the_code_comes_to_twice_needs_a_key() {
    let memory = Memory::new();
    dies_at(&[]);
    assert_eq!(memory.drive::<Careless>(&[], NOON), Some(Ok(Ended::Stuck)));
}

/// Would rather have a person look than give up.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stubborn;

impl Step for Stubborn {
    const ALL: &'static [Self] = &[Self];
    fn name(self) -> &'static str {
        "only"
    }
    fn policy(self) -> Policy {
        Policy {
            limit: 3,
            after_limit: AfterLimit::Stuck,
            ..Policy::DEFAULT
        }
    }
}

impl Workflow for Stubborn {
    const KIND: &'static str = "trip";
    type Input = Value;
    type Output = ();
    type Step = Stubborn;

    async fn run(ctx: &Context<'_, Stubborn>, _: Value) -> Result<(), Stop> {
        assert_eq!(ctx.version(), 1);
        let failed = ctx
            .step(Stubborn, "", || async {
                CALLED.set(CALLED.get() + 1);
                Err::<(), _>(Failure::Retry("away".into()))
            })
            .await;
        // What a flow makes of it does not matter.
        assert!(failed.is_err());
        Ok(())
    }
}

#[test]
fn a_policy_may_leave_a_step_to_a_person() {
    let memory = Memory::new();
    dies_at(&[]);
    for expected in [Ended::Suspended, Ended::Suspended, Ended::Stuck] {
        assert_eq!(memory.drive::<Stubborn>(&[], NOON), Some(Ok(expected)));
    }
    assert_eq!(CALLED.get(), 3);
}

#[test]
fn what_newer_code_began_is_left_to_it() {
    let memory = Memory::new();
    dies_at(&[]);
    let mut run = memory.take(&[], NOON);
    run.version = 2;
    let ended = drive_until::<Stubborn>(&memory, run, Instant::now()).now_or_never();
    assert_eq!(ended, Some(Ok(Ended::Suspended)));
    assert_eq!(memory.row.borrow().failures["!version"], 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn whatever_fails_and_dies_wherever_it_ends_as_it_should(
        mood in prop::sample::select(vec![Mood::Accepts, Mood::RefusesOnce, Mood::Refuses]),
        paid in prop::option::of(0_u32..8),
        late in 1_u32..10,
        cancelled in prop::option::of(0_u32..8),
        deaths in prop::collection::vec(0_u32..60, 0..4),
        failing in prop::collection::vec(
            (0..TripStep::ALL.len(), prop::sample::select(vec![FailWhen::Before, FailWhen::After, FailWhen::Twice]), 1_u32..3),
            0..3,
        ),
        repeats: bool,
    ) {
        let failpoints = failing
            .into_iter()
            .map(|(step, when, times)| Failpoint { step: TripStep::ALL[step].name().into(), when, times })
            .collect();
        let row = play(&Case { failpoints, mood, paid, late, cancelled, deaths, repeats });
        prop_assert!(["completed", "failed", "cancelled"].contains(&row.status), "{row:?}");
        if mood == Mood::Refuses {
            prop_assert!(row.status != "completed");
        }
        if cancelled.is_none() && mood == Mood::Accepts && paid == Some(0) {
            prop_assert_eq!(row.status, "completed");
        }
    }
}
