//! The event side of a module, over the functions that every module's schema has
//! (`crates/events/sql`): the outbox that the relay claims from and marks in, the inbox that
//! consumes, and housekeeping.
//!
//! A module exports all of it with [`module_events!`]; the SQL it brings itself is
//! `on_event(jsonb)`, which makes the effect of one consumed event, and `tidy()`.

pub mod bindings;
mod outbox;

pub use outbox::{ModuleEvents, fault};

/// Implements a module's WIT interface `events`.
///
/// ```ignore
/// stoa_events::module_events!("catalog", DB, bindings::exports::stoa::catalog::events, Component);
/// ```
#[macro_export]
macro_rules! module_events {
    ($schema:literal, $db:expr, $($guest:ident)::+, $component:ident) => {
        const MODULE_EVENTS: $crate::ModuleEvents = $crate::ModuleEvents {
            db: $db,
            claim: concat!("SELECT \"", $schema, "\".outbox_claim($1, $2)"),
            mark: concat!("SELECT \"", $schema, "\".outbox_mark($1)"),
            consume: concat!("SELECT \"", $schema, "\".inbox_consume($1)"),
            tidy: concat!("SELECT \"", $schema, "\".tidy()"),
            backlog: concat!("SELECT pending, dead, oldest_ms FROM \"", $schema, "\".outbox_backlog()"),
        };

        impl $($guest)::+::Guest for $component {
            async fn claim(
                limit: u32,
                lease_ms: u32,
            ) -> Result<Vec<$($guest)::+::Delivery>, $($guest)::+::Fault> {
                MODULE_EVENTS.claim(limit, lease_ms).await
            }

            async fn settle(marks: Vec<$($guest)::+::Mark>) -> Result<u32, $($guest)::+::Fault> {
                MODULE_EVENTS.mark(marks).await
            }

            async fn handle(
                events: Vec<$($guest)::+::Event>,
            ) -> Result<Vec<$($guest)::+::Outcome>, $($guest)::+::Fault> {
                MODULE_EVENTS.handle(events).await
            }

            async fn tidy() -> Result<u64, $($guest)::+::Fault> {
                MODULE_EVENTS.tidy().await
            }

            async fn waiting() -> Result<$($guest)::+::Backlog, $($guest)::+::Fault> {
                MODULE_EVENTS.backlog().await
            }
        }
    };
}
