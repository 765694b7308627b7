//! `stoa doctor`: what is wrong with this machine or these servers, and how to mend it.

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::{DataArgs, given};
use crate::data_dir::DataDir;
use crate::database::Database;
use crate::failure::Failure;
use crate::manifest::Manifest;
use crate::packages::{self, POSTGRES, REDIS};
use crate::ports;
use crate::postgres::{self, MAX_CONNECTIONS};
use crate::processes;
use crate::progress::Progress;
use crate::project::{self, Project};
use crate::ready::Ready;
use crate::redis::{self, Events, Redis};
use crate::toolchain;

/// Look for what keeps Stoa from running here, and say how to mend it
///
/// Changes nothing. Looks at the servers of DATABASE_URL and REDIS_URL, or of a running `stoa up`.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa doctor
  cargo stoa doctor --json | jq '.[] | select(.status == \"bad\")'

Exit codes: 0 nothing bad was found, 3 something was.")]
pub struct DoctorArgs {
    /// Address that `stoa up` would serve on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: std::net::SocketAddr,

    #[command(flatten)]
    data: DataArgs,

    /// Postgres to look at
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,

    /// Redis to look at
    #[arg(long, value_name = "URL", env = "REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,

    /// Print the findings as JSON: check, status (good, fine, bad), finding, mend
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Good,
    /// Not there, but `stoa up` sees to it or does without.
    Fine,
    Bad,
}

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    status: Status,
    finding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

fn good(check: &'static str, finding: impl Into<String>) -> Finding {
    Finding {
        check,
        status: Status::Good,
        finding: finding.into(),
        mend: None,
    }
}

fn fine(check: &'static str, finding: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding {
        check,
        status: Status::Fine,
        finding: finding.into(),
        mend: Some(mend.into()),
    }
}

fn bad(check: &'static str, finding: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding {
        check,
        status: Status::Bad,
        finding: finding.into(),
        mend: Some(mend.into()),
    }
}

pub async fn run(args: DoctorArgs, progress: &Progress) -> Result<()> {
    let project = Project::find()?;
    let ready = match DataDir::existing(&args.data.path(&project)) {
        Some(data) => data.load::<Ready>(Ready::FILE)?,
        None => None,
    };
    let mut findings = toolchain_findings(&project).await;
    findings.push(spin().await);
    findings.extend(database(&args, &project, ready.as_ref()).await?);
    findings.extend(redis_findings(&args, ready.as_ref()).await);
    findings.push(port(&args, ready.as_ref()));
    if args.json {
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        findings.iter().for_each(|finding| show(finding, progress));
    }
    let bad = findings
        .iter()
        .filter(|finding| finding.status == Status::Bad)
        .count();
    if bad > 0 {
        return Err(Failure::Missing(format!(
            "{bad} of {} checks found something to mend",
            findings.len()
        ))
        .into());
    }
    Ok(())
}

fn show(finding: &Finding, progress: &Progress) {
    let mark = match finding.status {
        Status::Good => "✓",
        Status::Fine => "·",
        Status::Bad => "✗",
    };
    progress.say(format!("  {mark}  {}: {}", finding.check, finding.finding));
    if let Some(mend) = &finding.mend {
        progress.say(format!("     {mend}"));
    }
}

async fn toolchain_findings(project: &Project) -> Vec<Finding> {
    let mut rustc = toolchain::command(project, "rustc");
    rustc.arg("--version");
    let version = match processes::run(rustc, "rustc").await {
        Ok(version) => version.trim().to_owned(),
        Err(_) => return vec![bad("rust", "no rustc", "Install Rust: https://rustup.rs")],
    };
    let needed = needed_rust(project).unwrap_or((1, 95));
    let mut findings = vec![match toolchain::version(&version) {
        Some(found) if found >= needed => good("rust", version),
        _ => bad(
            "rust",
            format!("{version}; {}.{} or newer is needed", needed.0, needed.1),
            "rustup update stable",
        ),
    }];
    let has = toolchain::sysroot(project)
        .await
        .is_ok_and(|sysroot| toolchain::has_target(&sysroot));
    findings.push(if has {
        good("target", toolchain::TARGET)
    } else {
        let mend = format!(
            "stoa up adds it, or: rustup target add {}",
            toolchain::TARGET
        );
        fine(
            "target",
            format!("{} is not installed", toolchain::TARGET),
            mend,
        )
    });
    findings
}

/// `rust-version` of the workspace.
fn needed_rust(project: &Project) -> Option<(u64, u64)> {
    let manifest: toml::Table =
        toml::from_str(&project::read(&project.path("Cargo.toml")).ok()?).ok()?;
    toolchain::version(
        manifest
            .get("workspace")?
            .get("package")?
            .get("rust-version")?
            .as_str()?,
    )
}

async fn spin() -> Finding {
    match toolchain::spin().await {
        Some((line, true)) => good("spin", line),
        Some((line, false)) => fine(
            "spin",
            line,
            "Older than 4.1: the built-in host is used instead",
        ),
        None => fine(
            "spin",
            "not on the PATH",
            "The built-in host is used instead",
        ),
    }
}

async fn database(
    args: &DoctorArgs,
    project: &Project,
    ready: Option<&Ready>,
) -> Result<Vec<Finding>> {
    let url = given(args.database_url.as_deref()).or(ready.map(|ready| ready.database.as_str()));
    let mut findings = Vec::new();
    let mut room = MAX_CONNECTIONS;
    if let Some(url) = url {
        match connections(url).await {
            Ok((version, connections)) => {
                room = connections;
                findings.push(good("postgres", format!("answers: {version}")));
            }
            Err(error) => {
                findings.push(bad(
                    "postgres",
                    format!("{error:#}"),
                    "Start it, or correct DATABASE_URL",
                ));
                return Ok(findings);
            }
        }
    } else {
        findings.push(match postgres::find::find(None).await {
            Some(found) => good(
                "postgres",
                format!("{} (version {})", found.bin.display(), found.major),
            ),
            None => fine(
                "postgres",
                "not installed",
                format!(
                    "stoa up installs it where it may. {}",
                    packages::missing(&POSTGRES)
                ),
            ),
        });
    }
    findings.push(connection_sum(project, room)?);
    Ok(findings)
}

async fn connections(url: &str) -> Result<(String, usize)> {
    let client = Database::external(url)?.connect().await?;
    let ask = "SELECT current_setting('server_version'),
                      current_setting('max_connections')::int4 - current_setting('superuser_reserved_connections')::int4";
    let row = client.query_one(ask, &[]).await?;
    Ok((row.get(0), usize::try_from(row.get::<_, i32>(1))?))
}

/// Each component has a pool for each role, in its process; a pool that finds no room fails its
/// requests instead of waiting, so the sum has to fit.
fn connection_sum(project: &Project, room: usize) -> Result<Finding> {
    let pools = Manifest::read(&project.path("spin.toml"))?.pools;
    let text = project::read(&project.path("runtime-config.toml"))?;
    let config: toml::Table = toml::from_str(&text).context("runtime-config.toml")?;
    let limit = config
        .get("outbound_pg")
        .and_then(|it| it.get("max_connections")?.as_integer());
    Ok(match limit.and_then(|limit| usize::try_from(limit).ok()) {
        None => bad(
            "connections",
            "runtime-config.toml sets no [outbound_pg] max_connections",
            "Set it to 16: without a limit, load opens connections until Postgres refuses",
        ),
        Some(limit) if pools * limit > room => bad(
            "connections",
            format!(
                "{pools} pools of {limit} may open {}, and Postgres has room for {room}",
                pools * limit
            ),
            "Lower max_connections in runtime-config.toml, or raise Postgres' own",
        ),
        Some(limit) => good(
            "connections",
            format!(
                "{pools} pools of {limit}: at most {} of {room}",
                pools * limit
            ),
        ),
    })
}

async fn redis_findings(args: &DoctorArgs, ready: Option<&Ready>) -> Vec<Finding> {
    let Some(url) = given(args.redis_url.as_deref()).or(ready.map(|ready| ready.redis.as_str()))
    else {
        return vec![match redis::find() {
            Some(program) => good("redis", program.display().to_string()),
            None => fine(
                "redis",
                "not installed",
                format!(
                    "stoa up installs it where it may. {}",
                    packages::missing(&REDIS)
                ),
            ),
        }];
    };
    let checked = async { redis::ensure_events(&Redis::external(url)?, false).await };
    match checked.await {
        Err(error) => vec![bad(
            "redis",
            format!("{error:#}"),
            "Start it, or correct REDIS_URL",
        )],
        Ok(events) => vec![
            good("redis", "answers"),
            match events {
                Events::On => good("keyspace events", "expired keys are reported"),
                Events::Off => bad(
                    "keyspace events",
                    "expired keys are not reported: the workers would sleep for ever",
                    redis::advice(),
                ),
                Events::Unknown => fine(
                    "keyspace events",
                    "the server does not tell",
                    redis::advice(),
                ),
            },
        ],
    }
}

fn port(args: &DoctorArgs, ready: Option<&Ready>) -> Finding {
    if let Some(ready) = ready {
        return good("port", format!("stoa up serves {}", ready.url));
    }
    match ports::require_free(args.listen) {
        Ok(()) => good("port", format!("{} is free", args.listen)),
        Err(error) => bad("port", error.to_string(), "See above"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_private_server_has_room_for_the_pools_of_the_manifest() {
        let project = Project::find().unwrap();
        // Three are reserved, and commands and tests want some.
        let finding = connection_sum(&project, MAX_CONNECTIONS - 50).unwrap();
        assert!(finding.status == Status::Good, "{}", finding.finding);
    }
}
