//! The limit: the bare statements by pgbench, prepared once, with nothing in between.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::Command;
use tokio_postgres::config::Host;

use crate::scenarios::Script;

/// As many connections as Postgres can spare beside those of the app, the bare component and the
/// native server. None of these uses more at once either.
const CLIENTS: u16 = 64;

/// Writes a scenario's scripts. Answers what pgbench is told of them.
fn write(directory: &Path, scenario: &str, scripts: &[Script]) -> Result<Vec<OsString>> {
    let mut files = Vec::new();
    for (n, script) in scripts.iter().enumerate() {
        let file = directory.join(format!("{scenario}-{n}.pgbench.sql"));
        std::fs::write(&file, &script.text)
            .with_context(|| format!("cannot write {}", file.display()))?;
        let mut file = file.into_os_string();
        file.push(format!("@{}", script.weight));
        files.push(file);
    }
    Ok(files)
}

/// Runs a scenario's scripts for `length`, drawn by their weights, and returns how many per second
/// ran.
pub async fn run(
    program: &Path,
    directory: &Path,
    scenario: &str,
    scripts: &[Script],
    database: &str,
    connections: u16,
    length: Duration,
) -> Result<f64> {
    let connections = connections.min(CLIENTS);
    let config: tokio_postgres::Config = database.parse().context("the database's URL")?;
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        _ => "127.0.0.1".to_owned(),
    };
    let threads = std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(connections.into());
    let mut command = Command::new(program);
    command.args(["--no-vacuum", "--protocol", "prepared", "--host", &host]);
    command.args([
        "--port",
        &config
            .get_ports()
            .first()
            .copied()
            .unwrap_or(5432)
            .to_string(),
    ]);
    command.args(["--username", config.get_user().unwrap_or("stoa")]);
    command.args([
        "--client",
        &connections.to_string(),
        "--jobs",
        &threads.to_string(),
    ]);
    command.args(["--time", &length.as_secs().max(1).to_string()]);
    for file in write(directory, scenario, scripts)? {
        command.arg("--file").arg(file);
    }
    command.arg(config.get_dbname().unwrap_or("stoa"));
    if let Some(password) = config.get_password() {
        command.env("PGPASSWORD", String::from_utf8_lossy(password).as_ref());
    }
    let output = command
        .kill_on_drop(true)
        .output()
        .await
        .context("cannot start pgbench")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    match rate(&said) {
        Some(rate) if output.status.success() && failed(&said) == 0 => Ok(rate),
        _ => bail!("pgbench failed ({}):\n{said}\n{errors}", output.status),
    }
}

/// The figure in `tps = 1234.5 (without initial connection time)`.
fn rate(said: &str) -> Option<f64> {
    let line = said.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split_whitespace().next()?.parse().ok()
}

fn failed(said: &str) -> u64 {
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("number of failed transactions: "));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_from_what_pgbench_says() {
        let said = "number of failed transactions: 2 (0.1%)\ntps = 812.25 (without initial connection time)\n";
        assert_eq!(rate(said), Some(812.25));
        assert_eq!(failed(said), 2);
        assert_eq!(rate("connection failed"), None);
    }

    #[test]
    fn each_script_is_a_file_with_its_weight() {
        let directory = tempfile::tempdir().unwrap();
        let script = |text: &str, weight| Script {
            text: text.into(),
            weight,
        };
        let scripts = [script("SELECT 1;", 3), script("SELECT 2;", 1)];
        let files = write(directory.path(), "search", &scripts).unwrap();
        let second = files[1].to_str().unwrap().strip_suffix("@1").unwrap();
        assert_eq!(std::fs::read_to_string(second).unwrap(), "SELECT 2;");
        assert!(files[0].to_str().unwrap().ends_with("@3"));
    }
}
