//! The subcommands, one file each.

mod admin;
mod bench;
mod build;
mod demo;
mod doctor;
mod inventory;
mod keys;
pub mod ledger;
mod migrate;
mod seed;
mod test;
mod up;
mod workflows;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::failure::EXIT_CODES;
use crate::progress::Progress;
use crate::project::Project;

/// Sets up, runs, tests and administers a Stoa checkout.
#[derive(Parser)]
#[command(name = "stoa", bin_name = "cargo stoa", version, after_long_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Up(up::UpArgs),
    Build(build::BuildArgs),
    Migrate(migrate::MigrateArgs),
    Seed(seed::SeedArgs),
    Demo(demo::DemoArgs),
    Inventory(inventory::InventoryArgs),
    Ledger(ledger::LedgerArgs),
    Workflows(workflows::WorkflowsArgs),
    Test(test::TestArgs),
    Bench(bench::BenchArgs),
    Doctor(doctor::DoctorArgs),
    Admin(admin::AdminArgs),
    Keys(keys::KeysArgs),
}

/// Where a command that needs a database finds one.
#[derive(Args)]
pub struct DatabaseArgs {
    /// Postgres to work on, as a user that may create roles and schemas
    ///
    /// Without it: the database that a running `stoa up` serves from the data directory, else the
    /// private server of that directory, which is started for the meantime.
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,

    #[command(flatten)]
    pub data: DataArgs,
}

impl DatabaseArgs {
    /// The URL, when one was given.
    pub fn url(&self) -> Option<&str> {
        given(self.database_url.as_deref())
    }
}

/// Where the private servers keep their data.
#[derive(Args)]
pub struct DataArgs {
    /// Directory with the private servers' data, logs and secrets [default: .stoa in the checkout]
    #[arg(long, value_name = "DIR", env = "STOA_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

impl DataArgs {
    /// The directory, which may not exist yet.
    pub fn path(&self, project: &Project) -> PathBuf {
        self.data_dir
            .clone()
            .unwrap_or_else(|| project.path(".stoa"))
    }
}

/// An empty variable counts as none.
pub fn given(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.is_empty())
}

/// Runs the subcommand.
pub async fn run(cli: Cli) -> Result<()> {
    let progress = Progress::new();
    match cli.command {
        Command::Up(args) => up::run(args, &progress).await,
        Command::Build(args) => build::run(args, &progress).await,
        Command::Migrate(args) => migrate::run(args, &progress).await,
        Command::Seed(args) => seed::run(args, &progress).await,
        Command::Demo(args) => demo::run(args, &progress).await,
        Command::Inventory(args) => inventory::run(args, &progress).await,
        Command::Ledger(args) => ledger::run(args, &progress).await,
        Command::Workflows(args) => workflows::run(args, &progress).await,
        Command::Test(args) => test::run(args, &progress).await,
        Command::Bench(args) => bench::run(args, &progress).await,
        Command::Doctor(args) => doctor::run(args, &progress).await,
        Command::Admin(args) => admin::run(args, &progress).await,
        Command::Keys(args) => keys::run(args, &progress).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_formed() {
        super::Cli::command().debug_assert();
    }
}
