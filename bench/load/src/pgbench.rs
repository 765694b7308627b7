//! The limit: the bare statements by pgbench, prepared once, with nothing in between.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::Command;
use tokio_postgres::config::Host;

use crate::ids::{self, Kind};
use crate::options::Scenario;
use crate::seed::Buyer;

const PRODUCT: &str = include_str!("../scripts/product.sql");
const ORDER: &str = include_str!("../scripts/order.sql");

/// Writes the scenario's script with the ids of the seeded rows in it.
pub fn write_script(directory: &Path, scenario: Scenario, buyers: &[Buyer]) -> Result<PathBuf> {
    let file = directory.join(format!("{}.pgbench.sql", scenario.name()));
    std::fs::write(&file, script(scenario, buyers))
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

fn script(scenario: Scenario, buyers: &[Buyer]) -> String {
    let template = match scenario {
        Scenario::Product => PRODUCT,
        Scenario::Order => ORDER,
    };
    let buyer = buyers
        .first()
        .map(|buyer| buyer.id.to_string())
        .unwrap_or_default();
    let statements = template
        .lines()
        .filter(|line| !line.starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n");
    statements
        .replace("{product}", &ids::prefix(Kind::Product))
        .replace("{variant}", &ids::prefix(Kind::Variant))
        .replace("{buyer}", &buyer)
        .replace("{pages}", &ids::PAGES.to_string())
        .replace("{products}", &ids::PRODUCTS.to_string())
        .replace("{variants}", &ids::VARIANTS.to_string())
}

/// Runs a script for `length` and returns how often per second it ran.
pub async fn run(
    program: &Path,
    script: &Path,
    database: &str,
    connections: u16,
    length: Duration,
) -> Result<f64> {
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
    command
        .args(["--time", &length.as_secs().max(1).to_string(), "--file"])
        .arg(script);
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
    fn scripts_have_no_placeholder_left() {
        for scenario in [Scenario::Product, Scenario::Order] {
            let text = script(scenario, &[]);
            assert!(!text.contains('{') || text.contains("{\""), "{text}");
        }
    }
}
