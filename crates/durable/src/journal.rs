//! The journal as one run sees it: what was noted before, what is still to be noted, and what the code
//! has asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::run::{Entry, EntryKind, Signal};

/// A place of a workflow: a step and a key.
type Place = (String, String);

#[derive(Debug, Default)]
pub(crate) struct Journal {
    known: BTreeMap<Place, (EntryKind, Value)>,
    /// What the code of this run has come to.
    asked: BTreeSet<Place>,
    /// Not noted yet, in order.
    fresh: Vec<Entry>,
    /// Among these is that a time came: asked again, a signal may have been quicker.
    by_time: bool,
}

/// What the journal says of a place.
#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    Nothing,
    Outcome(Value),
    /// It is not the journal of this code.
    Misfit(String),
}

impl Journal {
    pub fn new(entries: Vec<Entry>) -> Self {
        let known = entries
            .into_iter()
            .map(|entry| ((entry.step, entry.key), (entry.kind, entry.outcome)))
            .collect();
        Self {
            known,
            ..Self::default()
        }
    }

    /// Whether a wait was ended by this signal.
    pub fn has_spent(&self, signal: &Signal) -> bool {
        self.known.values().any(|(kind, outcome)| {
            let is = |member: &str, value: &str| {
                outcome.pointer(member).and_then(Value::as_str) == Some(value)
            };
            *kind == EntryKind::Wait && is("/ok/signal", &signal.name) && is("/ok/key", &signal.key)
        })
    }

    /// The code has come to a place, which it does once.
    pub fn ask(&mut self, step: &str, key: &str, kind: EntryKind) -> Found {
        let place = (step.to_owned(), key.to_owned());
        if !self.asked.insert(place.clone()) {
            return Found::Misfit(format!("the code comes to key \"{key}\" twice"));
        }
        match self.known.get(&place) {
            None => Found::Nothing,
            // A wait that was cancelled too is a refusal.
            Some((noted, outcome)) if *noted == kind || outcome.get("refused").is_some() => {
                Found::Outcome(outcome.clone())
            }
            Some((noted, _)) => Found::Misfit(format!(
                "the journal has a {noted:?} where the code has a {kind:?}"
            )),
        }
    }

    /// Keeps an outcome until it is noted.
    pub fn remember(&mut self, entry: Entry) {
        self.by_time |= entry.outcome.pointer("/ok/timer").is_some();
        self.keep(&entry);
        self.fresh.push(entry);
    }

    fn keep(&mut self, entry: &Entry) {
        let place = (entry.step.clone(), entry.key.clone());
        self.known
            .insert(place, (entry.kind, entry.outcome.clone()));
    }

    /// What is to be noted.
    pub fn fresh(&self) -> Vec<Entry> {
        self.fresh.clone()
    }

    pub fn is_noted(&self) -> bool {
        self.fresh.is_empty()
    }

    /// Whether what is not noted yet would be something else if it were asked again.
    pub fn hangs_on_time(&self) -> bool {
        self.by_time
    }

    /// These are noted.
    pub fn written(&mut self, entries: &[Entry]) {
        let is = |a: &Entry, b: &Entry| a.step == b.step && a.key == b.key;
        self.fresh
            .retain(|entry| !entries.iter().any(|noted| is(noted, entry)));
        self.by_time &= !self.fresh.is_empty();
        for entry in entries {
            self.keep(entry);
        }
    }

    /// Outcomes that the code has not asked for: other code noted them. Undone steps, or the others.
    pub fn unasked(&self, undone: bool) -> Vec<String> {
        self.known
            .iter()
            .filter(|(place, (kind, _))| {
                (*kind == EntryKind::Undo) == undone && !self.asked.contains(*place)
            })
            .map(|((step, key), _)| name(step, key))
            .collect()
    }
}

/// A place as people read it, and as failures are counted by.
pub(crate) fn name(step: &str, key: &str) -> String {
    if key.is_empty() {
        step.to_owned()
    } else {
        format!("{step}/{key}")
    }
}
