//! The command line of the host, in the manner of `spin up`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use stoa_host::app::{self, App, Options};
use stoa_host::compose;
use tokio::signal::unix::{SignalKind, signal};

/// Runs a Spin application without Spin.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the triggers of an application and serve until stopped.
    ///
    /// Application variables come from the environment: `SPIN_VARIABLE_<NAME>`. With
    /// `STOA_HOST_STRICT=1`, a database connection that a guest gives back inside a transaction
    /// is reported on standard error and closed.
    ///
    /// For tests only: with `STOA_HOST_DROPS=<DIR>`, a file `armed` in that directory such as
    /// `order after 3` drops the instance of `order` that makes the third call to Postgres, Redis
    /// or HTTP from then on, after its effect (or `before` it). The file `dropped` says that it
    /// happened, and `armed` is removed.
    Up(Up),
    /// Compose and compile all components into a cache, so that a later start is quick.
    Compile {
        /// The manifest of the application.
        #[arg(long, default_value = "spin.toml", value_name = "FILE")]
        from: PathBuf,
        /// Where the compiled code is kept.
        #[arg(long, value_name = "DIR")]
        cache_dir: PathBuf,
    },
    /// Plug the exports of components into the imports of another.
    Compose {
        /// The component that imports.
        #[arg(long, value_name = "FILE")]
        base: PathBuf,
        /// A component that exports what the base imports; give it once for each.
        #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
        plug: Vec<PathBuf>,
        /// Where to write the composed component.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

#[derive(Args)]
struct Up {
    /// The manifest of the application.
    #[arg(short, long, default_value = "spin.toml", value_name = "FILE")]
    from: PathBuf,
    /// Limits and key-value stores, in Spin's format.
    #[arg(long, value_name = "FILE")]
    runtime_config_file: Option<PathBuf>,
    /// The address that the HTTP trigger listens on.
    #[arg(long, default_value = "127.0.0.1:3000", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Start only the triggers of this component; give it once for each.
    #[arg(short, long = "component", value_name = "NAME")]
    components: Vec<String>,
    /// Where key-value stores are kept; without it they are in memory.
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// Where compiled code is kept; without it everything is compiled at each start.
    #[arg(long, value_name = "DIR")]
    cache_dir: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stoa-host: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Up(up) => {
            let runtime = tokio::runtime::Runtime::new()?;
            let ended = runtime.block_on(serve(up));
            // Requests under way are not waited for: who stops the host wants it stopped.
            runtime.shutdown_background();
            ended
        }
        Command::Compile { from, cache_dir } => {
            let count = app::compile(&from, cache_dir)?;
            println!("compiled {count} components");
            Ok(())
        }
        Command::Compose { base, plug, output } => {
            let bytes = compose::plug_all(&base, &plug)?;
            std::fs::write(&output, bytes)
                .with_context(|| format!("cannot write {}", output.display()))
        }
    }
}

async fn serve(up: Up) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let options = Options {
        manifest: up.from,
        runtime_config: up.runtime_config_file,
        listen: up.listen,
        components: up.components,
        state_dir: up.state_dir,
        cache_dir: up.cache_dir,
        drops: std::env::var_os("STOA_HOST_DROPS").map(PathBuf::from),
    };
    let load = tokio::task::spawn_blocking(move || App::load(&options));
    let running = async { load.await??.run().await };
    tokio::select! {
        ended = running => ended,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}
