//! The app: `stoa up` on a data directory of the benchmark's own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{ChildStdout, Command};
use tokio_postgres::{Client, NoTls};

use crate::memory;
use crate::options::Options;
use crate::process::Process;

/// A first start makes a cluster and compiles.
const START: Duration = Duration::from_secs(600);

/// The running app and its servers.
#[derive(Debug)]
pub struct App {
    pub ready: Ready,
    data_dir: PathBuf,
    _process: Process,
    /// Kept open: the app may still want to say something.
    _stdout: Lines<BufReader<ChildStdout>>,
}

/// What `ready.json` says, as far as it matters here.
#[derive(Debug, Deserialize)]
pub struct Ready {
    pub url: String,
    pub database: String,
    pub redis: String,
    pub modules: BTreeMap<String, String>,
    pub pids: BTreeMap<String, u32>,
}

impl App {
    /// Starts it and waits until it answers. `variables` are given as `--var`.
    pub async fn start(options: &Options, variables: &[&str]) -> Result<Self> {
        let data_dir = options.data_dir.clone();
        let mut command = Command::new(&options.stoa);
        command
            .current_dir(&options.project)
            .arg("up")
            .arg("--data-dir")
            .arg(&data_dir);
        command.args([
            "--listen",
            "127.0.0.1:0",
            "--no-seed",
            "--no-build",
            "--runtime",
            options.runtime.name(),
        ]);
        // A load generator is one client that asks for as much as it can get.
        for variable in ["rate_limits=off", "log_requests=off"]
            .iter()
            .chain(variables)
        {
            command.args(["--var", variable]);
        }
        // Figures are of servers of the benchmark's own, with nobody else on them.
        command
            .env_remove("DATABASE_URL")
            .env_remove("REDIS_URL")
            .stdout(Stdio::piped());
        let mut process = Process::spawn(command, Signal::SIGTERM, &data_dir.join("up.log"), true)?;
        let stdout = process
            .child
            .stdout
            .take()
            .context("the app has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let said = tokio::time::timeout(START, async {
            while let Some(line) = lines.next_line().await? {
                if line.starts_with("ready") {
                    return anyhow::Ok(true);
                }
            }
            Ok(false)
        });
        if !said.await.context("the app does not get ready")?? {
            bail!("the app did not start:\n{}", process.log_tail());
        }
        let ready = Ready::read(&data_dir)?;
        Ok(Self {
            ready,
            data_dir,
            _process: process,
            _stdout: lines,
        })
    }

    /// Where the app listens.
    pub fn address(&self) -> Result<SocketAddr> {
        let address = self.ready.url.trim_start_matches("http://");
        address
            .parse()
            .with_context(|| format!("{} is no address", self.ready.url))
    }

    /// A connection as administrator.
    pub async fn sql(&self) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(&self.ready.database, NoTls)
            .await
            .context("connecting to the database")?;
        tokio::spawn(async move { drop(connection.await) });
        Ok(client)
    }

    /// Memory of the processes that run components, in MiB.
    pub fn memory_mib(&self) -> Option<f64> {
        // A process that was started again has another id.
        let pids = Ready::read(&self.data_dir).ok()?.pids;
        let runtimes: Vec<u32> = ["http", "worker"]
            .iter()
            .filter_map(|name| pids.get(*name).copied())
            .collect();
        memory::proportional_mib(&runtimes)
    }

    /// What Postgres logs to.
    pub fn postgres_log(&self) -> PathBuf {
        self.data_dir.join("logs/postgres.log")
    }
}

impl Ready {
    fn read(data_dir: &Path) -> Result<Self> {
        let file = data_dir.join("ready.json");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} has another form", file.display()))
    }
}
