//! One run of a workflow: what a runner holds while it has the lease.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What a claim gives: the workflow with its journal, as the store writes it.
#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    /// The workflow.
    pub id: Uuid,
    /// Which [`Workflow`](crate::Workflow) it is.
    pub kind: String,
    /// Of the code that began it.
    pub version: i32,
    /// The account that it is about.
    pub subject: Option<Uuid>,
    /// What it was started with.
    pub input: Value,
    /// The lease: what is written with an older one is refused.
    pub fence: i64,
    /// What has happened, in order.
    #[serde(default)]
    pub journal: Vec<Entry>,
    /// What it was told, in order of arrival.
    #[serde(default)]
    pub signals: Vec<Signal>,
    /// Business time of the claim, RFC 3339.
    pub now: String,
    /// Failures so far, by step, or by `step/key`; and under `!runner` how many runners in a row ended
    /// without writing anything.
    #[serde(default)]
    pub failures: BTreeMap<String, u32>,
    /// Where to fail on purpose; only tests write it.
    #[serde(default)]
    pub failpoints: Option<Vec<Failpoint>>,
    /// W3C `traceparent` of the request that started it.
    #[serde(default)]
    pub traceparent: Option<String>,
}

/// An outcome in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Name of the step.
    pub step: String,
    /// Where a step happens more than once: which one.
    pub key: String,
    /// Which way it was noted.
    pub kind: EntryKind,
    /// `{"ok": …}` or `{"refused": …}`.
    pub outcome: Value,
}

/// How an outcome came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A step was done.
    Step,
    /// A wait ended.
    Wait,
    /// A step was undone.
    Undo,
}

/// Something that the workflow was told.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Signal {
    /// Such as `paid`.
    pub name: String,
    /// Each key counts once.
    #[serde(default)]
    pub key: String,
    /// What came with it.
    #[serde(default)]
    pub payload: Value,
}

/// A failure on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Failpoint {
    /// Name of the step, or `step/key`.
    pub step: String,
    /// What goes wrong there.
    pub when: FailWhen,
    /// How often; absent: once.
    #[serde(default = "once")]
    pub times: u32,
}

const fn once() -> u32 {
    1
}

/// What goes wrong at a failpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailWhen {
    /// It fails before it does anything.
    Before,
    /// It is done, and then fails all the same.
    After,
    /// It is done twice.
    Twice,
}

/// What a statement writes of a run: the lease, and outcomes not noted yet. As JSON it is the one
/// parameter of `workflow_note` and its kin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Note {
    /// The workflow.
    pub workflow: Uuid,
    /// The lease.
    pub fence: i64,
    /// In order; of a local step the last one is its own.
    pub entries: Vec<Entry>,
    /// The refusal, when the workflow turns back with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoing: Option<Value>,
}

impl Run {
    /// A note without outcomes.
    pub(crate) fn empty_note(&self) -> Note {
        Note {
            workflow: self.id,
            fence: self.fence,
            entries: Vec::new(),
            undoing: None,
        }
    }
}
