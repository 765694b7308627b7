//! `stoa up`: everything from a bare machine to a shop that answers.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::{DataArgs, given};
use crate::build;
use crate::data_dir::DataDir;
use crate::database::Database;
use crate::interrupt::Interrupt;
use crate::manifest::Manifest;
use crate::migrate;
use crate::ports;
use crate::postgres;
use crate::progress::Progress;
use crate::project::Project;
use crate::ready::Ready;
use crate::redis::{self, Redis};
use crate::runtime::{self, Application};
use crate::seed::{self, SeedOptions, SeedReport};
use crate::stack::Stack;
use crate::time_scale;
use crate::toolchain::{Runtime, RuntimeChoice};
use crate::topology::Topology;

/// Set everything up and serve the shop
///
/// Does whatever is missing: adds the WebAssembly target, builds the components, installs and
/// starts a private Postgres and Redis, migrates the database, puts demo data in, and serves. A
/// second run skips what is done and is ready in seconds.
///
/// When the shop answers, one line on stdout begins with `ready` and names its URL, database, Redis
/// and demo logins; `ready.json` in the data directory says the same. Ctrl-C stops everything.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub struct UpArgs {
    /// Address to serve on; port 0 takes a free one and keeps it for the next time
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,

    #[command(flatten)]
    data: DataArgs,

    /// What serves the components
    #[arg(long, value_enum, default_value = "auto", env = "STOA_RUNTIME")]
    runtime: RuntimeChoice,

    /// Leave the database without demo data
    #[arg(long)]
    no_seed: bool,

    /// Serve what is built already
    #[arg(long)]
    no_build: bool,

    /// Let business time run so many times as fast as real time: deadlines of orders and payments,
    /// reminders, retentions. It goes on from where it is, here and when the next start sets it back
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    time_scale: u32,

    /// Serve some modules by processes of their own, as the file says: see topologies/
    #[arg(long, value_name = "FILE")]
    topology: Option<PathBuf>,

    /// Set a variable of spin.toml; can be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, String)>,

    /// Postgres to use instead of a private one, as a user that may create roles and schemas
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,

    /// Redis to use instead of a private one
    #[arg(long, value_name = "URL", env = "REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  cargo stoa up
      the shop on http://127.0.0.1:3000, everything else under .stoa/
  cargo stoa up --listen 127.0.0.1:0 --data-dir /tmp/other
      a second one beside it, with data of its own
  cargo stoa up --var product_cache_ms=0
      with the cache of product pages turned off
  cargo stoa up --time-scale 1000
      a week of business in ten minutes: unpaid checkouts expire after a minute and a half
  cargo stoa up --topology topologies/promotion-apart.toml
      promotion in a process of its own, called over HTTP
  DATABASE_URL=postgres://admin:…@db/shop REDIS_URL=redis://cache cargo stoa up
      on servers that are there already

Exit codes: 0 stopped by Ctrl-C or SIGTERM, 1 failed, 2 wrong usage, 3 something is missing on this
machine, 4 the address is taken, 5 the data directory is in use, 130 interrupted before it was ready.";

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub async fn run(args: UpArgs, progress: &Progress) -> Result<()> {
    let mut interrupt = Interrupt::new()?;
    let mut stack = Stack::new(progress);
    let result = match interrupt.or(set_up(&args, &mut stack, progress)).await {
        Ok(served) => {
            let result = served.until(&mut interrupt, &stack).await;
            served.data.remove(Ready::FILE);
            result
        }
        Err(error) => Err(error),
    };
    if stack.is_empty() {
        stack.stop().await;
    } else {
        let stopping = progress.step("stopping");
        stack.stop().await;
        stopping.done("");
    }
    result
}

/// A shop that answers.
struct Served {
    data: DataDir,
    ready: Ready,
}

async fn set_up(args: &UpArgs, stack: &mut Stack, progress: &Progress) -> Result<Served> {
    let project = Project::find()?;
    if args.listen.port() != 0 {
        ports::require_free(args.listen)?;
    }
    let data = DataDir::open(&args.data.path(&project))?;
    stack.hold(data.lock()?);
    data.remove(Ready::FILE);
    let mut listen = args.listen;
    if listen.port() == 0 {
        listen.set_port(ports::keep(&data, "http", &[])?);
    }
    let topology = Topology::read(&project, &data, args.topology.as_deref(), listen.port())?;
    let manifest = &topology.manifest;
    runtime::check_variables(&args.variables, manifest)?;
    let runtime = args.runtime.resolve().await?;
    let building = build(args, &project, runtime, progress);
    let serving = servers(args, &project, manifest, &data, listen, stack, progress);
    let ((), servers) = tokio::try_join!(building, serving)?;

    let application = Application {
        project,
        runtime,
        listen,
        topology,
        database: servers.database,
        redis: servers.redis,
        passwords: servers.passwords,
        secrets: data.secrets(&[])?,
        variables: args.variables.clone(),
    };
    // The build may have taken minutes.
    ports::require_free(listen)?;
    let mut step = progress.step(format!("starting the shop on {}", runtime.name()));
    application.start(&data, stack)?;
    runtime::wait_ready(&application, stack, |note| step.note(note)).await?;
    step.done("");
    let ready = Ready {
        url: application.url(),
        modules: application.modules("admin"),
        runtime: runtime.name().to_owned(),
        external_database: application.database.external,
        database: application.database.url,
        redis: application.redis.url,
        demo: servers.demo,
        pids: BTreeMap::new(),
    };
    Ok(Served { data, ready })
}

async fn build(
    args: &UpArgs,
    project: &Project,
    runtime: Runtime,
    progress: &Progress,
) -> Result<()> {
    if args.no_build {
        return build::require(project, runtime);
    }
    build::ensure(project, runtime, progress).await
}

/// What the components connect to.
struct Servers {
    database: Database,
    redis: Redis,
    passwords: BTreeMap<String, String>,
    demo: SeedReport,
}

async fn servers(
    args: &UpArgs,
    project: &Project,
    manifest: &Manifest,
    data: &DataDir,
    listen: SocketAddr,
    stack: &mut Stack,
    progress: &Progress,
) -> Result<Servers> {
    let taken = [listen.port()];
    let database = match given(args.database_url.as_deref()) {
        Some(url) => Database::external(url)?,
        None => postgres::start(data, &taken, stack, progress).await?,
    };
    let redis = match given(args.redis_url.as_deref()) {
        Some(url) => redis::external(url, progress).await?,
        None => redis::start(data, &taken, stack, progress).await?,
    };
    let passwords = database.passwords(data, &super::migrate::roles(project, manifest)?)?;
    migrate::run(project, &database, &passwords, progress).await?;
    let client = database.connect().await?;
    time_scale::set(&client, args.time_scale, progress).await?;
    let mut demo = SeedReport::default();
    if !args.no_seed {
        demo = seed::run(&client, &SeedOptions::default(), progress)
            .await
            .context("putting demo data in")?;
    }
    Ok(Servers {
        database,
        redis,
        passwords,
        demo,
    })
}

impl Served {
    /// Says that the shop is ready, keeps `ready.json` true, and returns when interrupted.
    async fn until(&self, interrupt: &mut Interrupt, stack: &Stack) -> Result<()> {
        let mut pids = stack.pids();
        self.write(&pids.borrow_and_update().clone())?;
        // A reader that went away is no reason to stop the shop.
        let _ = writeln!(std::io::stdout(), "{}", self.ready.line());
        let ticking = tokio::spawn(runtime::keep_ticking(self.ready.url.clone()));
        loop {
            tokio::select! {
                () = interrupt.wait() => break,
                changed = pids.changed() => {
                    changed?;
                    self.write(&pids.borrow_and_update().clone())?;
                }
            }
        }
        ticking.abort();
        Ok(())
    }

    fn write(&self, pids: &BTreeMap<&'static str, u32>) -> Result<()> {
        let mut ready = self.ready.clone();
        ready.pids = pids
            .iter()
            .map(|(name, pid)| ((*name).to_owned(), *pid))
            .collect();
        ready.pids.insert("up".into(), std::process::id());
        self.data.save(Ready::FILE, &ready)
    }
}

#[cfg(test)]
mod tests {
    use super::variable;

    #[test]
    fn a_variable_may_hold_equals_signs() {
        assert_eq!(variable("a=b=c").unwrap(), ("a".into(), "b=c".into()));
        assert!(variable("a").is_err());
    }
}
