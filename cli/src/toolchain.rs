//! What is installed to build and run with: rustc, its WebAssembly target, Spin.

use std::path::PathBuf;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use tokio::process::Command;

use crate::failure::Failure;
use crate::processes;
use crate::progress::Progress;
use crate::project::Project;

/// What components are compiled to.
pub const TARGET: &str = "wasm32-wasip2";

/// The first Spin that runs WASI 0.3 components.
const SPIN: (u64, u64) = (4, 1);

/// A command that runs in the checkout, so that `rust-toolchain.toml` counts.
pub fn command(project: &Project, program: &str) -> Command {
    let mut command = processes::command(program, Signal::SIGTERM, None);
    command.current_dir(&project.root);
    command
}

/// `cargo`, the one that started us when there is one.
pub fn cargo(project: &Project) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    command(project, &cargo)
}

/// Where rustc keeps its libraries.
pub async fn sysroot(project: &Project) -> Result<PathBuf> {
    let mut rustc = command(project, "rustc");
    rustc.args(["--print", "sysroot"]);
    let out = processes::run(rustc, "rustc --print sysroot")
        .await
        .map_err(|error| Failure::Missing(format!("{error:#}\nInstall Rust: https://rustup.rs")))?;
    Ok(PathBuf::from(out.trim()))
}

/// Whether rustc at `sysroot` can build components.
pub fn has_target(sysroot: &std::path::Path) -> bool {
    sysroot
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib")
        .is_dir()
}

/// Adds the WebAssembly target when it is missing. Rustup's automatic installs may be turned off,
/// and a Rust from elsewhere has no rustup at all, so the files are looked at first.
pub async fn ensure_target(project: &Project, progress: &Progress) -> Result<PathBuf> {
    let sysroot = sysroot(project).await?;
    if has_target(&sysroot) {
        return Ok(sysroot);
    }
    let step = progress.step(format!("rustup target add {TARGET}"));
    let mut rustup = command(project, "rustup");
    rustup.args(["target", "add", TARGET]);
    if let Err(error) = processes::run(rustup, "rustup target add").await {
        return Err(Failure::Missing(format!(
            "rustc in {} cannot build for {TARGET}, and adding it failed. Run: rustup target add {TARGET} (or install your distribution's package of that target)\n{error:#}",
            sysroot.display()
        ))
        .into());
    }
    step.done("");
    Ok(sysroot)
}

/// The installed Spin: its version line, and whether it is new enough.
pub async fn spin() -> Option<(String, bool)> {
    let mut spin = processes::command("spin", Signal::SIGTERM, None);
    spin.arg("--version");
    let line = processes::run(spin, "spin --version")
        .await
        .ok()?
        .trim()
        .to_owned();
    let enough = version(&line).is_some_and(|version| version >= SPIN);
    Some((line, enough))
}

/// Major and minor version in a line such as `spin 4.1.0-pre0 (abc 2026-01-01)`. A pre-release
/// counts as its release: a Spin built from the branch of 4.1 calls itself so.
pub fn version(line: &str) -> Option<(u64, u64)> {
    let word = line
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut parts = word.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// What will serve the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum RuntimeChoice {
    /// Spin when 4.1 or newer is on the PATH, else the built-in host.
    Auto,
    /// `spin up`.
    Spin,
    /// The wasmtime host that comes with the checkout.
    Builtin,
}

/// The choice made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    Spin,
    Builtin,
}

impl Runtime {
    /// As in `--runtime` and `STOA_RUNTIME`.
    pub fn name(self) -> &'static str {
        match self {
            Runtime::Spin => "spin",
            Runtime::Builtin => "builtin",
        }
    }
}

impl RuntimeChoice {
    /// Looks for Spin where that matters.
    pub async fn resolve(self) -> Result<Runtime> {
        if self == RuntimeChoice::Builtin {
            return Ok(Runtime::Builtin);
        }
        match (spin().await, self) {
            (Some((_, true)), _) => Ok(Runtime::Spin),
            (_, RuntimeChoice::Auto) => Ok(Runtime::Builtin),
            (found, _) => {
                let found = found.map_or("no `spin` is on the PATH".to_owned(), |(line, _)| {
                    format!("found {line}")
                });
                Err(Failure::Missing(format!(
                    "--runtime spin needs Spin 4.1 or newer, but {found}. Install it (https://spinframework.dev/install) or use --runtime builtin"
                )))
                .context("choosing the runtime")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read_from_what_tools_print() {
        assert_eq!(version("spin 4.1.0 (f2d3ce0 2026-03-21)"), Some((4, 1)));
        assert_eq!(version("spin 4.1.0-pre0 (f2d3ce0)"), Some((4, 1)));
        assert_eq!(
            version("postgres (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)"),
            Some((15, 9))
        );
        assert_eq!(version("no version here"), None);
    }
}
