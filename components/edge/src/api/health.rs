//! `/healthz`, `/healthz/worker`, `/readyz`

use futures::future::join;
use serde::Serialize;
use serde_json::{Value, json};
use stoa_kit::http::{Answer, Problem};
use stoa_kit::{Error, Result};
use utoipa::ToSchema;

use crate::domain::{beat, readiness};
use crate::store::{migrations, worker as lane};

/// That the component runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Alive {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// How the worker is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Worker {
    /// Of its worst lane: `ok`, `late` (no beat for over 10 s) or `no_beat` (none known: just started,
    /// or Redis forgot).
    #[schema(example = "ok")]
    status: &'static str,
    /// Age of the oldest last heartbeat in milliseconds; null when a lane has none.
    #[schema(example = 310)]
    beat_age_ms: Option<u64>,
    /// Each lane by name: its `status` and `beat_age_ms`.
    #[schema(value_type = Object)]
    lanes: Value,
}

/// That everything is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ready {
    /// `ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// By name, `database`, `migrations`, `redis` and `worker`: `ok`, and what else there is to say.
    #[schema(value_type = Object)]
    checks: Value,
}

/// Says that this process serves. Looks at nothing else, so that a database that is away does not
/// make anybody restart it.
#[utoipa::path(get, path = "/healthz", tag = "edge",
    responses((status = 200, body = Alive, description = "It serves.")))]
pub async fn alive() -> Result<Answer> {
    Answer::json(&Alive { status: "ok" })
}

/// Arms the ticks of the worker's lanes and says how old their heartbeats are. To be called about once a second: a
/// Redis that was flushed or restarted has forgotten the ticks, and this brings them back.
#[utoipa::path(get, path = "/healthz/worker", tag = "edge",
    responses(
        (status = 200, body = Worker, description = "The ticks are armed."),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "`redis_away`: the worker cannot be woken."),
    ))]
pub async fn worker() -> Result<Answer> {
    let away = |_| Error::problem_with("redis_away", json!({"retry_after": 1}));
    lane::arm().await.map_err(away)?;
    let beats = lane::beats().await.map_err(away)?;
    let beat_age_ms = beat::worst(&beats);
    Answer::json(&Worker {
        status: beat::word(beat_age_ms),
        beat_age_ms,
        lanes: readiness::lanes(&beats),
    })
}

/// Says whether everything is there that Stoa needs: database, migrations, Redis, and a worker that
/// keeps up.
#[utoipa::path(get, path = "/readyz", tag = "edge",
    responses(
        (status = 200, body = Ready, description = "Ready."),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "`not_ready`: `checks` names what is missing."),
    ))]
pub async fn ready() -> Result<Answer> {
    let (database, redis) = join(migrations::state(), redis()).await;
    let (ready, checks) = readiness::judge(&database, &redis);
    if ready {
        Answer::json(&Ready {
            status: "ready",
            checks,
        })
    } else {
        Err(Error::problem_with(
            "not_ready",
            json!({"checks": checks, "retry_after": 1}),
        ))
    }
}

async fn redis() -> readiness::Redis {
    lane::beats()
        .await
        .map_or(readiness::Redis::Away, readiness::Redis::Beats)
}
