//! What comes before and after the work of a step: reading instead of doing, and failing.

use std::time::Instant;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::context::{CANCEL, Context, Undo};
use crate::engine::EngineError;
use crate::failure::{Failure, Stop};
use crate::journal::{Found, name};
use crate::run::{EntryKind, FailWhen, Note};
use crate::step::{AfterLimit, Step};

/// Failures of an undo after which a person has to look, at least: about an hour of them.
const UNDO_LIMIT: u32 = 70;

impl<S: Step> Context<'_, S> {
    /// What the journal says of a place.
    pub(crate) async fn journaled(
        &self,
        step: S,
        key: &str,
        kind: EntryKind,
    ) -> Result<Option<Value>, Stop> {
        self.check_stopped()?;
        let found = self.journal.borrow_mut().ask(step.name(), key, kind);
        match found {
            Found::Nothing => Ok(None),
            Found::Outcome(outcome) => Ok(Some(outcome)),
            Found::Misfit(text) => Err(self.stick(step, &text).await),
        }
    }

    /// An outcome of the journal as a value, or as the refusal that it was.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        step: S,
        outcome: Value,
    ) -> Result<T, Stop> {
        if let Some(refusal) = outcome.get("refused") {
            return Err(Stop::Refused(refusal.clone()));
        }
        let ok = outcome.get("ok").cloned().unwrap_or_default();
        match serde_json::from_value(ok) {
            Ok(value) => Ok(value),
            Err(error) => {
                let text = format!("its outcome does not read as what the code expects: {error}");
                Err(self.stick(step, &text).await)
            }
        }
    }

    /// Before something that is not in the journal. `writes`: it is written down at once, and with it
    /// everything before it.
    pub(crate) async fn begin(&self, step: S, key: &str, writes: bool) -> Result<(), Stop> {
        if self.has_ended() {
            return Ok(());
        }
        // What a runner that died did is done again first, and its undos registered: turning back
        // here would leave it as it is.
        if writes || !self.left.get() {
            self.check_cancelled(step, key)?;
        }
        self.check_time(false).await
    }

    /// Gives the workflow back when the time of this run is over, but not before it got further.
    async fn check_time(&self, undoing: bool) -> Result<(), Stop> {
        if self.begun.replace(true) && Instant::now() >= self.until {
            return Err(self.give_back(None, "", 0, undoing).await);
        }
        Ok(())
    }

    /// Whether an operator has cancelled it: noted at the place where it is noticed.
    pub(crate) fn check_cancelled(&self, step: S, key: &str) -> Result<(), Stop> {
        if !self.is_cancelled() {
            return Ok(());
        }
        let refusal = json!({"code": "cancelled"});
        self.remember(step, key, EntryKind::Step, json!({"refused": refusal}));
        Err(Stop::Refused(refusal))
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.signals
            .borrow()
            .iter()
            .any(|signal| signal.name == CANCEL)
    }

    /// Runs a step's work, or fails on purpose where a test wants it.
    pub(crate) async fn guarded<T, F, Fut>(&self, step: S, key: &str, f: &F) -> Result<T, Failure>
    where
        F: Fn() -> Fut + ?Sized,
        Fut: Future<Output = Result<T, Failure>>,
    {
        let on_purpose = || Failure::Retry("on purpose".to_owned());
        match self.failpoint(step, key) {
            None => f().await,
            Some(FailWhen::Before) => Err(on_purpose()),
            Some(FailWhen::After) => {
                f().await?;
                Err(on_purpose())
            }
            Some(FailWhen::Twice) => {
                f().await?;
                f().await
            }
        }
    }

    fn failpoint(&self, step: S, key: &str) -> Option<FailWhen> {
        let points = self.run.failpoints.as_ref()?;
        let name = name(step.name(), key);
        let failures = self.failures.borrow().get(&name).copied().unwrap_or(0);
        points
            .iter()
            .find(|point| {
                (point.step == step.name() || point.step == name) && failures < point.times
            })
            .map(|point| point.when)
    }

    /// A step did not work.
    pub(crate) async fn failed(&self, step: S, key: &str, failure: Failure) -> Stop {
        match failure {
            Failure::Retry(error) => self.again(step, key, error).await,
            Failure::Refused(refusal) => self.refused(step, key, refusal),
            Failure::Stuck(error) => self.stick(step, &error).await,
        }
    }

    fn refused(&self, step: S, key: &str, refusal: Value) -> Stop {
        self.remember(step, key, EntryKind::Step, json!({"refused": refusal}));
        Stop::Refused(refusal)
    }

    async fn again(&self, step: S, key: &str, error: String) -> Stop {
        let (policy, failures) = (step.policy(), self.count(step, key));
        if failures < policy.limit || self.has_ended() {
            return self.pause(step, key, &error, failures, false).await;
        }
        match policy.after_limit {
            AfterLimit::Undo => {
                eprintln!(
                    "workflow {} gives {} up: {error:?}",
                    self.run.id,
                    step.name()
                );
                let refusal = json!({"code": "unavailable", "facts": {"step": step.name()}});
                self.refused(step, key, refusal)
            }
            AfterLimit::Stuck => self.exhausted(step, failures, &error).await,
        }
    }

    /// Undoes one step, unless that is noted already.
    pub(crate) async fn undo_one(&self, undo: &Undo<S>) -> Result<(), Stop> {
        let (step, key) = (undo.step, undo.key.as_str());
        if self.journaled(step, key, EntryKind::Undo).await?.is_some() {
            return Ok(());
        }
        self.check_time(true).await?;
        match self.guarded(step, key, &undo.run).await {
            Ok(()) => {
                self.remember(step, key, EntryKind::Undo, json!({"ok": null}));
                Ok(())
            }
            Err(Failure::Retry(error)) => {
                let failures = self.count(step, key);
                if failures < step.policy().limit.max(UNDO_LIMIT) {
                    Err(self.pause(step, key, &error, failures, true).await)
                } else {
                    Err(self.exhausted(step, failures, &error).await)
                }
            }
            // There is no way back from a way back.
            Err(Failure::Refused(refusal)) => {
                let text = format!("the undo was refused: {refusal}");
                Err(self.stick(step, &text).await)
            }
            Err(Failure::Stuck(error)) => Err(self.stick(step, &error).await),
        }
    }

    /// One more failure.
    fn count(&self, step: S, key: &str) -> u32 {
        let mut all = self.failures.borrow_mut();
        let failures = all.entry(name(step.name(), key)).or_default();
        *failures = failures.saturating_add(1);
        *failures
    }

    async fn pause(&self, step: S, key: &str, error: &str, failures: u32, undoing: bool) -> Stop {
        let pause_ms = step.policy().pause_ms(failures, self.spread);
        let name = name(step.name(), key);
        self.give_back(Some(name), error, pause_ms, undoing).await
    }

    async fn exhausted(&self, step: S, failures: u32, error: &str) -> Stop {
        let text = format!("failed {failures} times, at last with: {error}");
        self.stick(step, &text).await
    }

    /// Leaves it to whoever takes it next.
    pub(crate) async fn give_back(
        &self,
        failed: Option<String>,
        error: &str,
        pause_ms: u32,
        undoing: bool,
    ) -> Stop {
        // Whatever is under way beside this begins nothing more.
        self.halt(Stop::Suspended);
        let retry = self
            .engine
            .retry(self.pending(), failed, error.to_owned(), pause_ms, undoing);
        match self.stored(retry.await) {
            Ok(()) => Stop::Suspended,
            Err(stop) => stop,
        }
    }

    /// Leaves it to a person.
    pub(crate) async fn stick(&self, step: S, error: &str) -> Stop {
        self.stick_with(format!("{}: {error}", step.name())).await
    }

    pub(crate) async fn stick_with(&self, text: String) -> Stop {
        self.halt(Stop::Stuck);
        eprintln!(
            "workflow {} ({}) is stuck: {text:?}",
            self.run.id, self.run.kind
        );
        match self.stored(self.engine.stick(self.pending(), text).await) {
            Ok(()) => Stop::Stuck,
            Err(stop) => stop,
        }
    }

    /// On the way back from here on: a run after this one has to turn back at the same place.
    pub(crate) async fn turn_back(&self, refusal: &Value) -> Result<(), Stop> {
        if self.journal.borrow().is_noted() {
            return Ok(());
        }
        let note = Note {
            undoing: Some(refusal.clone()),
            ..self.pending()
        };
        self.stored(self.engine.note(note.clone()).await)?;
        self.written(&note);
        Ok(())
    }

    /// What the store said, as what it means for the flow.
    pub(crate) fn stored<T>(&self, said: Result<T, EngineError>) -> Result<T, Stop> {
        said.map_err(|error| {
            self.halt(match error {
                EngineError::Superseded => Stop::Superseded,
                EngineError::Unavailable(text) => Stop::Engine(text),
            })
        })
    }

    /// Nothing more may be begun, for this reason.
    pub(crate) fn halt(&self, stop: Stop) -> Stop {
        self.stopped.replace(Some(stop.clone()));
        stop
    }

    pub(crate) fn check_stopped(&self) -> Result<(), Stop> {
        match &*self.stopped.borrow() {
            Some(stop) => Err(stop.clone()),
            None => Ok(()),
        }
    }
}
