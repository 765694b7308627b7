//! One scenario at one number of connections: what its rounds found, and the verdict.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use hdrhistogram::Histogram;

use crate::options::Scenario;
use crate::report::{Answers, Figures, Spread, title};
use crate::sample::histogram;
use crate::stage::{Measured, Target};
use crate::stats::{Summary, ratio, rounded, summary};

/// A peer that is slower than this part of the limit is no fair measure.
const FAIR_PEER: f64 = 0.3;

/// The measurements, as they come in.
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
    done: Option<Histogram<u64>>,
    refused: Option<Histogram<u64>>,
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
            add(&mut series.done, sample.done)?;
            add(&mut series.refused, sample.refused)?;
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

    /// Who answered nothing well, although it was asked.
    fn idle(&self) -> impl Iterator<Item = &Target> {
        let idle = |it: &Series| {
            it.errors == 0 && !it.rates.is_empty() && it.rates.iter().all(|n| *n == 0.0)
        };
        self.series
            .iter()
            .filter(move |(_, it)| idle(it))
            .map(|(target, _)| target)
    }

    fn answers(&self, target: Target) -> Result<Answers> {
        let series = self.series.get(&target);
        let empty = histogram()?;
        let done = series.and_then(|it| it.done.as_ref()).unwrap_or(&empty);
        let refused = series.and_then(|it| it.refused.as_ref());
        let refused = refused.filter(|it| !it.is_empty());
        let at = |of: &Histogram<u64>, quantile| {
            rounded(of.value_at_quantile(quantile) as f64 / 1000.0, 3)
        };
        Ok(Answers {
            p50_ms: at(done, 0.5),
            p95_ms: at(done, 0.95),
            p99_ms: at(done, 0.99),
            refused: refused.map_or(0, Histogram::len),
            refused_p99_ms: refused.map(|it| at(it, 0.99)),
        })
    }

    /// Adds up what was measured; `failures` takes why it does not count.
    pub fn finish(&self, failures: &mut Vec<String>) -> Result<Figures> {
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
        for target in self.idle() {
            failures.push(format!(
                "{place}: nothing was done by the {}",
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
            app: self.answers(Target::App)?,
            floor: self.answers(Target::Floor)?,
            peer: self.answers(Target::Peer)?,
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

fn add(all: &mut Option<Histogram<u64>>, more: Histogram<u64>) -> Result<()> {
    match all {
        Some(all) => all.add(&more).context("adding histograms")?,
        none => *none = Some(more),
    }
    Ok(())
}
#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sample::{Outcome, Sample};

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

    fn sample() -> Sample {
        Sample::new(Duration::from_secs(1)).unwrap()
    }

    #[test]
    fn errors_fail_the_run() {
        let mut failing = cell(400.0);
        let mut sample = sample();
        for _ in 0..2 {
            let outcome = Outcome::Failed("500: away".into());
            sample.record(outcome, Duration::ZERO, true);
        }
        failing.count_errors(Target::App, Some(&Measured::Http(Box::new(sample))));
        let mut failures = Vec::new();
        assert_eq!(failing.finish(&mut failures).unwrap().errors, 2);
        assert!(failures[0].contains("500: away"));
    }

    #[test]
    fn refusals_are_counted_for_each_target_and_fail_nothing() {
        let mut cell = cell(400.0);
        let mut refusing = sample();
        refusing.record(Outcome::Done, Duration::from_millis(5), true);
        refusing.record(Outcome::Refused, Duration::from_millis(40), true);
        cell.add(Target::App, Measured::Http(Box::new(refusing)))
            .unwrap();
        let mut failures = Vec::new();
        let figures = cell.finish(&mut failures).unwrap();
        assert_eq!((figures.app.refused, figures.peer.refused), (1, 0));
        assert!(figures.app.refused_p99_ms.unwrap() > 39.0 && figures.app.p99_ms < 6.0);
        assert!(figures.errors == 0 && failures.is_empty());
    }

    #[test]
    fn who_refuses_everything_does_nothing() {
        let mut cell = Cell::new(Scenario::Order, false, 256);
        let mut refusing = sample();
        refusing.record(Outcome::Refused, Duration::from_millis(1), true);
        cell.add(Target::App, Measured::Http(Box::new(refusing)))
            .unwrap();
        let mut failures = Vec::new();
        cell.finish(&mut failures).unwrap();
        assert!(
            failures[0].contains("nothing was done by the app"),
            "{failures:?}"
        );
    }

    #[test]
    fn the_report_has_the_names_that_scripts_read() {
        let json = serde_json::to_value(cell(400.0).finish(&mut Vec::new()).unwrap()).unwrap();
        for name in [
            "scenario",
            "cached",
            "app_rps",
            "p50_ms",
            "p95_ms",
            "refused",
            "refused_p99_ms",
            "memory_mib",
            "statements_per_request",
            "errors",
        ] {
            assert!(json.get(name).is_some(), "{name}");
        }
    }
}
