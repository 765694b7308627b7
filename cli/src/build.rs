//! Builds the components in all their variants, and the built-in host, and gathers them in
//! `target/stoa`, which `spin.toml` refers to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use serde::Serialize;
use serde_json::Value;
use tokio::process::Command;

use crate::failure::Failure;
use crate::fingerprint;
use crate::processes::{self, Stream};
use crate::progress::{Progress, Step};
use crate::project::{ComponentCrate, Project, Variant, with_variant};
use crate::toolchain::{self, Runtime, TARGET};

/// One file in `target/stoa`.
#[derive(Debug, Serialize)]
pub struct Artifact {
    pub file: String,
    pub bytes: u64,
    /// Whether this build changed it.
    pub changed: bool,
}

/// Where the built-in host lies after a build.
pub fn host(project: &Project) -> PathBuf {
    project.artifacts().join("stoa-host")
}

/// Builds what `runtime` needs unless nothing has changed since the last build.
pub async fn ensure(project: &Project, runtime: Runtime, progress: &Progress) -> Result<()> {
    let sysroot = toolchain::ensure_target(project, progress).await?;
    let fingerprint = fingerprint::of(project, &salt(&sysroot, runtime))?;
    if fingerprint::stored(project).as_ref() == Some(&fingerprint)
        && missing(project, runtime)?.is_empty()
    {
        return Ok(());
    }
    all(project, runtime, progress).await?;
    fingerprint::store(project, &fingerprint)
}

/// Refuses to go on when a file that the application is loaded from has not been built.
pub fn require(project: &Project, runtime: Runtime) -> Result<()> {
    let missing = missing(project, runtime)?;
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!(
        "not built yet: {}. Run: cargo stoa build",
        missing.join(", ")
    );
    Err(Failure::Missing(message).into())
}

/// Builds everything; cargo decides what is stale.
pub async fn all(
    project: &Project,
    runtime: Runtime,
    progress: &Progress,
) -> Result<Vec<Artifact>> {
    let crates = project.components()?;
    if crates.is_empty() {
        bail!(
            "{} holds no component crate",
            project.path("components").display()
        );
    }
    std::fs::create_dir_all(project.artifacts()).context("cannot create target/stoa")?;
    let mut artifacts = Vec::new();
    for variant in Variant::ALL {
        artifacts.extend(components(project, &crates, variant, progress).await?);
    }
    if runtime == Runtime::Builtin {
        artifacts.push(build_host(project, progress).await?);
        warm(project, progress).await?;
    }
    Ok(artifacts)
}

/// What a build depends on besides its sources.
pub fn salt(sysroot: &Path, runtime: Runtime) -> String {
    let compiler = std::fs::metadata(sysroot.join("bin/rustc"))
        .and_then(|it| it.modified())
        .ok();
    format!("{} {compiler:?} {}", sysroot.display(), runtime.name())
}

fn missing(project: &Project, runtime: Runtime) -> Result<Vec<String>> {
    let mut files: Vec<String> = Vec::new();
    for component in project.components()? {
        files.extend(component.variants.iter().map(|it| component.file(*it)));
    }
    if runtime == Runtime::Builtin {
        files.push("stoa-host".into());
    }
    files.retain(|file| !project.artifacts().join(file).is_file());
    Ok(files)
}

/// The crates that have this variant, in one build. All variants share cargo's target directory: it
/// keeps each feature set under a hash of its own and only the final file is replaced, so no build
/// makes another stale, and what two of them need with the same features is compiled once.
async fn components(
    project: &Project,
    crates: &[ComponentCrate],
    variant: Variant,
    progress: &Progress,
) -> Result<Vec<Artifact>> {
    let crates = with_variant(crates, variant);
    if crates.is_empty() {
        return Ok(Vec::new());
    }
    let mut step = progress.step(match variant {
        Variant::Service => "building components",
        Variant::Provider => "building providers",
        Variant::Flows => "building workflow runners",
        Variant::Lane => "building other workers",
        Variant::Remote => "building what callers of modules apart plug",
    });
    let mut cargo = toolchain::cargo(project);
    cargo.args(["build", "--release", "--target", TARGET]);
    for component in &crates {
        cargo.args(["--package", &component.package()]);
    }
    cargo.args(variant.arguments());
    let built = run_cargo(cargo, &mut step).await?;
    let mut artifacts = Vec::new();
    for component in crates {
        let target = component.package().replace('-', "_");
        let path = built
            .get(&target)
            .and_then(|files| files.iter().find(|file| file.ends_with(".wasm")))
            .with_context(|| {
                format!(
                    "cargo built no .wasm for {} (is its crate-type cdylib?)",
                    component.package()
                )
            })?;
        artifacts.push(keep(project, Path::new(path), &component.file(variant))?);
    }
    let changed = artifacts.iter().filter(|artifact| artifact.changed).count();
    step.done(format!("{changed} of {} changed", artifacts.len()));
    Ok(artifacts)
}

async fn build_host(project: &Project, progress: &Progress) -> Result<Artifact> {
    let mut step = progress.step("building the built-in host");
    let mut cargo = toolchain::cargo(project);
    cargo.args([
        "build",
        "--profile",
        "host",
        "--package",
        "stoa-host",
        "--bin",
        "stoa-host",
    ]);
    let built = run_cargo(cargo, &mut step).await?;
    let path = built
        .get("stoa-host")
        .and_then(|files| files.first())
        .context("cargo built no stoa-host")?;
    let artifact = keep(project, Path::new(path), "stoa-host")?;
    step.done("");
    Ok(artifact)
}

/// Compiles the components to machine code ahead of the first start.
async fn warm(project: &Project, progress: &Progress) -> Result<()> {
    let mut step = progress.step("compiling components for this machine");
    let mut host = processes::command(host(project), Signal::SIGTERM, None);
    host.current_dir(&project.root).arg("compile");
    host.arg("--from").arg(project.path("spin.toml"));
    host.arg("--cache-dir").arg(project.compile_cache());
    let mut lines = Vec::new();
    let status = processes::run_lines(host, |_, line| {
        step.note(line);
        lines.push(line.to_owned());
    })
    .await?;
    if !status.success() {
        bail!(
            "stoa-host compile failed ({status}):\n{}",
            processes::tail(&lines, 30)
        );
    }
    step.done("");
    Ok(())
}

/// Runs cargo and returns the files it made, by target. Its progress becomes the step's note; what
/// rustc has to say is shown when the build fails.
pub async fn run_cargo(
    mut cargo: Command,
    step: &mut Step,
) -> Result<BTreeMap<String, Vec<String>>> {
    cargo.args(["--message-format", "json-render-diagnostics"]);
    let mut built = BTreeMap::new();
    let mut log = Vec::new();
    let status = processes::run_lines(cargo, |stream, line| match stream {
        Stream::Out => {
            if let Some((target, files)) = artifact(line) {
                step.note(&target);
                built.insert(target, files);
            }
        }
        Stream::Err => {
            step.note(line);
            log.push(line.to_owned());
        }
    })
    .await?;
    if !status.success() {
        bail!(
            "cargo build failed ({status}):\n{}",
            processes::tail(&log, 300)
        );
    }
    Ok(built)
}

/// Target and files of one of cargo's messages, when it is about something that was built.
fn artifact(line: &str) -> Option<(String, Vec<String>)> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message.get("reason")? != "compiler-artifact" {
        return None;
    }
    let target = message.get("target")?.get("name")?.as_str()?.to_owned();
    let executable = message
        .get("executable")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let files = message
        .get("filenames")?
        .as_array()?
        .iter()
        .filter_map(|file| file.as_str().map(str::to_owned));
    Some((target, executable.into_iter().chain(files).collect()))
}

/// Copies a built file into `target/stoa`, but only when its bytes differ, so that whatever was
/// derived from it stays fresh. By rename, because a running host may have the old one open.
pub fn keep(project: &Project, from: &Path, file: &str) -> Result<Artifact> {
    let to = project.artifacts().join(file);
    let new = std::fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    let changed = std::fs::read(&to).ok().as_deref() != Some(new.as_slice());
    if changed {
        let part = project.artifacts().join(format!("{file}.part"));
        std::fs::copy(from, &part)
            .and_then(|_| std::fs::rename(&part, &to))
            .with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(Artifact {
        file: format!("target/stoa/{file}"),
        bytes: new.len() as u64,
        changed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_about_files_count() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"stoa_order"},"filenames":["/t/stoa_order.wasm","/t/libstoa_order.rlib"],"executable":null}"#;
        let files = vec![
            "/t/stoa_order.wasm".to_owned(),
            "/t/libstoa_order.rlib".to_owned(),
        ];
        assert_eq!(artifact(line), Some(("stoa_order".to_owned(), files)));
        assert_eq!(
            artifact(r#"{"reason":"build-finished","success":true}"#),
            None
        );
        assert_eq!(artifact("warning: not json"), None);
    }

    #[test]
    fn a_file_is_copied_only_when_its_bytes_differ() {
        let root = tempfile::tempdir().unwrap();
        let project = Project {
            root: root.path().to_owned(),
        };
        std::fs::create_dir_all(project.artifacts()).unwrap();
        let from = root.path().join("built.wasm");
        std::fs::write(&from, "one").unwrap();
        assert!(keep(&project, &from, "x.wasm").unwrap().changed);
        assert!(!keep(&project, &from, "x.wasm").unwrap().changed);
        std::fs::write(&from, "two").unwrap();
        assert!(keep(&project, &from, "x.wasm").unwrap().changed);
        assert_eq!(
            std::fs::read(project.artifacts().join("x.wasm")).unwrap(),
            b"two"
        );
    }
}
