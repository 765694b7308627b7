//! `stoa seed`: the demo data, outside of `up`.

use anyhow::Result;
use clap::Args;

use super::DatabaseArgs;
use crate::database;
use crate::interrupt::with_stack;
use crate::progress::Progress;
use crate::project::Project;
use crate::seed::{self, SeedOptions};
use crate::stack::Stack;

/// Put the demo data in: accounts, categories, products and stock
///
/// `up` does this once by itself. What is there already stays as it is.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa seed
  cargo stoa seed --again     put back what was deleted since")]
pub struct SeedArgs {
    /// Also when the data were put in before
    #[arg(long)]
    again: bool,

    /// Print the demo logins as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    database: DatabaseArgs,
}

pub async fn run(args: SeedArgs, progress: &Progress) -> Result<()> {
    let project = Project::find()?;
    with_stack(Stack::new(progress), async |stack| {
        let directory = args.database.data.path(&project);
        let (database, _) =
            database::locate(args.database.url(), &directory, stack, progress).await?;
        let client = database.connect().await?;
        let report = seed::run(&client, &SeedOptions { again: args.again }, progress).await?;
        if args.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            println!(
                "logins: {} (password {})",
                report.logins.join(", "),
                report.password
            );
        }
        Ok(())
    })
    .await
}
