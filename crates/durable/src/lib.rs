//! Durable workflows: plain async functions whose steps happen once, whatever dies in between.
//!
//! A [`Workflow`] does everything through its [`Context`]: `step` does something once and keeps its
//! outcome, `undo` registers the way back, `wait` suspends until a signal or a time. Whoever runs it
//! again, after a crash or a wait, runs it from its journal: what was done is read instead of done.
//!
//! Waiting is a row and not an instance. A run is held under a lease with a fence; a holder who was
//! too slow can write nothing more.
//!
//! **When outcomes are written.** Every step is safe to repeat by the workflow's id, so an outcome need
//! not be on disk before the next step begins. Outcomes are buffered, and go along with the next
//! statement that the workflow writes anyway: a [local step](Context::local), a wait, a retry, the end.
//! Where an effect elsewhere depends on an outcome that repeating would not give again, such as a
//! price, the flow says [`note`](Context::note) first.
//!
//! The engine says it by itself after a wait that ended because its time came, and before the first
//! undo: a later run has to turn back at the same place.
//!
//! **What is asked of a flow.** It comes to each step and key once, in an order that follows from its
//! input and from outcomes. A journal that does not fit, and one of which the code did not ask for all,
//! leaves the workflow to a person. Steps side by side go in `futures::join!`.
//!
//! **Ending early.** An operator's cancelling is a refusal at the next step that nobody can have begun
//! yet. A run begins no step after two seconds, and gives the workflow back. Runners that end without a
//! word are counted: from the second on a lane runs the workflow by itself, and after the tenth it is
//! stuck.
//!
//! Why it is built this way: `docs/decisions/0007-workflows.md`.

mod context;
mod drive;
mod engine;
mod failure;
#[cfg(feature = "http")]
pub mod http;
mod journal;
mod lane;
mod postgres;
mod run;
mod step;
mod trying;
mod wait;

pub use context::{CANCEL, Context};
pub use drive::{Ended, Workflow, drive, drive_until};
pub use engine::{Called, End, Engine, EngineError};
pub use failure::{Failure, Stop, refusal_error};
pub use lane::{Kind, lane};
pub use postgres::{Postgres, Statements, note_param};
pub use run::{Entry, EntryKind, FailWhen, Failpoint, Note, Run, Signal};
pub use step::{AfterLimit, Policy, Step};
pub use wait::Woken;

/// How long a request that starts a workflow has it: longer than any of its steps may take.
pub const LEASE_MS: u32 = 12_000;

#[cfg(test)]
mod tests;
