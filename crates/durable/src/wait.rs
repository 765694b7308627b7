//! Waiting: a row in the store, and no instance.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::context::{CANCEL, Context};
use crate::failure::Stop;
use crate::run::{EntryKind, Signal};
use crate::step::Step;

/// What ended a wait.
#[derive(Debug, Clone, PartialEq)]
pub enum Woken {
    /// A signal.
    Signal {
        /// Its name.
        name: String,
        /// What came with it.
        payload: Value,
    },
    /// The time was up.
    Timer,
}

impl<S: Step> Context<'_, S> {
    /// Waits for the first of these signals, or for a time: business time, of the input or of an
    /// outcome, never of a clock. Each signal ends one wait.
    ///
    /// # Errors
    /// [`Stop`], for `?`: suspended, mostly.
    pub async fn wait(
        &self,
        step: S,
        key: &str,
        signals: &[&str],
        until: Option<DateTime<Utc>>,
    ) -> Result<Woken, Stop> {
        if let Some(outcome) = self.journaled(step, key, EntryKind::Wait).await? {
            let noted: Value = self.read(step, outcome).await?;
            return Ok(woken(&noted));
        }
        // As in `begin`: a runner that died may have got past this wait, with what it found there.
        if !self.left.get() {
            self.check_cancelled(step, key)?;
        }
        if let Some(signal) = self.take_signal(signals) {
            return Ok(self.wake(step, key, signal));
        }
        let now = DateTime::parse_from_rfc3339(&self.run.now).ok();
        if let (Some(until), Some(now)) = (until, now)
            && until <= now
        {
            self.remember(step, key, EntryKind::Wait, json!({"ok": {"timer": true}}));
            return Ok(Woken::Timer);
        }
        self.check_cancelled(step, key)?;
        let mut awaits: Vec<String> = signals.iter().map(|&name| name.to_owned()).collect();
        awaits.push(CANCEL.to_owned());
        let until = until.map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true));
        let note = self.pending();
        let there = self.stored(self.engine.wait(note.clone(), until, awaits).await)?;
        self.written(&note);
        match there {
            None => Err(self.halt(Stop::Suspended)),
            Some(signal) if signal.name == CANCEL => {
                self.signals.borrow_mut().push(signal);
                self.check_cancelled(step, key)?;
                Err(self.halt(Stop::Suspended))
            }
            Some(signal) => Ok(self.wake(step, key, signal)),
        }
    }

    fn wake(&self, step: S, key: &str, signal: Signal) -> Woken {
        let noted = json!({"signal": signal.name, "key": signal.key, "payload": signal.payload});
        let woken = woken(&noted);
        self.remember(step, key, EntryKind::Wait, json!({"ok": noted}));
        woken
    }

    /// The first to arrive of those, which is the same however often it is asked.
    fn take_signal(&self, names: &[&str]) -> Option<Signal> {
        let mut signals = self.signals.borrow_mut();
        let at = signals
            .iter()
            .position(|signal| names.contains(&signal.name.as_str()))?;
        Some(signals.remove(at))
    }
}

/// A wait's outcome as it is noted.
fn woken(noted: &Value) -> Woken {
    match noted.get("signal").and_then(Value::as_str) {
        None => Woken::Timer,
        Some(name) => Woken::Signal {
            name: name.to_owned(),
            payload: noted.get("payload").cloned().unwrap_or_default(),
        },
    }
}
