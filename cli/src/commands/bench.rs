//! `stoa bench`: builds what is compared and runs the comparison.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use nix::sys::signal::Signal;

use crate::build;
use crate::data_dir::DataDir;
use crate::interrupt::Interrupt;
use crate::postgres;
use crate::processes::{self, Group};
use crate::progress::Progress;
use crate::project::Project;
use crate::toolchain::{self, Runtime, RuntimeChoice, TARGET};

/// The servers are stopped one after another, each in its own time.
const STOPPING: Duration = Duration::from_secs(60);

/// Compare the app with native code, a bare component and the database itself
///
/// Starts servers of its own with data of their own, and measures the app beside the same service
/// as a native program, the same statements from a bare component, and the bare statements by
/// pgbench, by turns. Everything shares this machine: the ratios are what counts. docs/bench.md
/// says how to read them. All scenarios take forty minutes and more.
///
/// Ends with code 1 when there were errors, when nothing was done by one of them, when the native
/// program was too slow to be a fair measure, or when a token check or the logins cost more than they may. Who turns a request away with 503 and Retry-After makes
/// no error: that is counted apart.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa bench
  cargo stoa bench --scenario order --connections 8
  cargo stoa bench --scenario checkout
      an order with its payment: workflow, session, ledger, escrow
  cargo stoa bench --scenario product --scenario order --connections 256
      far too many at once: whether the app turns some away, quickly
  cargo stoa bench --scenario search --products 1000000
  cargo stoa bench --scenario logins
      product pages while ten people a second sign in
  cargo stoa bench --scenario token
      what checking an access token takes in a guest
  cargo stoa bench --quick
  cargo stoa bench --json | jq '.scenarios[] | {scenario, cached, connections, ratio_floor, ratio_peer}'")]
pub struct BenchArgs {
    /// What to measure; can be given several times [default: all]
    #[arg(long = "scenario", value_enum)]
    scenarios: Vec<Scenario>,

    /// How often everything is measured; figures are medians [default: 5]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,

    /// How long each measurement takes [default: 5]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,

    /// Numbers of connections, one after another
    #[arg(long, value_delimiter = ',', default_value = "1,8,32", value_parser = clap::value_parser!(u16).range(1..=256))]
    connections: Vec<u16>,

    /// How many products there are to search among; scenario search alone [default: 100000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
    products: Option<u64>,

    /// What serves the components
    #[arg(long, value_enum, default_value = "auto", env = "STOA_RUNTIME")]
    runtime: RuntimeChoice,

    /// Print the report as JSON
    #[arg(long)]
    json: bool,

    /// One round of one second, in a shop of 2000 products: to see that it works, not how fast
    #[arg(long)]
    quick: bool,

    /// Where the servers keep their data [default: target/stoa-bench in the checkout]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Scenario {
    /// Reading a product page, with the cache of pages off and on
    Product,
    /// Placing an order of one line, paid in cash
    Order,
    /// The same, paid at the sandbox, which settles at once
    Checkout,
    /// Setting a line of a cart and reading the cart, by turns
    Cart,
    /// Searching among many products
    Search,
    /// Product pages alone, beside ten logins a second, and with the logins in a process of their own
    Logins,
    /// Checking an access token in a guest, nothing around it
    Token,
}

/// What has been built for the comparison.
struct Built {
    load: PathBuf,
    peer: PathBuf,
    pgbench: Option<PathBuf>,
}

pub async fn run(args: BenchArgs, progress: &Progress) -> Result<()> {
    let project = Project::find()?;
    let work = async {
        let runtime = args.runtime.resolve().await?;
        build::ensure(&project, runtime, progress).await?;
        let built = built(&project, progress).await?;
        measure(&args, &project, runtime, &built).await
    };
    let result = Interrupt::new()?.or(work).await;
    processes::sweep(STOPPING).await;
    result
}

async fn built(project: &Project, progress: &Progress) -> Result<Built> {
    let mut step = progress.step("building what is compared");
    let mut guests = toolchain::cargo(project);
    guests.args([
        "build",
        "--release",
        "--target",
        TARGET,
        "--package",
        "stoa-bench-floor",
        "--package",
        "stoa-bench-token",
    ]);
    let files = build::run_cargo(guests, &mut step).await?;
    for (target, kept) in [
        ("stoa_bench_floor", "bench-floor.wasm"),
        ("stoa_bench_token", "bench-token.wasm"),
    ] {
        let wasm = file(&files, target, ".wasm")?;
        build::keep(project, Path::new(&wasm), kept)?;
    }
    let mut native = toolchain::cargo(project);
    native.args([
        "build",
        "--profile",
        "host",
        "--package",
        "stoa-bench-load",
        "--package",
        "stoa-bench-peer",
    ]);
    let files = build::run_cargo(native, &mut step).await?;
    let load = PathBuf::from(file(&files, "stoa-bench-load", "")?);
    let peer = PathBuf::from(file(&files, "stoa-bench-peer", "")?);
    step.done("");
    // `up` would install Postgres as well, but too late to know where pgbench is.
    let data = DataDir::open(&project.path(".stoa"))?;
    let installed = postgres::find::or_install(None, &data, progress).await?;
    let pgbench = Some(installed.bin.join("pgbench")).filter(|file| file.is_file());
    if pgbench.is_none() {
        progress.say("  !  Postgres came without pgbench: there will be no limit to compare with");
    }
    Ok(Built {
        load,
        peer,
        pgbench,
    })
}

fn file(
    files: &std::collections::BTreeMap<String, Vec<String>>,
    target: &str,
    end: &str,
) -> Result<String> {
    let file = files
        .get(target)
        .and_then(|files| files.iter().find(|file| file.ends_with(end)));
    file.cloned()
        .with_context(|| format!("cargo built no {target}"))
}

async fn measure(
    args: &BenchArgs,
    project: &Project,
    runtime: Runtime,
    built: &Built,
) -> Result<()> {
    let mut command = processes::command(&built.load, Signal::SIGTERM, None);
    let data_dir = args
        .data_dir
        .clone()
        .unwrap_or_else(|| project.path("target/stoa-bench"));
    command
        .arg("--project")
        .arg(&project.root)
        .arg("--data-dir")
        .arg(data_dir);
    command
        .arg("--stoa")
        .arg(std::env::current_exe().context("the path of this program")?);
    command
        .arg("--peer")
        .arg(&built.peer)
        .args(["--runtime", runtime.name()]);
    match runtime {
        Runtime::Spin => command.args(["--host", "spin"]),
        Runtime::Builtin => command.arg("--host").arg(build::host(project)),
    };
    command.arg("--cache-dir").arg(project.compile_cache());
    if let Some(pgbench) = &built.pgbench {
        command.arg("--pgbench").arg(pgbench);
    }
    for scenario in &args.scenarios {
        let name = match scenario {
            Scenario::Product => "product",
            Scenario::Order => "order",
            Scenario::Checkout => "checkout",
            Scenario::Cart => "cart",
            Scenario::Search => "search",
            Scenario::Logins => "logins",
            Scenario::Token => "token",
        };
        command.args(["--scenario", name]);
    }
    let (rounds, seconds, products) = if args.quick {
        (1, 1, 2_000)
    } else {
        (5, 5, 100_000)
    };
    command.args(["--products", &args.products.unwrap_or(products).to_string()]);
    command.args(["--rounds", &args.rounds.unwrap_or(rounds).to_string()]);
    command.args(["--seconds", &args.seconds.unwrap_or(seconds).to_string()]);
    let connections: Vec<String> = args.connections.iter().map(u16::to_string).collect();
    command.args(["--connections", &connections.join(",")]);
    if args.quick {
        command.args(["--quick", "--token-checks", "1000"]);
    }
    if args.json {
        command.arg("--json");
    }
    // It says itself what went wrong.
    let status = Group::spawn(command, Signal::SIGTERM)?.wait().await?;
    if !status.success() {
        bail!("the benchmark failed");
    }
    Ok(())
}
