//! `stoa-bench-load`: measures the app beside a bare component, a native server and pgbench, all on
//! the same database. Started by `cargo stoa bench`; `docs/bench.md` says how to read the figures.

mod app;
mod bench;
mod cell;
mod ids;
mod load;
mod logins;
mod machine;
mod memory;
mod options;
mod pgbench;
mod process;
mod report;
mod requests;
mod sample;
mod scenarios;
mod shop;
mod stage;
mod statements;
mod stats;
mod table;
mod token;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use options::Options;

/// One thread for all connections: what it does not take is left to what is measured.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("stoa-bench-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the run counts.
async fn run(options: Options) -> Result<bool> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot catch signals")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot catch signals")?;
    empty(&options.data_dir)?;
    // Whoever is running when this ends is stopped by being dropped.
    let report = tokio::select! {
        report = bench::run(&options) => report,
        _ = interrupt.recv() => bail!("interrupted"),
        _ = terminate.recv() => bail!("interrupted"),
    }?;
    let counts = report.failures.is_empty();
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
        report
            .failures
            .iter()
            .for_each(|failure| eprintln!("stoa-bench-load: {failure}"));
    } else {
        print!("{}", table::render(&report));
    }
    if counts {
        let _ = std::fs::remove_dir_all(&options.data_dir);
    } else {
        eprintln!(
            "logs are kept in {}",
            options.data_dir.join("logs").display()
        );
    }
    Ok(counts)
}

/// Figures of a database that has been used before are of another database. Only what a run left
/// is removed: a directory with something else in it is refused.
fn empty(directory: &Path) -> Result<()> {
    const MARK: &str = "made-by-stoa-bench";
    if directory.exists() {
        let foreign = std::fs::read_dir(directory)
            .with_context(|| format!("cannot read {}", directory.display()))?
            .next()
            .is_some()
            && !directory.join(MARK).exists();
        if foreign {
            bail!(
                "{} holds something else: choose another --data-dir",
                directory.display()
            );
        }
        std::fs::remove_dir_all(directory)
            .with_context(|| format!("cannot empty {}", directory.display()))?;
    }
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    std::fs::write(directory.join(MARK), "")
        .with_context(|| format!("cannot write to {}", directory.display()))
}
