//! Where runs live. Postgres is built in; another engine implements the same trait.

use futures::future::LocalBoxFuture;
use serde_json::Value;

use crate::run::{Note, Run, Signal};

/// Why the store did not take something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// Another runner has the workflow, or it has ended.
    #[error("superseded")]
    Superseded,
    /// The store is away or busy; whether it was written is unknown. The lease will run out, and
    /// somebody will take the workflow over.
    #[error("{0}")]
    Unavailable(String),
}

/// What comes of an engine's call.
pub type Called<'a, T> = LocalBoxFuture<'a, Result<T, EngineError>>;

/// How a workflow ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With an output.
    Completed,
    /// With a refusal, everything undone.
    Failed,
    /// On request, everything undone.
    Cancelled,
}

impl End {
    /// As it stands in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The store of runs. Every call may be repeated: a statement whose answer was lost is.
pub trait Engine {
    /// Writes outcomes down.
    fn note(&self, note: Note) -> Called<'_, ()>;

    /// Writes outcomes down and suspends until one of the signals arrives or business time is
    /// `until` (RFC 3339). Some: one of them is there already, and the run goes on.
    fn wait(
        &self,
        note: Note,
        until: Option<String>,
        awaits: Vec<String>,
    ) -> Called<'_, Option<Signal>>;

    /// Writes outcomes down and gives the run back until `pause_ms` have passed (real time), because
    /// of a failure, which is counted by its name, or because its runner has no more time for it.
    /// `undoing`: it is on its way back.
    fn retry(
        &self,
        note: Note,
        failed: Option<String>,
        error: String,
        pause_ms: u32,
        undoing: bool,
    ) -> Called<'_, ()>;

    /// Writes outcomes down and leaves the rest to a person.
    fn stick(&self, note: Note, error: String) -> Called<'_, ()>;

    /// Writes outcomes down and ends it.
    fn end(&self, note: Note, end: End, outcome: Value) -> Called<'_, ()>;

    /// Takes a run that nobody has.
    fn take(&self, id: uuid::Uuid, lease_ms: u32) -> Called<'_, Option<Run>>;

    /// Takes what is due, at most `limit`.
    fn claim(&self, limit: u32, lease_ms: u32) -> Called<'_, Vec<Run>>;
}
