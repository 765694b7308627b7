//! The whole run: stages, scenarios, rounds.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::machine::Machine;
use crate::options::{Options, Runtime, Scenario};
use crate::report::{Cell, Report};
use crate::seed::{self, Buyer};
use crate::stage::{Measured, Stage, Target};
use crate::{statements, verify};

/// Load on each target before its first measurement, at most.
const WARM_UP: Duration = Duration::from_secs(2);

/// After this long the buyers get fresh tokens: theirs live for 15 minutes.
const TOKENS_LAST: Duration = Duration::from_secs(300);

/// Measures everything that was asked for.
pub async fn run(options: &Options) -> Result<Report> {
    let mut cells = Vec::new();
    let mut buyers: Option<Vec<Buyer>> = None;
    let mut machine = None;
    for (cached, scenarios) in plan(options) {
        say(&format!(
            "starting, with the cache of product pages {}",
            if cached { "on" } else { "off" }
        ));
        let stage = Stage::start(options, cached).await?;
        if machine.is_none() {
            machine = Some(describe(options, &stage).await?);
        }
        if buyers.is_none() {
            say("filling the shop");
            buyers = Some(seed::fill(&stage.app).await?);
        }
        let buyers = buyers.as_mut().context("buyers were seeded")?;
        for scenario in scenarios {
            seed::sign_in(&stage.app, buyers).await?;
            verify::same_answers(&stage, scenario, buyers).await?;
            let cached = stage.cached && scenario == Scenario::Product;
            let statements = statements::per_request(&stage.app, scenario, cached, buyers).await?;
            for &connections in &options.connections {
                let mut cell = cell(options, &stage, scenario, buyers, connections).await?;
                cell.statements_per_request = statements;
                cells.push(cell);
            }
        }
    }
    let machine = machine.context("there was nothing to measure")?;
    Report::new(machine, options, cells)
}

/// Which scenarios run with the cache off, and which with it on.
fn plan(options: &Options) -> Vec<(bool, Vec<Scenario>)> {
    let mut plan = Vec::new();
    if options.wants(Scenario::Product) {
        plan.push((false, vec![Scenario::Product]));
    }
    let default = [Scenario::Product, Scenario::Order];
    plan.push((
        true,
        default
            .into_iter()
            .filter(|it| options.wants(*it))
            .collect(),
    ));
    plan
}

/// One scenario at one number of connections: all targets by turns.
async fn cell(
    options: &Options,
    stage: &Stage,
    scenario: Scenario,
    buyers: &mut [Buyer],
    connections: u16,
) -> Result<Cell> {
    let cached = stage.cached && scenario == Scenario::Product;
    let mut cell = Cell::new(scenario, cached, connections);
    let targets: Vec<Target> = Target::ALL
        .into_iter()
        // What a cached page costs is not a matter of statements.
        .filter(|target| !(cached && *target == Target::Limit))
        .collect();
    let mut warmed = BTreeMap::new();
    let mut signed_in: Option<Instant> = None;
    for round in 0..options.rounds {
        if signed_in.is_none_or(|at| at.elapsed() > TOKENS_LAST) {
            seed::sign_in(&stage.app, buyers).await?;
            signed_in = Some(Instant::now());
        }
        // Each round begins with another target, so that none always follows the same one.
        let turn = targets
            .iter()
            .cycle()
            .skip(round as usize)
            .take(targets.len());
        let mut line = format!(
            "{}, {connections} connections, round {}:",
            cell.title(),
            round + 1
        );
        for &target in turn {
            if warmed.insert(target, ()).is_none() {
                let length = options.slot().min(WARM_UP);
                let warm = stage
                    .measure(options, target, scenario, buyers, connections, length)
                    .await?;
                cell.count_errors(target, warm.as_ref());
                settle(stage, scenario).await?;
            }
            let measured = stage
                .measure(
                    options,
                    target,
                    scenario,
                    buyers,
                    connections,
                    options.slot(),
                )
                .await?;
            if let Some(measured) = measured {
                line.push_str(&format!(" {} {:.0}/s", target.name(), measured.rate()));
                cell.add(target, measured)?;
            }
            if target == Target::App {
                cell.memory_seen(stage.app.memory_mib());
            }
            settle(stage, scenario).await?;
        }
        say(&line);
    }
    Ok(cell)
}

/// Orders leave events behind, whoever placed them, and the app's worker delivers them. What it
/// has not delivered yet must not run into the next target's time.
async fn settle(stage: &Stage, scenario: Scenario) -> Result<()> {
    if scenario != Scenario::Order {
        return Ok(());
    }
    let sql = stage.app.sql().await?;
    sql.batch_execute(
        "DO $$ BEGIN
             EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('%I.delivery', schemaname), ', ')
                      FROM pg_tables WHERE tablename = 'delivery');
         END $$",
    )
    .await
    .context("clearing deliveries")
}

async fn describe(options: &Options, stage: &Stage) -> Result<Machine> {
    let postgres: String = stage
        .app
        .sql()
        .await?
        .query_one("SHOW server_version", &[])
        .await?
        .get(0);
    let runtime = match options.runtime {
        Runtime::Builtin => "built-in host".to_owned(),
        Runtime::Spin => {
            let output = tokio::process::Command::new(&options.host)
                .arg("--version")
                .output()
                .await?;
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
    };
    Ok(Machine::this(postgres, runtime))
}

fn say(line: &str) {
    eprintln!("  {line}");
}

impl Measured {
    /// Errors, with the first of them.
    pub fn errors(&self) -> (u64, Option<&str>) {
        match self {
            Measured::Http(sample) => (sample.errors, sample.first_error.as_deref()),
            Measured::Limit(_) => (0, None),
        }
    }
}
