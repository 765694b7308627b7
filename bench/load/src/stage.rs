//! Everything that is measured, running: the app, the bare component, the native server.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use tokio::process::Command;

use crate::app::App;
use crate::load;
use crate::options::{Options, Runtime, Scenario};
use crate::pgbench;
use crate::process::{self, Process};
use crate::requests::Requests;
use crate::sample::Sample;
use crate::shop::Shop;

/// Milliseconds for which a page may come from Redis when the cache is on: the app's default.
const CACHE_MS: &str = "1500";

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The app, whole.
    App,
    /// The same statements from a bare component on the same runtime.
    Floor,
    /// The same service as a native program.
    Peer,
    /// The same statements from pgbench, no HTTP at all.
    Limit,
}

impl Target {
    pub const ALL: [Target; 4] = [Target::App, Target::Floor, Target::Peer, Target::Limit];

    /// As in the report.
    pub fn name(self) -> &'static str {
        match self {
            Target::App => "app",
            Target::Floor => "floor",
            Target::Peer => "peer",
            Target::Limit => "limit",
        }
    }
}

/// The running targets, all on the same Postgres and Redis.
#[derive(Debug)]
pub struct Stage {
    pub cached: bool,
    pub app: App,
    floor: SocketAddr,
    peer: SocketAddr,
    _processes: [Process; 2],
}

impl Stage {
    /// Starts everything, with the cache of product pages on or off in all three.
    pub async fn start(options: &Options, cached: bool) -> Result<Self> {
        let cache_ms = if cached { CACHE_MS } else { "0" };
        let app = App::start(options, &[&format!("product_cache_ms={cache_ms}")]).await?;
        let (floor, floor_process) = start_floor(options, &app, cache_ms).await?;
        let (peer, peer_process) = start_peer(options, &app, cache_ms).await?;
        Ok(Self {
            cached,
            app,
            floor,
            peer,
            _processes: [floor_process, peer_process],
        })
    }

    /// Where a target listens; the limit has no address.
    pub fn address(&self, target: Target) -> Result<SocketAddr> {
        match target {
            Target::App => self.app.address(),
            Target::Floor => Ok(self.floor),
            Target::Peer => Ok(self.peer),
            Target::Limit => anyhow::bail!("pgbench has no address"),
        }
    }

    /// What a target is asked for in a scenario.
    pub fn requests(&self, target: Target, scenario: Scenario, shop: &Shop) -> Result<Requests> {
        (scenario.plan().requests)(shop, self.address(target)?)
    }

    /// Measures one target once. `None` when there is no pgbench.
    pub async fn measure(
        &self,
        options: &Options,
        target: Target,
        scenario: Scenario,
        shop: &Shop,
        connections: u16,
        length: Duration,
    ) -> Result<Option<Measured>> {
        if target != Target::Limit {
            let requests = self.requests(target, scenario, shop)?;
            let address = self.address(target)?;
            let sample = load::run(address, &requests, connections, length).await?;
            return Ok(Some(Measured::Http(Box::new(sample))));
        }
        let Some(program) = &options.pgbench else {
            return Ok(None);
        };
        let rate = pgbench::run(
            program,
            &options.data_dir,
            scenario.name(),
            &(scenario.plan().scripts)(shop),
            &self.app.ready.database,
            connections,
            length,
        )
        .await?;
        Ok(Some(Measured::Limit(rate)))
    }
}

/// What came of one measurement.
#[derive(Debug)]
pub enum Measured {
    Http(Box<Sample>),
    /// Requests per second of pgbench.
    Limit(f64),
}

impl Measured {
    /// Requests per second.
    pub fn rate(&self) -> f64 {
        match self {
            Measured::Http(sample) => sample.rate(),
            Measured::Limit(rate) => *rate,
        }
    }
}

async fn start_floor(
    options: &Options,
    app: &App,
    cache_ms: &str,
) -> Result<(SocketAddr, Process)> {
    let mut variables = servers(app)?;
    variables.push(("product_cache_ms".to_owned(), cache_ms.to_owned()));
    let floor = Hosted {
        name: "floor",
        manifest: "bench/floor/spin.toml",
        component: None,
        variables,
        answers: "/healthz",
    };
    floor.start(options).await
}

/// An application on the same runtime as the app, besides it.
#[derive(Debug)]
pub struct Hosted {
    /// For its log and its state.
    pub name: &'static str,
    /// In the checkout.
    pub manifest: &'static str,
    /// The one that is served; otherwise all.
    pub component: Option<&'static str>,
    pub variables: Vec<(String, String)>,
    /// What it answers as soon as it can.
    pub answers: &'static str,
}

impl Hosted {
    /// Starts it and waits until it answers.
    pub async fn start(self, options: &Options) -> Result<(SocketAddr, Process)> {
        let address = local(process::free_port()?);
        let mut command = Command::new(&options.host);
        command.current_dir(&options.project).arg("up");
        command
            .arg("--from")
            .arg(options.project.join(self.manifest));
        if let Some(component) = self.component {
            command.args(["-c", component]);
        }
        // The same limits as the app's.
        command
            .arg("--runtime-config-file")
            .arg(options.project.join("runtime-config.toml"));
        command
            .arg("--state-dir")
            .arg(options.data_dir.join(self.name));
        command.args(["--listen", &address.to_string()]);
        let stop = match options.runtime {
            Runtime::Spin => {
                command
                    .arg("--log-dir")
                    .arg(options.data_dir.join("logs").join(self.name));
                // It passes an interrupt on to the process that serves, and nothing else.
                Signal::SIGINT
            }
            Runtime::Builtin => {
                command.arg("--cache-dir").arg(&options.cache_dir);
                Signal::SIGTERM
            }
        };
        for (name, value) in &self.variables {
            command.env(format!("SPIN_VARIABLE_{}", name.to_uppercase()), value);
        }
        let mut process = Process::spawn(command, stop, &log(options, self.name)?, false)?;
        let url = format!("http://{address}{}", self.answers);
        process::wait_answering(&mut process, self.name, &url).await?;
        Ok((address, process))
    }
}

/// Variables that say where Postgres and Redis are; the connection strings are those that the app's modules
/// have.
pub fn servers(app: &App) -> Result<Vec<(String, String)>> {
    let database: tokio_postgres::Config =
        app.ready.database.parse().context("the database's URL")?;
    let port = database.get_ports().first().copied().unwrap_or(5432);
    let redis = app.ready.redis.trim_start_matches("redis://");
    let redis = redis.rsplit_once('@').map_or(redis, |(_, host)| host);
    let redis = redis.split('/').next().unwrap_or(redis);
    let mut variables = vec![
        ("postgres_address".to_owned(), format!("127.0.0.1:{port}")),
        ("redis_address".to_owned(), redis.to_owned()),
        ("redis_url".to_owned(), app.ready.redis.clone()),
    ];
    for (module, string) in &app.ready.modules {
        variables.push((format!("{module}_db"), string.clone()));
    }
    Ok(variables)
}

async fn start_peer(options: &Options, app: &App, cache_ms: &str) -> Result<(SocketAddr, Process)> {
    let address = local(process::free_port()?);
    let mut command = Command::new(&options.peer);
    command.args([
        "--listen",
        &address.to_string(),
        "--product-cache-ms",
        cache_ms,
    ]);
    // It judges tokens that the app issues.
    command.args(["--issuer", &app.ready.url]);
    command
        .env("DATABASE_URL", &app.ready.database)
        .env("REDIS_URL", &app.ready.redis);
    let mut process = Process::spawn(command, Signal::SIGTERM, &log(options, "peer")?, false)?;
    process::wait_answering(
        &mut process,
        "the native server",
        &format!("http://{address}/healthz"),
    )
    .await?;
    Ok((address, process))
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn log(options: &Options, name: &str) -> Result<std::path::PathBuf> {
    let directory: &Path = &options.data_dir.join("logs");
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    Ok(directory.join(format!("{name}.log")))
}
