//! A store of one workflow in memory, which does as the functions of `sql/` do, and in which runners die.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures::FutureExt as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::context::RUNNER;
use crate::engine::{Called, End, Engine, EngineError};
use crate::run::{Entry, Failpoint, Note, Run, Signal};
use crate::{CANCEL, Ended, EntryKind, Workflow, drive};

thread_local! {
    static DEATH: Death = const { Death { points: Cell::new(0), at: RefCell::new(Vec::new()) } };
}

/// At which of the points of a whole life runners die.
struct Death {
    points: Cell<u32>,
    at: RefCell<Vec<u32>>,
}

pub fn dies_at(at: &[u32]) {
    DEATH.with(|death| {
        death.points.set(0);
        death.at.replace(at.to_vec());
    });
}

/// How many points there were.
pub fn points() -> u32 {
    DEATH.with(|death| death.points.get())
}

/// A place where a runner may die: its future is dropped there.
pub async fn point() {
    let dies = DEATH.with(|death| {
        let now = death.points.get();
        death.points.set(now + 1);
        death.at.borrow().contains(&now)
    });
    if dies {
        std::future::pending::<()>().await;
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub fence: i64,
    pub status: &'static str,
    /// Somebody has it, or died with it.
    held: bool,
    pub journal: Vec<Entry>,
    pub signals: Vec<Signal>,
    awaits: Vec<String>,
    pub until: Option<String>,
    pub failures: BTreeMap<String, u32>,
    pub outcome: Value,
}

#[derive(Clone)]
pub struct Memory {
    pub row: Rc<RefCell<Row>>,
    /// Each statement is repeated, as if its answer had been lost.
    pub repeats: bool,
}

impl Memory {
    pub fn new() -> Self {
        Self {
            row: Rc::new(RefCell::new(Row {
                fence: 0,
                status: "running",
                held: false,
                journal: Vec::new(),
                signals: Vec::new(),
                awaits: Vec::new(),
                until: None,
                failures: BTreeMap::new(),
                outcome: Value::Null,
            })),
            repeats: false,
        }
    }

    /// As `workflow_claim`.
    pub fn take(&self, failpoints: &[Failpoint], now: &str) -> Run {
        let mut row = self.row.borrow_mut();
        row.fence += 1;
        if row.held {
            *row.failures.entry(RUNNER.into()).or_default() += 1;
        }
        row.held = true;
        Run {
            id: Uuid::nil(),
            kind: "trip".into(),
            version: 1,
            subject: None,
            input: json!({}),
            fence: row.fence,
            journal: row.journal.clone(),
            signals: row.signals.clone(),
            now: now.into(),
            failures: row.failures.clone(),
            failpoints: Some(failpoints.to_vec()),
            traceparent: None,
        }
    }

    /// One run of it, as a lane does it. None: its runner died.
    pub fn drive<W: Workflow>(
        &self,
        failpoints: &[Failpoint],
        now: &str,
    ) -> Option<Result<Ended, EngineError>> {
        let run = self.take(failpoints, now);
        drive::<W>(self, run).now_or_never()
    }

    /// As `workflow_signal`.
    pub fn tell(&self, name: &str) {
        let mut row = self.row.borrow_mut();
        if row.signals.iter().any(|signal| signal.name == name) {
            return;
        }
        row.signals.push(Signal {
            name: name.into(),
            key: "once".into(),
            payload: json!({"by": "card"}),
        });
        if row.status == "waiting" && row.awaits.iter().any(|awaited| awaited == name) {
            row.status = "running";
        }
    }

    /// Its time has come.
    pub fn ring(&self) {
        let mut row = self.row.borrow_mut();
        assert!(row.until.is_some(), "it waits for ever");
        row.status = "running";
    }

    /// As `workflow_note`.
    pub fn write(&self, note: &Note) -> Result<bool, EngineError> {
        let mut row = self.row.borrow_mut();
        if row.fence != note.fence {
            return Err(EngineError::Superseded);
        }
        let has = |row: &Row, entry: &Entry| {
            row.journal
                .iter()
                .any(|e| e.step == entry.step && e.key == entry.key)
        };
        if note.entries.last().is_some_and(|last| has(&row, last)) {
            return Ok(false);
        }
        if !["running", "undoing"].contains(&row.status) {
            return Err(EngineError::Superseded);
        }
        row.failures.remove(RUNNER);
        if note.undoing.is_some() {
            row.status = "undoing";
        }
        for entry in &note.entries {
            assert!(
                !has(&row, entry),
                "{}/{} is noted twice",
                entry.step,
                entry.key
            );
            row.journal.push(entry.clone());
        }
        Ok(true)
    }

    fn call<'a, T: 'a>(&'a self, work: impl Fn() -> Result<T, EngineError> + 'a) -> Called<'a, T> {
        Box::pin(async move {
            point().await;
            let first = work();
            let answer = if self.repeats && first.is_ok() {
                work()
            } else {
                first
            };
            point().await;
            answer
        })
    }

    /// Not any more with this holder.
    fn leave(&self, raise: bool) {
        let mut row = self.row.borrow_mut();
        row.held = false;
        row.fence += i64::from(raise);
    }
}

impl Engine for Memory {
    fn note(&self, note: Note) -> Called<'_, ()> {
        self.call(move || self.write(&note).map(|_| ()))
    }

    fn wait(
        &self,
        note: Note,
        until: Option<String>,
        awaits: Vec<String>,
    ) -> Called<'_, Option<Signal>> {
        self.call(move || {
            if self.row.borrow().status == "waiting" && self.row.borrow().fence == note.fence {
                return Ok(None);
            }
            self.write(&note)?;
            let row = self.row.borrow().clone();
            let spent = |s: &Signal| {
                row.journal.iter().any(|e| {
                    e.kind == EntryKind::Wait
                        && e.outcome["ok"]["signal"] == s.name.as_str()
                        && e.outcome["ok"]["key"] == s.key.as_str()
                })
            };
            let mut there: Vec<&Signal> = row
                .signals
                .iter()
                .filter(|s| awaits.contains(&s.name) && !spent(s))
                .collect();
            there.sort_by_key(|s| s.name != CANCEL);
            if there.is_empty() {
                let mut row = self.row.borrow_mut();
                row.status = "waiting";
                row.awaits.clone_from(&awaits);
                row.until.clone_from(&until);
                drop(row);
                self.leave(false);
            }
            Ok(there.first().map(|&s| s.clone()))
        })
    }

    fn retry(
        &self,
        note: Note,
        failed: Option<String>,
        _: String,
        _: u32,
        undoing: bool,
    ) -> Called<'_, ()> {
        self.call(move || {
            self.write(&note)?;
            if let Some(failed) = &failed {
                *self
                    .row
                    .borrow_mut()
                    .failures
                    .entry(failed.clone())
                    .or_default() += 1;
            }
            if undoing {
                self.row.borrow_mut().status = "undoing";
            }
            self.leave(true);
            Ok(())
        })
    }

    fn stick(&self, note: Note, error: String) -> Called<'_, ()> {
        self.call(move || {
            self.write(&note)?;
            let mut row = self.row.borrow_mut();
            row.status = "stuck";
            row.outcome = error.clone().into();
            drop(row);
            self.leave(true);
            Ok(())
        })
    }

    fn end(&self, note: Note, end: End, outcome: Value) -> Called<'_, ()> {
        self.call(move || {
            if self.row.borrow().status == end.as_str() && self.row.borrow().fence == note.fence {
                return Ok(());
            }
            self.write(&note)?;
            let mut row = self.row.borrow_mut();
            row.status = end.as_str();
            row.outcome = outcome.clone();
            drop(row);
            self.leave(false);
            Ok(())
        })
    }

    fn take(&self, _: Uuid, _: u32) -> Called<'_, Option<Run>> {
        self.call(|| Ok(None))
    }

    fn claim(&self, _: u32, _: u32) -> Called<'_, Vec<Run>> {
        self.call(|| Ok(Vec::new()))
    }
}
