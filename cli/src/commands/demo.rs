//! `stoa demo`: the main job, played against a running shop.

use anyhow::Result;
use clap::Args;

use crate::demo;
use crate::progress::Progress;

/// Play the main job against a running shop: from two listings to orders that are completed
///
/// Two sellers list goods with stock in several warehouses. A follower is told and searches, a guest
/// fills a cart from both sellers, registers and orders cash on delivery. One seller confirms, ships
/// and delivers, the other declines. Every step prints what it checked: stock in each warehouse,
/// notifications, search, states and sums. Makes accounts and goods of its own and ends with an error
/// at the first thing that is not as it should be.
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
