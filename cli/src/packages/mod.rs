//! Installing the servers' packages where that is possible, and saying exactly what to run where
//! it is not.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use tokio::process::Command;

use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::processes;
use crate::progress::Progress;
use crate::supervisor;

/// Runs as root; restores whatever it touches, also when it is interrupted.
const SCRIPT: &str = include_str!("install.sh");

/// Told to stop, the script first finishes what dpkg has begun.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server, and what it is called by each package manager.
pub struct Package {
    pub title: &'static str,
    pub apt: &'static str,
    dnf: &'static str,
    apk: &'static str,
    pacman: &'static str,
    zypper: &'static str,
    brew: &'static str,
    /// The variable that names a server elsewhere.
    variable: &'static str,
}

/// With the contributed extensions, which Debian has in the same package.
pub const POSTGRES: Package = Package {
    title: "Postgres",
    apt: "postgresql",
    dnf: "postgresql-server postgresql-contrib",
    apk: "postgresql postgresql-contrib",
    pacman: "postgresql",
    zypper: "postgresql-server postgresql-contrib",
    brew: "postgresql@17",
    variable: "DATABASE_URL",
};

pub const REDIS: Package = Package {
    title: "Redis",
    apt: "redis-server",
    dnf: "redis",
    apk: "redis",
    pacman: "valkey",
    zypper: "redis",
    brew: "redis",
    variable: "REDIS_URL",
};

/// How this process may become root.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rights {
    Root,
    Sudo,
    None,
}

async fn rights() -> Rights {
    if nix::unistd::geteuid().is_root() {
        return Rights::Root;
    }
    let mut sudo = processes::command("sudo", Signal::SIGTERM, None);
    sudo.args(["-n", "true"]);
    if processes::run(sudo, "sudo").await.is_ok() {
        Rights::Sudo
    } else {
        Rights::None
    }
}

/// Installs `package`, or fails with the command that does.
pub async fn install(package: &Package, data: &DataDir, progress: &Progress) -> Result<()> {
    let rights = rights().await;
    if on_path("apt-get").is_none() || rights == Rights::None {
        return Err(missing(package).into());
    }
    let mut step = progress.step(format!("installing the package {}", package.apt));
    let script = data.join("install-packages.sh");
    std::fs::write(&script, SCRIPT)
        .with_context(|| format!("cannot write {}", script.display()))?;
    let log = data.log("packages")?;
    let command = as_root(rights, &script, package);
    let status = processes::run_patiently(command, PATIENCE, &log, |line| step.note(line)).await?;
    let _ = std::fs::remove_file(&script);
    if !status.success() {
        let end = supervisor::log_tail(&log, 15);
        let why = format!(
            "installing {} failed ({status}):\n{end}\n{}",
            package.apt,
            missing(package)
        );
        return Err(Failure::Missing(why).into());
    }
    step.done("");
    Ok(())
}

fn as_root(rights: Rights, script: &Path, package: &Package) -> Command {
    let mut command = match rights {
        Rights::Sudo => {
            let mut sudo = processes::command("sudo", Signal::SIGTERM, None);
            sudo.args(["-n", "sh"]);
            sudo
        }
        _ => processes::command("sh", Signal::SIGTERM, None),
    };
    command.arg(script).arg(package.apt);
    command
}

/// What to do about a package that could not be installed.
pub fn missing(package: &Package) -> Failure {
    Failure::Missing(format!(
        "{} is not installed. Run: {}\nor name a server that is already there in {}.",
        package.title,
        command_for(package, |program| on_path(program).is_some()),
        package.variable,
    ))
}

fn command_for(package: &Package, has: impl Fn(&str) -> bool) -> String {
    let commands = [
        (
            "apt-get",
            format!(
                "sudo apt-get update && sudo apt-get install -y {}",
                package.apt
            ),
        ),
        ("dnf", format!("sudo dnf install -y {}", package.dnf)),
        ("apk", format!("sudo apk add {}", package.apk)),
        (
            "pacman",
            format!("sudo pacman -S --noconfirm {}", package.pacman),
        ),
        (
            "zypper",
            format!("sudo zypper install -y {}", package.zypper),
        ),
        ("brew", format!("brew install {}", package.brew)),
    ];
    let found = commands.into_iter().find(|(program, _)| has(program));
    found.map_or_else(
        || format!("your package manager to install {}", package.title),
        |(_, command)| command,
    )
}

/// Where a program is. The administrator's directories count, whether on the PATH or not: Debian
/// keeps them off it for ordinary users.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let fixed = [
        "/usr/local/bin",
        "/usr/bin",
        "/usr/sbin",
        "/opt/homebrew/bin",
    ]
    .map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(fixed)
        .map(|directory| directory.join(program))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_fits_the_machines_package_manager() {
        assert_eq!(
            command_for(&REDIS, |program| program == "dnf"),
            "sudo dnf install -y redis"
        );
        assert!(
            command_for(&POSTGRES, |program| program == "apt-get")
                .contains("install -y postgresql")
        );
        assert!(command_for(&POSTGRES, |_| false).contains("Postgres"));
    }
}
