//! What the run found, as JSON.

use anyhow::Result;
use serde::Serialize;

use crate::cell::Cell;
use crate::logins::Neighbours;
use crate::machine::Machine;
use crate::options::Options;
use crate::token::Checks;

/// What has to be said with every figure.
const NOTE: &str = "The load generator, the targets and Postgres share this machine's cores: compare by the ratios, \
                    which both sides pay for alike, and not by the requests per second.";

/// A scenario's name for people.
pub fn title(scenario: &str, cached: bool) -> String {
    format!("{scenario}{}", if cached { ", cached" } else { "" })
}

/// The whole report.
#[derive(Debug, Serialize)]
pub struct Report {
    pub machine: Machine,
    pub note: &'static str,
    pub rounds: u32,
    pub seconds: u64,
    /// How many products there were to search among.
    pub products: u64,
    pub scenarios: Vec<Figures>,
    /// Product pages while people sign in.
    pub logins: Vec<Neighbours>,
    /// What checking an access token takes.
    pub token: Vec<Checks>,
    /// Why the run does not count; empty when it does.
    pub failures: Vec<String>,
}

/// One line of it. Rates and ratios are medians over the rounds.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub scenario: &'static str,
    pub cached: bool,
    pub connections: u16,
    pub app_rps: Option<f64>,
    pub floor_rps: Option<f64>,
    pub peer_rps: Option<f64>,
    pub limit_rps: Option<f64>,
    /// App over floor: what the layers cost.
    pub ratio_floor: Option<f64>,
    /// App over peer: what the component model costs.
    pub ratio_peer: Option<f64>,
    /// Peer over limit: whether the peer is a fair measure.
    pub ratio_limit: Option<f64>,
    /// The app's.
    #[serde(flatten)]
    pub app: Answers,
    pub floor: Answers,
    pub peer: Answers,
    pub spread: Spread,
    pub memory_mib: Option<f64>,
    pub statements_per_request: Option<f64>,
    /// From all targets, warm-ups included.
    pub errors: u64,
}

/// Latencies of what was done, and what was refused.
#[derive(Debug, Serialize)]
pub struct Answers {
    pub p50_ms: f64,
    pub p95_ms: f64,
    pub p99_ms: f64,
    /// Answers of 503 that said when to try again, of all rounds together.
    pub refused: u64,
    /// How long these took.
    pub refused_p99_ms: Option<f64>,
}

/// Least and most over the rounds; ratios are of the same round.
#[derive(Debug, Serialize)]
pub struct Spread {
    pub app_rps: Option<[f64; 2]>,
    pub floor_rps: Option<[f64; 2]>,
    pub peer_rps: Option<[f64; 2]>,
    pub limit_rps: Option<[f64; 2]>,
    pub ratio_floor: Option<[f64; 2]>,
    pub ratio_peer: Option<[f64; 2]>,
}

impl Report {
    /// Adds up what was measured.
    pub fn new(
        machine: Machine,
        options: &Options,
        cells: Vec<Cell>,
        logins: Vec<Neighbours>,
        token: Vec<Checks>,
    ) -> Result<Self> {
        let mut failures = Vec::new();
        let scenarios = cells
            .iter()
            .map(|cell| cell.finish(&mut failures))
            .collect::<Result<_>>()?;
        for measured in &logins {
            failures.extend(measured.failures(options.quick));
        }
        for checks in token.iter().filter(|_| !options.quick) {
            failures.extend(checks.failure());
        }
        Ok(Self {
            machine,
            note: NOTE,
            rounds: options.rounds,
            seconds: options.seconds,
            products: options.products,
            scenarios,
            logins,
            token,
            failures,
        })
    }
}

#[cfg(test)]
impl Report {
    /// A report of some cells, for what shows one.
    pub fn example(cells: Vec<Cell>) -> Self {
        let finish = |cell: &Cell| cell.finish(&mut Vec::new()).unwrap();
        Self {
            machine: Machine::this("15".into(), "built-in host".into()),
            note: NOTE,
            rounds: 1,
            seconds: 1,
            products: 1,
            scenarios: cells.iter().map(finish).collect(),
            logins: Vec::new(),
            token: Vec::new(),
            failures: Vec::new(),
        }
    }
}
