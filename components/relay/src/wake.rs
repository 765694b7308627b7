//! One wake of the worker.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use futures::future::{join, join_all};
use stoa_kit::redis::{self, RedisParameter, RedisResult};

use crate::deliver::round;
use crate::module::{Module, words};
use crate::plan::Budget;
use crate::trials::InRedis;

/// The lane, as in the name of its tick.
const LANE: &str = "relay";
/// Unix milliseconds of the last wake; the health routes of `edge` read it.
const BEAT: &str = "stoa:beat:relay";
/// How long a beat is remembered.
const BEAT_MS: i64 = 30_000;
/// How often a module is tidied.
const TIDY_EVERY_MS: i64 = 5_000;

/// Delivers what is due and tidies up. Armed first, so that the lane goes on even if this wake
/// comes to a bad end, and again at the end, because a long wake outlives its first tick.
pub async fn wake(modules: &[Module]) {
    arm().await;
    beat().await;
    join(deliver(modules), join_all(modules.iter().map(tidy))).await;
    beat().await;
    arm().await;
}

async fn deliver(modules: &[Module]) {
    let budget = Budget::starting(Instant::now());
    while budget.may_claim(Instant::now()) && round(modules, &InRedis).await {}
}

async fn arm() {
    if let Err(away) = redis::arm_tick(LANE).await {
        eprintln!("relay: arming the tick: {away}");
    }
}

async fn beat() {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    let arguments = vec![
        redis::text(BEAT),
        redis::text(now.to_string()),
        redis::text("PX"),
        RedisParameter::Int64(BEAT_MS),
    ];
    if let Err(away) = redis::command("SET", arguments).await {
        eprintln!("relay: heartbeat: {away}");
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
        eprintln!("relay: {}: tidy: {}", module.name, words(&fault));
    }
}
