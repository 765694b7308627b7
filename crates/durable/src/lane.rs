//! A worker's lane: runs what waits no longer, and what somebody left.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;
use stoa_kit::redis;

use crate::LEASE_MS;
use crate::context::RUNNER;
use crate::drive::{Ended, Workflow, drive};
use crate::engine::{Engine, EngineError};
use crate::postgres::Postgres;
use crate::run::Run;

/// How many run at the same time.
const ABREAST: usize = 16;
/// With this many or more places free there is a claim for all of them.
const WORTH_A_CLAIM: usize = 6;
/// After that a wake claims nothing more: the next one does.
const CLAIM_FOR: Duration = Duration::from_secs(2);
/// After that a wake begins none of those any more that it runs one by one.
const SUSPECTS_FOR: Duration = Duration::from_secs(6);
/// How many runners in a row left a workflow without a word, so that it is suspected of ending them.
const SUSPECT: u32 = 2;
/// How soon a workflow is looked at again that could not be run.
const KIND_PAUSE_MS: u32 = 60_000;
/// How soon a workflow is tried again whose store did not answer.
const STORE_PAUSE_MS: u32 = 1_000;

type Drive = for<'a> fn(&'a Postgres, Run) -> LocalBoxFuture<'a, Result<Ended, EngineError>>;

/// A kind of workflow that a lane can run.
#[derive(Clone, Copy)]
pub struct Kind {
    name: &'static str,
    drive: Drive,
}

impl Kind {
    /// The kind of a workflow.
    #[must_use]
    pub fn of<W: Workflow + 'static>() -> Self {
        Self {
            name: W::KIND,
            drive: |engine, run| Box::pin(drive::<W>(engine, run)),
        }
    }
}

/// One wake of a lane. True: it did something.
pub async fn lane(engine: &Postgres, name: &'static str, kinds: &[Kind]) -> bool {
    redis::lane_awake(name).await;
    let started = Instant::now();
    let worked = work(engine, name, kinds, started).await;
    if worked {
        // What ran has published, most likely.
        let _ = redis::ring_now("relay").await;
    }
    redis::lane_awake(name).await;
    if started.elapsed() >= CLAIM_FOR {
        // There may be more, which need not wait for the tick.
        let _ = redis::ring_now(name).await;
    }
    worked
}

/// What ends among the things that a lane waits for.
enum Over {
    /// A claim, of so many.
    Claim(usize, Result<Vec<Run>, EngineError>),
    /// A run.
    Run,
}

/// Claims and runs are waited for together: a run that is not polled while something else is waited for
/// keeps the connection that it has just been given, and sixteen of them keep all there are.
async fn work(engine: &Postgres, name: &str, kinds: &[Kind], started: Instant) -> bool {
    let mut going: FuturesUnordered<LocalBoxFuture<'_, Over>> = FuturesUnordered::new();
    let mut suspects: Vec<Run> = Vec::new();
    let mut worked = false;
    // Runs under way or asked for.
    let mut taken = 0_usize;
    let mut claiming = false;
    // The last claim did not get all that it asked for.
    let mut dry = false;
    loop {
        let free = ABREAST.saturating_sub(taken);
        if !claiming && !dry && free >= WORTH_A_CLAIM && started.elapsed() < CLAIM_FOR {
            claiming = true;
            taken = taken.saturating_add(free);
            let limit = u32::try_from(free).unwrap_or(1);
            going.push(Box::pin(async move {
                Over::Claim(free, engine.claim(limit, LEASE_MS).await)
            }));
        }
        match going.next().await {
            None => break,
            Some(Over::Run) => taken = taken.saturating_sub(1),
            Some(Over::Claim(asked, claimed)) => {
                claiming = false;
                let runs = claimed.unwrap_or_else(|error| {
                    eprintln!("{name}: claiming: {:?}", error.to_string());
                    Vec::new()
                });
                dry = runs.len() < asked;
                taken = taken.saturating_sub(asked.saturating_sub(runs.len()));
                if runs.is_empty() && going.is_empty() {
                    break;
                }
                worked |= !runs.is_empty();
                for run in runs {
                    let left = run.failures.get(RUNNER).copied().unwrap_or(0);
                    if left >= SUSPECT {
                        suspects.push(run);
                    } else {
                        going.push(Box::pin(async move {
                            one(engine, run, kinds).await;
                            Over::Run
                        }));
                    }
                }
            }
        }
        // What ran may have made something due; once nothing runs any more, one more look.
        dry &= !going.is_empty();
    }
    alone(engine, kinds, suspects, started).await;
    worked
}

/// One at a time: one that brings its runner down takes nobody with it. In another order each time, so
/// that nobody is always behind it.
async fn alone(engine: &Postgres, kinds: &[Kind], mut suspects: Vec<Run>, started: Instant) {
    suspects.sort_by_cached_key(|run| {
        let mut hasher = DefaultHasher::new();
        (run.id, run.fence).hash(&mut hasher);
        hasher.finish()
    });
    for run in suspects {
        if started.elapsed() < SUSPECTS_FOR {
            one(engine, run, kinds).await;
        }
    }
}

async fn one(engine: &Postgres, run: Run, kinds: &[Kind]) {
    let (id, kind, note) = (run.id, run.kind.clone(), run.empty_note());
    let (count, error, pause_ms) = match kinds.iter().find(|known| known.name == kind) {
        Some(known) => match (known.drive)(engine, run).await {
            Ok(_) => return,
            Err(error) => (RUNNER, error.to_string(), STORE_PAUSE_MS),
        },
        None => {
            let text = format!("no runner here knows workflows of kind {kind}");
            ("!kind", text, KIND_PAUSE_MS)
        }
    };
    eprintln!("workflow {id} ({kind}): {error:?}");
    // Sooner than its lease ends. Should this fail too, that is when somebody takes it over.
    let _ = engine
        .retry(note, Some(count.to_owned()), error, pause_ms, false)
        .await;
}
