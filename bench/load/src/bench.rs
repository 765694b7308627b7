//! The whole run: stages, scenarios, rounds.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cell::Cell;
use crate::machine::Machine;
use crate::options::{Options, Runtime, Scenario, Wanted};
use crate::report::Report;
use crate::shop::Shop;
use crate::stage::{Measured, Stage, Target};
use crate::{logins, statements, token, verify};

/// Load on each target before its first measurement, at most.
const WARM_UP: Duration = Duration::from_secs(2);

/// Measures everything that was asked for.
pub async fn run(options: &Options) -> Result<Report> {
    let mut cells = Vec::new();
    let mut neighbours = Vec::new();
    let mut shop: Option<Shop> = None;
    let mut machine = None;
    let checks = match options.wants(Wanted::Token) {
        true => token::measure(options).await?,
        false => Vec::new(),
    };
    for (cached, scenarios) in plan(options) {
        say(&format!(
            "starting, with the cache of product pages {}",
            if cached { "on" } else { "off" }
        ));
        let stage = Stage::start(options, cached).await?;
        if machine.is_none() {
            machine = Some(describe(options, &stage).await?);
        }
        if shop.is_none() {
            say("filling the shop");
            shop = Some(Shop::fill(&stage.app).await?);
        }
        let shop = shop.as_mut().context("a shop")?;
        shop.sign_out();
        for scenario in scenarios {
            scenario.prepare(options, &stage, shop).await?;
            verify::same_answers(&stage, scenario, shop).await?;
            let cached = stage.cached && scenario == Scenario::Product;
            let requests = stage.requests(Target::App, scenario, shop)?;
            let modules = scenario.plan().modules;
            let statements =
                statements::per_request(&stage.app, &requests, modules, cached).await?;
            for &connections in &options.connections {
                let mut cell = cell(options, &stage, scenario, shop, connections).await?;
                cell.statements_per_request = statements;
                cells.push(cell);
            }
        }
        if options.wants(Wanted::Logins) {
            neighbours.extend(logins::measure(options, &stage, shop).await?);
        }
    }
    let machine = match machine {
        Some(machine) => machine,
        // Whoever checks tokens needs no Postgres.
        None => Machine::this("was not needed".to_owned(), runtime(options).await?),
    };
    Report::new(machine, options, cells, neighbours, checks)
}

/// Which scenarios run with the cache off, and which with it on. Logins are measured beside product pages of
/// either kind.
fn plan(options: &Options) -> Vec<(bool, Vec<Scenario>)> {
    let logins = options.wants(Wanted::Logins);
    let compared: Vec<Scenario> = options.compared().collect();
    let product = compared
        .iter()
        .copied()
        .filter(|it| *it == Scenario::Product);
    let mut plan = vec![
        (false, product.collect::<Vec<_>>()),
        (true, compared.clone()),
    ];
    plan.retain(|(_, scenarios)| logins || !scenarios.is_empty());
    plan
}

/// One scenario at one number of connections: all targets by turns.
async fn cell(
    options: &Options,
    stage: &Stage,
    scenario: Scenario,
    shop: &mut Shop,
    connections: u16,
) -> Result<Cell> {
    let cached = stage.cached && scenario == Scenario::Product;
    let mut cell = Cell::new(scenario, cached, connections);
    let targets: Vec<Target> = Target::ALL
        .into_iter()
        // What a cached page costs is not a matter of statements.
        .filter(|target| !(cached && *target == Target::Limit))
        .collect();
    let mut warmed = BTreeSet::new();
    for round in 0..options.rounds {
        if scenario.plan().signed_in {
            shop.keep_signed_in(&stage.app).await?;
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
            if warmed.insert(target) {
                let length = options.slot().min(WARM_UP);
                let warm = stage
                    .measure(options, target, scenario, shop, connections, length)
                    .await?;
                cell.count_errors(target, warm.as_ref());
                settle(stage, scenario).await?;
            }
            let measured = stage
                .measure(options, target, scenario, shop, connections, options.slot())
                .await?;
            if let Some(measured) = measured {
                line.push_str(&format!(" {} {:.0}/s", target.name(), measured.rate()));
                if let Some(refused) = measured.refused() {
                    line.push_str(&format!(" (refused {refused})"));
                }
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

/// Orders leave events behind, whoever placed them, and attempts at a provider workflows that look
/// after them, and the app's workers take care of both. What they have not come to yet must not run
/// into the next target's time.
async fn settle(stage: &Stage, scenario: Scenario) -> Result<()> {
    if !scenario.plan().publishes {
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
    .context("clearing deliveries")?;
    // In the order in which the lane locks them.
    sql.batch_execute("TRUNCATE payment.workflow, payment.journal")
        .await
        .context("clearing attempts")
}

async fn describe(options: &Options, stage: &Stage) -> Result<Machine> {
    let postgres: String = stage
        .app
        .sql()
        .await?
        .query_one("SHOW server_version", &[])
        .await?
        .get(0);
    Ok(Machine::this(postgres, runtime(options).await?))
}

async fn runtime(options: &Options) -> Result<String> {
    if options.runtime == Runtime::Builtin {
        return Ok("built-in host".to_owned());
    }
    let output = tokio::process::Command::new(&options.host)
        .arg("--version")
        .output()
        .await?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Tells how far it is.
pub fn say(line: &str) {
    eprintln!("  {line}");
}

impl Measured {
    /// How many requests were refused, if any.
    fn refused(&self) -> Option<u64> {
        match self {
            Measured::Http(sample) => Some(sample.refused.len()).filter(|count| *count > 0),
            Measured::Limit(_) => None,
        }
    }

    /// Errors, with the first of them.
    pub fn errors(&self) -> (u64, Option<&str>) {
        match self {
            Measured::Http(sample) => (sample.errors, sample.first_error.as_deref()),
            Measured::Limit(_) => (0, None),
        }
    }
}
