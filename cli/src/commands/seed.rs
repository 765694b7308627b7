//! `stoa seed`: the demo data, outside of `up`.

use anyhow::Result;
use clap::Args;

use super::DatabaseArgs;
use crate::database;
use crate::interrupt::with_stack;
use crate::progress::Progress;
use crate::project::Project;
use crate::seed::{self, SeedOptions, SeedReport};
use crate::stack::Stack;

/// Put the demo data in: accounts, categories, products and stock
///
/// `up` does this once by itself: 20 accounts, 30 categories, 1000 products with 5000 variants. They
/// are the same on every machine. What is there already stays as it is; asking for more products
/// later adds those that are missing, and asking for fewer changes nothing. An interrupted run leaves
/// nothing behind and can be repeated.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa seed
  cargo stoa seed --products 100000
      a large shop; takes a minute or two
  cargo stoa seed --again
      put back what was deleted since
  cargo stoa seed --json | jq .added")]
pub struct SeedArgs {
    /// How many products there shall be at least
    #[arg(long, value_name = "N", default_value_t = seed::PRODUCTS,
          value_parser = clap::value_parser!(u64).range(..=10_000_000))]
    products: u64,

    /// Also put in what is missing of what was put in before
    #[arg(long)]
    again: bool,

    /// Print the demo logins, and what was added, as JSON
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
        let opts = SeedOptions {
            products: args.products,
            again: args.again,
        };
        let report = seed::run(&client, &opts, progress).await?;
        if args.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            println!("{}", outcome(&report, args.products));
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

fn outcome(report: &SeedReport, asked: u64) -> String {
    let (total, added) = (report.products, report.added);
    match added.products {
        0 if asked < total => {
            format!("{total} products are in, {asked} were asked for: nothing to do")
        }
        0 if added.variants == 0 && added.stock_rows == 0 => {
            format!("{total} products are in: nothing to do")
        }
        products => format!(
            "{total} products are in, of which {products} are new, with {} variants and {} stock rows",
            added.variants, added.stock_rows
        ),
    }
}
