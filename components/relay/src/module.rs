//! A module as the relay sees it: the functions of its WIT interface `events`.

use futures::future::LocalBoxFuture;
use stoa_events::bindings::stoa::events::types::{Delivery, Event, Mark, Outcome};
use stoa_events::bindings::stoa::types::common::Fault;

/// What a call of a module comes to.
pub type Call<T> = LocalBoxFuture<'static, Result<T, Fault>>;

/// One module: its name, which is also its name as a consumer, and its functions; see the WIT.
#[derive(Debug, Clone, Copy)]
pub struct Module {
    /// Such as `order`.
    pub name: &'static str,
    /// The lane of its workflows, if it has any: rung for when events were handed to it.
    pub lane: Option<&'static str>,
    /// Leases due deliveries: limit, milliseconds.
    pub claim: fn(u32, u32) -> Call<Vec<Delivery>>,
    /// Records outcomes.
    pub settle: fn(Vec<Mark>) -> Call<u32>,
    /// Consumes events.
    pub handle: fn(Vec<Event>) -> Call<Vec<Outcome>>,
    /// Housekeeping.
    pub tidy: fn() -> Call<u64>,
}

/// A fault in words, for the log and for `last_error`.
#[must_use]
pub fn words(fault: &Fault) -> String {
    match fault {
        Fault::Invalid(text) => format!("invalid: {text}"),
        Fault::Unavailable(text) => format!("unavailable: {text}"),
    }
}
