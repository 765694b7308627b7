//! One wake of the worker.

use std::time::Instant;

use futures::future::{join, join_all};
use stoa_kit::redis::{self, RedisParameter, RedisResult};

use crate::deliver::{Round, round};
use crate::module::{Module, words};
use crate::plan::Budget;
use crate::trials::InRedis;

/// The lane, as in the names of its tick and its bell.
const LANE: &str = "relay";
/// How often a module is tidied.
const TIDY_EVERY_MS: i64 = 5_000;

/// Delivers what is due and tidies up.
pub async fn wake(modules: &[Module]) {
    redis::lane_awake(LANE).await;
    join(deliver(modules), join_all(modules.iter().map(tidy))).await;
    redis::lane_awake(LANE).await;
}

async fn deliver(modules: &[Module]) {
    let budget = Budget::starting(Instant::now());
    while budget.may_claim(Instant::now()) {
        let Round { busy, ring } = round(modules, &InRedis).await;
        join_all(ring.into_iter().map(ring_for)).await;
        if !busy {
            break;
        }
    }
}

/// An event may have been a signal or have begun a workflow: its lane looks now, not at its next tick.
async fn ring_for(lane: &'static str) {
    if let Err(away) = redis::ring_now(lane).await {
        eprintln!("relay: ringing for {lane}: {:?}", away.to_string());
    }
}

/// A module's housekeeping, unless some relay has done it within the last seconds.
async fn tidy(module: &Module) {
    let arguments = vec![
        redis::text(format!("stoa:tidy:{}", module.name)),
        redis::text("1"),
        redis::text("PX"),
        RedisParameter::Int64(TIDY_EVERY_MS),
        redis::text("NX"),
    ];
    // Without Redis nothing wakes a relay for long, and tidying can wait.
    let due = matches!(
        redis::command("SET", arguments).await.as_deref(),
        Ok([RedisResult::Status(_) | RedisResult::Binary(_), ..])
    );
    if due && let Err(fault) = (module.tidy)().await {
        eprintln!("relay: {}: tidy: {:?}", module.name, words(&fault));
    }
}
