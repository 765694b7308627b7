//! `stoa build`: the components in all their variants, and the built-in host.

use anyhow::Result;
use clap::Args;

use crate::build;
use crate::fingerprint;
use crate::interrupt::with_tools;
use crate::progress::Progress;
use crate::project::Project;
use crate::toolchain::{self, RuntimeChoice};

/// Build the components and what runs them
///
/// Leaves everything in target/stoa, where spin.toml looks for it: each component as NAME.wasm, its
/// variant for composition as NAME.provider.wasm, the runner of its workflows as NAME.flows.wasm, any
/// other worker of its as NAME.lane.wasm, what callers plug when it is deployed apart as NAME.remote.wasm,
/// and the built-in host unless Spin is used.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa build
  cargo stoa build --json | jq '.[] | select(.changed) | .file'")]
pub struct BuildArgs {
    /// What will serve the components; the built-in host is built only when it is needed
    #[arg(long, value_enum, default_value = "auto", env = "STOA_RUNTIME")]
    runtime: RuntimeChoice,

    /// Print what was built as JSON: file, bytes, changed
    #[arg(long)]
    json: bool,
}

pub async fn run(args: BuildArgs, progress: &Progress) -> Result<()> {
    let project = Project::find()?;
    let artifacts = with_tools(async {
        let runtime = args.runtime.resolve().await?;
        let sysroot = toolchain::ensure_target(&project, progress).await?;
        let before = fingerprint::of(&project, &build::salt(&sysroot, runtime))?;
        let artifacts = build::all(&project, runtime, progress).await?;
        fingerprint::store(&project, &before)?;
        anyhow::Ok(artifacts)
    })
    .await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&artifacts)?);
    }
    Ok(())
}
