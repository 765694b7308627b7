//! `stoa demo`: the main job, played against a running shop.

use anyhow::{Context, Result};
use clap::Args;

use super::DatabaseArgs;
use crate::database::Database;
use crate::demo;
use crate::progress::Progress;
use crate::project::Project;
use crate::ready::Ready;

/// Play the main job against a running shop: from two listings to orders that are completed
///
/// Two sellers list goods with stock in several warehouses. A follower is told and searches, a guest
/// fills a cart from both sellers, registers and orders cash on delivery. One seller confirms, ships
/// and delivers, the other declines. Every step prints what it checked: stock in each warehouse,
/// notifications, search, states and sums. Makes accounts and goods of its own and ends with an error
/// at the first thing that is not as it should be.
///
/// The second act is about money: a code, a wallet and the sandbox in one checkout at two sellers, one that
/// nobody pays, a refund, a payout and a withdrawal; it prints the ledger at the end. It grants a role and
/// puts the shop's business clock a day forward, as only the operator can: with the database of the `up` that
/// serves the URL, or with --database-url. Not for shops that are open.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa demo
  cargo stoa demo --url https://shop.example")]
pub struct DemoArgs {
    /// Where the shop answers
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    url: String,

    #[command(flatten)]
    database: DatabaseArgs,
}

pub async fn run(args: DemoArgs, progress: &Progress) -> Result<()> {
    let operator = match database_url(&args)? {
        Some(url) => Some(demo::Operator::new(
            Database::external(&url)?.connect().await?,
        )),
        None => None,
    };
    demo::play(&args.url, operator, progress).await
}

/// The database that was given, or that of the `up` that serves the URL.
fn database_url(args: &DemoArgs) -> Result<Option<String>> {
    if let Some(url) = args.database.url() {
        return Ok(Some(url.to_owned()));
    }
    let directory = args.database.data.path(&Project::find()?);
    let Ok(text) = std::fs::read_to_string(directory.join(Ready::FILE)) else {
        return Ok(None);
    };
    let ready: Ready = serde_json::from_str(&text).context("reading ready.json")?;
    let same = ready.url.trim_end_matches('/') == args.url.trim_end_matches('/');
    Ok(same.then_some(ready.database))
}
