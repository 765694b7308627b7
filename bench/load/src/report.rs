//! What the run found, as JSON and as a verdict.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use serde::Serialize;

use crate::load;
use crate::machine::Machine;
use crate::options::{Options, Scenario};
use crate::stage::{Measured, Target};
use crate::stats::{Summary, ratio, rounded, summary};

/// A peer that is slower than this part of the limit is no fair measure.
const FAIR_PEER: f64 = 0.3;

/// What has to be said with every figure.
const NOTE: &str = "The load generator, the targets and Postgres share this machine's cores: compare by the ratios, \
                    which both sides pay for alike, and not by the requests per second.";

/// One scenario at one number of connections, while it is measured.
#[derive(Debug)]
pub struct Cell {
    scenario: Scenario,
    cached: bool,
    connections: u16,
    pub statements_per_request: Option<f64>,
    memory_mib: Option<f64>,
    series: BTreeMap<Target, Series>,
}

#[derive(Debug, Default)]
struct Series {
    /// One for each round.
    rates: Vec<f64>,
    /// Of all rounds together.
    latency: Option<Histogram<u64>>,
    errors: u64,
    first_error: Option<String>,
}

impl Cell {
    pub fn new(scenario: Scenario, cached: bool, connections: u16) -> Self {
        Self {
            scenario,
            cached,
            connections,
            statements_per_request: None,
            memory_mib: None,
            series: BTreeMap::new(),
        }
    }

    /// For people.
    pub fn title(&self) -> String {
        title(self.scenario.name(), self.cached)
    }

    /// Takes a round's measurement in.
    pub fn add(&mut self, target: Target, measured: Measured) -> Result<()> {
        self.count_errors(target, Some(&measured));
        let series = self.series.entry(target).or_default();
        series.rates.push(measured.rate());
        if let Measured::Http(sample) = measured {
            match &mut series.latency {
                Some(all) => all.add(&sample.latency).context("adding histograms")?,
                none => *none = Some(sample.latency),
            }
        }
        Ok(())
    }

    /// Takes in only what went wrong.
    pub fn count_errors(&mut self, target: Target, measured: Option<&Measured>) {
        let (errors, first) = measured.map_or((0, None), Measured::errors);
        let series = self.series.entry(target).or_default();
        series.errors += errors;
        if series.first_error.is_none() {
            series.first_error = first.map(str::to_owned);
        }
    }

    /// Takes note of the app's memory at the end of a measurement; the most counts.
    pub fn memory_seen(&mut self, mib: Option<f64>) {
        self.memory_mib = match (self.memory_mib, mib) {
            (Some(before), Some(now)) => Some(before.max(now)),
            (before, now) => now.or(before),
        };
    }

    fn rates(&self, target: Target) -> Option<Summary> {
        summary(self.series.get(&target)?.rates.iter().copied())
    }

    /// The spread of a ratio over the rounds, both sides of the same round.
    fn paired(&self, over: Target, under: Target) -> Option<Summary> {
        let (over, under) = (self.series.get(&over)?, self.series.get(&under)?);
        summary(
            over.rates
                .iter()
                .zip(&under.rates)
                .filter_map(|(a, b)| ratio(Some(*a), Some(*b))),
        )
    }

    fn latency(&self, target: Target) -> Result<Latency> {
        let empty = load::histogram()?;
        let histogram = self
            .series
            .get(&target)
            .and_then(|it| it.latency.as_ref())
            .unwrap_or(&empty);
        let at = |quantile| rounded(histogram.value_at_quantile(quantile) as f64 / 1000.0, 3);
        Ok(Latency {
            p50_ms: at(0.5),
            p95_ms: at(0.95),
            p99_ms: at(0.99),
        })
    }

    fn finish(&self, failures: &mut Vec<String>) -> Result<Figures> {
        let [app, floor, peer, limit] = Target::ALL.map(|target| self.rates(target));
        let median = |it: Option<Summary>| it.map(|it| it.median);
        let spread = |it: Option<Summary>| it.map(|it| [rounded(it.min, 1), rounded(it.max, 1)]);
        let spread_ratio =
            |it: Option<Summary>| it.map(|it| [rounded(it.min, 3), rounded(it.max, 3)]);
        let ratio_limit = ratio(median(peer), median(limit));
        let place = format!("{}, {} connections", self.title(), self.connections);
        for (target, series) in self.series.iter().filter(|(_, series)| series.errors > 0) {
            let first = series.first_error.as_deref().unwrap_or("unknown");
            failures.push(format!(
                "{place}: {} errors from the {}, first: {first}",
                series.errors,
                target.name()
            ));
        }
        if let Some(part) = ratio_limit.filter(|part| *part < FAIR_PEER) {
            failures.push(format!(
                "{place}: unfair, the peer reaches {part:.2} of the limit ({FAIR_PEER} at least)"
            ));
        }
        Ok(Figures {
            scenario: self.scenario.name(),
            cached: self.cached,
            connections: self.connections,
            app_rps: median(app).map(|it| rounded(it, 1)),
            floor_rps: median(floor).map(|it| rounded(it, 1)),
            peer_rps: median(peer).map(|it| rounded(it, 1)),
            limit_rps: median(limit).map(|it| rounded(it, 1)),
            ratio_floor: ratio(median(app), median(floor)).map(|it| rounded(it, 3)),
            ratio_peer: ratio(median(app), median(peer)).map(|it| rounded(it, 3)),
            ratio_limit: ratio_limit.map(|it| rounded(it, 3)),
            latency: self.latency(Target::App)?,
            floor: self.latency(Target::Floor)?,
            peer: self.latency(Target::Peer)?,
            spread: Spread {
                app_rps: spread(app),
                floor_rps: spread(floor),
                peer_rps: spread(peer),
                limit_rps: spread(limit),
                ratio_floor: spread_ratio(self.paired(Target::App, Target::Floor)),
                ratio_peer: spread_ratio(self.paired(Target::App, Target::Peer)),
            },
            memory_mib: self.memory_mib.map(|it| rounded(it, 1)),
            statements_per_request: self.statements_per_request.map(|it| rounded(it, 2)),
            errors: self.series.values().map(|it| it.errors).sum(),
        })
    }
}

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
    pub scenarios: Vec<Figures>,
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
    pub latency: Latency,
    pub floor: Latency,
    pub peer: Latency,
    pub spread: Spread,
    pub memory_mib: Option<f64>,
    pub statements_per_request: Option<f64>,
    /// From all targets, warm-ups included.
    pub errors: u64,
}

#[derive(Debug, Serialize)]
pub struct Latency {
    pub p50_ms: f64,
    pub p95_ms: f64,
    pub p99_ms: f64,
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
    pub fn new(machine: Machine, options: &Options, cells: Vec<Cell>) -> Result<Self> {
        let mut failures = Vec::new();
        let scenarios = cells
            .iter()
            .map(|cell| cell.finish(&mut failures))
            .collect::<Result<_>>()?;
        Ok(Self {
            machine,
            note: NOTE,
            rounds: options.rounds,
            seconds: options.seconds,
            scenarios,
            failures,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(peer: f64) -> Cell {
        let mut cell = Cell::new(Scenario::Product, false, 8);
        for (target, rate) in [
            (Target::App, 100.0),
            (Target::Peer, peer),
            (Target::Limit, 1000.0),
        ] {
            cell.add(target, Measured::Limit(rate)).unwrap();
        }
        cell
    }

    #[test]
    fn ratios_are_of_medians_and_missing_ones_stay_away() {
        let mut failures = Vec::new();
        let figures = cell(400.0).finish(&mut failures).unwrap();
        assert_eq!(
            (figures.ratio_peer, figures.ratio_limit, figures.ratio_floor),
            (Some(0.25), Some(0.4), None)
        );
        assert!(failures.is_empty());
    }

    #[test]
    fn a_slow_peer_is_unfair() {
        let mut failures = Vec::new();
        cell(200.0).finish(&mut failures).unwrap();
        assert!(failures[0].contains("unfair"), "{failures:?}");
    }

    #[test]
    fn errors_fail_the_run() {
        let mut failing = cell(400.0);
        let sample = load::Sample {
            done: 0,
            elapsed: std::time::Duration::from_secs(1),
            latency: load::histogram().unwrap(),
            errors: 2,
            first_error: Some("503: away".into()),
        };
        failing.count_errors(Target::App, Some(&Measured::Http(sample)));
        let mut failures = Vec::new();
        assert_eq!(failing.finish(&mut failures).unwrap().errors, 2);
        assert!(failures[0].contains("503: away"));
    }

    #[test]
    fn the_report_has_the_names_that_scripts_read() {
        let json = serde_json::to_value(cell(400.0).finish(&mut Vec::new()).unwrap()).unwrap();
        for name in [
            "scenario",
            "cached",
            "app_rps",
            "p50_ms",
            "memory_mib",
            "statements_per_request",
            "errors",
        ] {
            assert!(json.get(name).is_some(), "{name}");
        }
    }
}
