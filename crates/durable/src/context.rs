//! What a flow does everything through.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Instant;

use futures::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::engine::Engine;
use crate::failure::{Failure, Stop};
use crate::journal::Journal;
use crate::run::{Entry, EntryKind, Note, Run, Signal};
use crate::step::Step;

/// The signal by which an operator cancels a workflow.
pub const CANCEL: &str = "cancel!";

/// Where failures of runners are counted, among those of steps.
pub(crate) const RUNNER: &str = "!runner";

type UndoFn = Box<dyn Fn() -> LocalBoxFuture<'static, Result<(), Failure>>>;

/// An undo that was registered.
pub(crate) struct Undo<S> {
    pub step: S,
    pub key: String,
    pub run: UndoFn,
}

/// One run of one workflow, in the hands of its code.
pub struct Context<'a, S: Step> {
    pub(crate) engine: &'a dyn Engine,
    pub(crate) run: Run,
    /// From then on no step is begun, once one was.
    pub(crate) until: Instant,
    pub(crate) begun: Cell<bool>,
    pub(crate) journal: RefCell<Journal>,
    /// Told, and not spent on a wait.
    pub(crate) signals: RefCell<Vec<Signal>>,
    pub(crate) failures: RefCell<BTreeMap<String, u32>>,
    undos: RefCell<Vec<Undo<S>>>,
    /// The last runner died: it may have done what is not in the journal.
    pub(crate) left: Cell<bool>,
    /// Why nothing may be begun any more, whatever the flow makes of it.
    pub(crate) stopped: RefCell<Option<Stop>>,
    /// The statement of a step has ended the workflow.
    ended: Cell<bool>,
    pub(crate) spread: f64,
}

impl<'a, S: Step> Context<'a, S> {
    pub(crate) fn new(engine: &'a dyn Engine, mut run: Run, until: Instant) -> Self {
        let journal = Journal::new(std::mem::take(&mut run.journal));
        let mut signals = std::mem::take(&mut run.signals);
        signals.retain(|signal| !journal.has_spent(signal));
        let failures = std::mem::take(&mut run.failures);
        // Different for each workflow and claim, and no clock or chance is needed for it.
        let mixed =
            run.id.as_u128() ^ u128::from(run.fence.unsigned_abs()).wrapping_mul(0x9E37_79B9);
        #[expect(clippy::cast_precision_loss, reason = "of a number below 1000")]
        let spread = (mixed % 1_000) as f64 / 1_000.0;
        Self {
            engine,
            until,
            begun: Cell::new(false),
            journal: RefCell::new(journal),
            signals: RefCell::new(signals),
            left: Cell::new(failures.contains_key(RUNNER)),
            failures: RefCell::new(failures),
            run,
            undos: RefCell::default(),
            stopped: RefCell::default(),
            ended: Cell::new(false),
            spread,
        }
    }

    /// The workflow's id: the reference of everything that it does elsewhere.
    pub fn id(&self) -> Uuid {
        self.run.id
    }

    /// Version of the code that began it.
    pub fn version(&self) -> i32 {
        self.run.version
    }

    /// The account that it is about.
    pub fn subject(&self) -> Option<Uuid> {
        self.run.subject
    }

    /// W3C `traceparent` of the request that started it.
    pub fn traceparent(&self) -> Option<&str> {
        self.run.traceparent.as_deref()
    }

    /// Does something once. Its outcome is buffered, and written with the next note, local step, wait
    /// or end: what it does has to be safe to repeat, by the workflow's id or a key made of it.
    ///
    /// Several steps may be under way at once, in `futures::join!`: all of them are waited for then.
    /// In `try_join!` and `select!` a step is dropped half-way, and whether it is in the journal hangs
    /// on chance.
    ///
    /// # Errors
    /// [`Stop`], for `?`.
    pub async fn step<T, F, Fut>(&self, step: S, key: &str, f: F) -> Result<T, Stop>
    where
        T: Serialize + DeserializeOwned,
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        if let Some(outcome) = self.journaled(step, key, EntryKind::Step).await? {
            return self.read(step, outcome).await;
        }
        self.begin(step, key, false).await?;
        if self.journal.borrow().hangs_on_time() {
            self.note().await?;
        }
        let done = match self.guarded(step, key, &f).await {
            Ok(value) => serde_json::to_value(&value)
                .map(|noted| (value, noted))
                .map_err(|e| Failure::Stuck(format!("its outcome cannot be written: {e}"))),
            Err(failure) => Err(failure),
        };
        match done {
            Ok((value, noted)) => {
                self.remember(step, key, EntryKind::Step, json!({"ok": noted}));
                Ok(value)
            }
            Err(failure) => Err(self.failed(step, key, failure).await),
        }
    }

    /// Writes what is buffered: before an effect elsewhere that depends on an outcome which repeating
    /// would not give again, such as a price.
    ///
    /// # Errors
    /// [`Stop`], for `?`.
    pub async fn note(&self) -> Result<(), Stop> {
        self.check_stopped()?;
        if self.journal.borrow().is_noted() {
            return Ok(());
        }
        let note = self.pending();
        self.stored(self.engine.note(note.clone()).await)?;
        self.written(&note);
        Ok(())
    }

    /// A step whose effect is in the schema of the workflow: `f` hands the note to its SQL function,
    /// which gives it to `workflow_note`. Some: it was done now. None: it had been done before.
    ///
    /// # Errors
    /// [`Stop`], for `?`.
    pub async fn local<T, F, Fut>(&self, step: S, key: &str, f: F) -> Result<Option<T>, Stop>
    where
        F: Fn(Note) -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        if let Some(outcome) = self.journaled(step, key, EntryKind::Step).await? {
            self.read::<Value>(step, outcome).await?;
            return Ok(None);
        }
        self.begin(step, key, true).await?;
        let mut note = self.pending();
        note.entries
            .push(entry(step, key, EntryKind::Step, json!({"ok": null})));
        match self.guarded(step, key, &|| f(note.clone())).await {
            Ok(value) => {
                self.written(&note);
                Ok(Some(value))
            }
            Err(Failure::Refused(refusal)) if superseded(&refusal) => {
                Err(self.halt(Stop::Superseded))
            }
            Err(failure) => Err(self.failed(step, key, failure).await),
        }
    }

    /// The same for a function that ends the workflow too, by `workflow_end`. It has no undo any more.
    ///
    /// # Errors
    /// [`Stop`], for `?`.
    pub async fn end<T, F, Fut>(&self, step: S, f: F) -> Result<Option<T>, Stop>
    where
        F: Fn(Note) -> Fut,
        Fut: Future<Output = Result<T, Failure>>,
    {
        let done = self.local(step, "", f).await?;
        // Found in the journal, the statement has not ended it: then the run's end does.
        self.ended.set(done.is_some());
        Ok(done)
    }

    /// Registers an undo; to be called before the step that it undoes, so that an effect of which
    /// nobody knows whether it happened is undone too. When the workflow fails or is cancelled the
    /// undos run in reverse, each noted, each tried until it works. It may find nothing to undo.
    pub fn undo<F, Fut>(&self, step: S, key: &str, f: F)
    where
        F: Fn() -> Fut + 'static,
        Fut: Future<Output = Result<(), Failure>> + 'static,
    {
        self.undos.borrow_mut().push(Undo {
            step,
            key: key.to_owned(),
            run: Box::new(move || Box::pin(f())),
        });
    }

    /// Takes the undos back: what was done stays, whatever comes.
    pub fn keep_all(&self) {
        self.undos.borrow_mut().clear();
    }

    /// Ends in a refusal from within the flow: everything registered is undone. The refusal has to
    /// follow from the input and from outcomes, as everything in a flow.
    pub fn refuse(&self, refusal: Value) -> Stop {
        Stop::Refused(refusal)
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.get()
    }

    pub(crate) fn take_undos(&self) -> Vec<Undo<S>> {
        std::mem::take(&mut self.undos.borrow_mut())
    }

    /// What is to be written with the next statement.
    pub(crate) fn pending(&self) -> Note {
        Note {
            entries: self.journal.borrow().fresh(),
            ..self.run.empty_note()
        }
    }

    /// These are in the store, and everything that any runner did before them.
    pub(crate) fn written(&self, note: &Note) {
        self.left.set(false);
        self.journal.borrow_mut().written(&note.entries);
    }

    pub(crate) fn remember(&self, step: S, key: &str, kind: EntryKind, outcome: Value) {
        self.journal
            .borrow_mut()
            .remember(entry(step, key, kind, outcome));
    }
}

fn entry<S: Step>(step: S, key: &str, kind: EntryKind, outcome: Value) -> Entry {
    Entry {
        step: step.name().to_owned(),
        key: key.to_owned(),
        kind,
        outcome,
    }
}

fn superseded(refusal: &Value) -> bool {
    refusal.get("code").and_then(Value::as_str) == Some("workflow_superseded")
}
