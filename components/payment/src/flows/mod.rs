//! Processes of the module: its durable workflows, and what asks the outside.

pub mod attempt;
pub mod payouts;
pub mod refund;
pub mod withdrawal;

use stoa_durable::{Kind, Policy, Postgres, Stop};
#[cfg(not(target_arch = "wasm32"))]
use stoa_durable::{Step, Workflow};

/// The lane of workers that runs this module's workflows.
pub const LANE: &str = "payment-flows";

/// Where the module's workflows live.
pub const ENGINE: Postgres = stoa_durable::postgres!(crate::DB, "payment");

/// For steps in our own schema: money that was promised is not given up because a database is away.
const NEVER_GIVEN_UP: Policy = Policy {
    limit: u32::MAX,
    ..Policy::DEFAULT
};

/// All kinds of workflows that the lane runs.
#[must_use]
pub fn kinds() -> [Kind; 3] {
    [
        Kind::of::<attempt::Attempt>(),
        Kind::of::<refund::Refund>(),
        Kind::of::<withdrawal::Withdrawal>(),
    ]
}

/// Every kind's steps by their names, for tests that go through all of them.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn steps() -> [(&'static str, Vec<&'static str>); 3] {
    fn of<W: Workflow>() -> (&'static str, Vec<&'static str>) {
        (
            W::KIND,
            W::Step::ALL.iter().map(|step| step.name()).collect(),
        )
    }
    [
        of::<attempt::Attempt>(),
        of::<refund::Refund>(),
        of::<withdrawal::Withdrawal>(),
    ]
}

/// Whether a step was tried as often as its policy says.
fn ran_out(stop: &Stop) -> bool {
    let Stop::Refused(refusal) = stop else {
        return false;
    };
    refusal.get("code").and_then(serde_json::Value::as_str) == Some("unavailable")
}
