//! A workflow with everything in it, and the world in which it happens.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use chrono::DateTime;
use serde_json::{Value, json};

use super::memory::{Memory, point};
use crate::{Context, Failure, Stop, Woken, Workflow};

pub const NOON: &str = "2026-01-01T12:00:00.000Z";
pub const LATER: &str = "2026-01-02T12:00:00.000Z";

crate::steps! {
    pub enum TripStep {
        Price => "price",
        Book => "book",
        Unbook => "unbook",
        Charge => "charge",
        Repay => "repay",
        Await => "await",
        Close => "close",
        Print => "print",
        Shred => "shred",
        File => "file",
    }
}

/// How often a charge is refused before it is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Accepts,
    RefusesOnce,
    Refuses,
}

pub struct World {
    memory: Memory,
    mood: Cell<Mood>,
    price: Cell<i64>,
    /// Every effect, in order.
    log: RefCell<Vec<String>>,
}

impl World {
    fn did(&self, what: impl Into<String>) {
        self.log.borrow_mut().push(what.into());
    }

    pub fn count(&self, what: &str) -> usize {
        self.log
            .borrow()
            .iter()
            .filter(|done| *done == what)
            .count()
    }

    fn first(&self, what: &str) -> Option<usize> {
        self.log
            .borrow()
            .iter()
            .position(|done| done.starts_with(what))
    }

    fn last(&self, what: &str) -> Option<usize> {
        self.log
            .borrow()
            .iter()
            .rposition(|done| done.starts_with(what))
    }

    /// Whatever happened, it happened as it should.
    pub fn check(&self, ended: &str) {
        let log = self.log.borrow().clone();
        let charged: Vec<&String> = log
            .iter()
            .filter(|done| done.starts_with("charge"))
            .collect();
        assert!(
            charged.windows(2).all(|w| w[0] == w[1]),
            "two prices: {log:?}"
        );
        let back = ["unbook", "repay", "shred"];
        let turned = back.iter().filter_map(|undo| self.first(undo)).min();
        if ended == "completed" {
            assert_eq!(turned, None, "{log:?}");
            assert_eq!(self.count("file"), 1, "{log:?}");
            for done in ["book out", "book home", "charge", "print"] {
                assert!(self.first(done).is_some(), "no {done}: {log:?}");
            }
            return;
        }
        assert_eq!(self.count("file"), 0, "{log:?}");
        for (done, undone) in [
            ("book out", "unbook out"),
            ("book home", "unbook home"),
            ("charge", "repay"),
            ("print", "shred"),
        ] {
            let (done_at, undone_at) = (self.last(done), self.first(undone));
            assert!(
                done_at.is_none() || undone_at.is_some(),
                "{done} is not undone: {log:?}"
            );
            // From the first undo on nothing is done any more.
            assert!(
                done_at < turned.or(Some(usize::MAX)),
                "{done} after turning back: {log:?}"
            );
        }
        // The first time, in reverse. A runner that died on the way back begins it again.
        let order: Vec<usize> = ["shred", "repay", "unbook home", "unbook out"]
            .iter()
            .filter_map(|undo| self.first(undo))
            .collect();
        assert!(order.is_sorted(), "undone in another order: {log:?}");
    }
}

thread_local! {
    static WORLD: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

pub fn new_world(memory: &Memory, mood: Mood) -> Rc<World> {
    let world = Rc::new(World {
        memory: memory.clone(),
        mood: Cell::new(mood),
        price: Cell::new(0),
        log: RefCell::default(),
    });
    WORLD.replace(Some(Rc::clone(&world)));
    world
}

/// An effect, before and after which one may die.
async fn does(world: Rc<World>, what: String) -> Result<(), Failure> {
    point().await;
    world.did(what);
    point().await;
    Ok(())
}

fn undoes(
    ctx: &Context<'_, TripStep>,
    world: &Rc<World>,
    step: TripStep,
    key: &'static str,
    what: &'static str,
) {
    let world = Rc::clone(world);
    ctx.undo(step, key, move || does(Rc::clone(&world), what.into()));
}

pub struct Trip;

impl Workflow for Trip {
    const KIND: &'static str = "trip";
    type Input = Value;
    type Output = i64;
    type Step = TripStep;

    async fn run(ctx: &Context<'_, TripStep>, _: Value) -> Result<i64, Stop> {
        let world = WORLD.with_borrow(Clone::clone).expect("a world");
        let price: i64 = ctx
            .step(TripStep::Price, "", || async {
                // Another one each time that it is asked for.
                world.price.set(world.price.get() + 1);
                Ok(world.price.get())
            })
            .await?;
        ctx.note().await?;
        undoes(ctx, &world, TripStep::Unbook, "out", "unbook out");
        undoes(ctx, &world, TripStep::Unbook, "home", "unbook home");
        let (out, home) = futures::join!(
            ctx.step(TripStep::Book, "out", || does(
                Rc::clone(&world),
                "book out".into()
            )),
            ctx.step(TripStep::Book, "home", || does(
                Rc::clone(&world),
                "book home".into()
            )),
        );
        out?;
        home?;
        undoes(ctx, &world, TripStep::Repay, "", "repay");
        ctx.step(TripStep::Charge, "", || async {
            point().await;
            if world.mood.get() != Mood::Accepts {
                if world.mood.get() == Mood::RefusesOnce {
                    world.mood.set(Mood::Accepts);
                }
                return Err(Failure::refused("declined", &Value::Null));
            }
            does(Rc::clone(&world), format!("charge {price}")).await
        })
        .await?;
        let until = DateTime::parse_from_rfc3339(LATER)
            .expect("a time")
            .to_utc();
        let woken = ctx
            .wait(TripStep::Await, "", &["paid"], Some(until))
            .await?;
        if woken == Woken::Timer {
            ctx.step(TripStep::Close, "", || {
                does(Rc::clone(&world), "close".into())
            })
            .await?;
            return Err(ctx.refuse(json!({"code": "expired"})));
        }
        undoes(ctx, &world, TripStep::Shred, "", "shred");
        ctx.step(TripStep::Print, "", || {
            does(Rc::clone(&world), "print".into())
        })
        .await?;
        assert_eq!(world.count("close"), 0, "time was up, and then it was paid");
        ctx.local(TripStep::File, "", |note| {
            let world = Rc::clone(&world);
            async move {
                point().await;
                let written = world
                    .memory
                    .write(&note)
                    .map_err(|_| Failure::refused("workflow_superseded", &Value::Null))?;
                if written {
                    world.did("file");
                }
                point().await;
                Ok(())
            }
        })
        .await?;
        Ok(price)
    }
}
