//! `stoa demo`: the main job, played against a running shop.

use anyhow::Result;
use clap::Args;

use crate::demo;
use crate::progress::Progress;

/// Play a sale from listing to confirmation against a running shop
///
/// Makes two accounts of its own, prints every step and what it checked, and ends with an error at
/// the first thing that is not as it should be.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa demo
  cargo stoa demo --url https://shop.example")]
pub struct DemoArgs {
    /// Where the shop answers
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    url: String,
}

pub async fn run(args: DemoArgs, progress: &Progress) -> Result<()> {
    demo::play(&args.url, progress).await
}
