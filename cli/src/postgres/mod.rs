//! The private Postgres: found or installed, its cluster made, and kept running.

mod cluster;
pub mod find;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use tokio::process::Command;
use tokio_postgres::error::SqlState;

use crate::data_dir::DataDir;
use crate::database::Database;
use crate::ports;
use crate::processes;
use crate::progress::Progress;
use crate::stack::Stack;
use crate::supervisor::Service;
use crate::users::{self, SystemUser};

/// Room for the pools of both processes; `stoa doctor` adds them up.
pub const MAX_CONNECTIONS: usize = 600;

/// Starts the private server and returns its database `stoa`, which exists then. `not` are ports
/// that are spoken for.
pub async fn start(
    data: &DataDir,
    not: &[u16],
    stack: &mut Stack,
    progress: &Progress,
) -> Result<Database> {
    let user = users::for_servers()?;
    let mut place = cluster::place(data, user.as_ref()).await?;
    let installed = find::or_install(cluster::version(&place), data, progress).await?;
    // The package brings the user that Postgres should run as, but a cluster stays with its owner.
    let owner = |preferred| users::owner(&cluster::data(&place)).unwrap_or(preferred);
    let user = users::for_servers()?.map(owner);
    place = cluster::place(data, user.as_ref()).await?;
    let secrets = data.secrets(&[])?;
    if cluster::version(&place).is_none() {
        let step = progress.step("making a Postgres cluster");
        cluster::create(&place, &installed, &secrets.superuser, user.as_ref()).await?;
        step.done(place.display().to_string());
    }
    cluster::stop_leftover(&place).await?;
    let port = ports::keep(data, "postgres", not)?;
    let log = data.log("postgres")?;
    let begin = std::fs::metadata(&log).map_or(0, |log| log.len());
    let server = Server {
        program: installed.bin.join("postgres"),
        cluster: cluster::data(&place),
        port,
        user,
    };
    stack.start(Service {
        name: "postgres",
        command: Box::new(move || server.command()),
        // Fast shutdown: sessions are ended, everything written stays written.
        stop: Signal::SIGINT,
        grace: Duration::from_secs(10),
        log,
    });
    let database = Database::private(port, &secrets.superuser)?;
    ensure_database(&database, stack, begin).await?;
    Ok(database)
}

struct Server {
    program: PathBuf,
    cluster: PathBuf,
    port: u16,
    user: Option<SystemUser>,
}

impl Server {
    /// Settings come by argument, so that a cluster made long ago gets today's. Durability stays
    /// at Postgres' defaults.
    fn command(&self) -> Command {
        let mut command = processes::command(&self.program, Signal::SIGINT, self.user.as_ref());
        command.arg("-D").arg(&self.cluster);
        for setting in [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".into(),
            // A socket's path may be too long for the kernel, and nobody needs one.
            "unix_socket_directories=".into(),
            format!("max_connections={MAX_CONNECTIONS}"),
            "shared_buffers=128MB".into(),
            "timezone=UTC".into(),
            "log_timezone=UTC".into(),
            "log_line_prefix=%m [%p] %a ".into(),
        ] {
            command.arg("-c").arg(setting);
        }
        command
    }
}

/// Waits until the server takes connections and makes the database when it is missing.
async fn ensure_database(database: &Database, stack: &Stack, log_begin: u64) -> Result<()> {
    let maintenance = database.on("postgres")?;
    // After a crash the server first replays its log, which may take a while.
    let deadline = Instant::now() + Duration::from_secs(120);
    let client = loop {
        let error = match maintenance.connect().await {
            Ok(client) => break client,
            Err(error) => error,
        };
        if sqlstate(&error) == Some(&SqlState::INVALID_PASSWORD) {
            bail!(
                "the password in secrets.json is not that of the Postgres cluster in the same data directory. Put the old file back, or throw the data directory away to start anew"
            );
        }
        let ends = stack
            .get("postgres")
            .map_or(0, |service| service.state().ends);
        if ends >= 3 || Instant::now() > deadline {
            let log = stack
                .get("postgres")
                .map(|service| service.log.clone())
                .unwrap_or_default();
            let new = std::fs::read(&log).unwrap_or_default();
            let new = new.get(usize::try_from(log_begin)?..).unwrap_or_default();
            bail!(
                "Postgres does not start: {error:#}\n{}\n{}",
                log.display(),
                String::from_utf8_lossy(new)
            );
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let exists = client
        .query_opt(
            "SELECT 1 FROM pg_database WHERE datname = $1",
            &[&database.name],
        )
        .await
        .context("looking for the database")?;
    if exists.is_none() {
        let create = format!("CREATE DATABASE \"{}\"", database.name);
        client
            .batch_execute(&create)
            .await
            .context("creating the database")?;
    }
    Ok(())
}

/// The server's error code, when it was the server that refused.
pub fn sqlstate(error: &anyhow::Error) -> Option<&SqlState> {
    error.downcast_ref::<tokio_postgres::Error>()?.code()
}
