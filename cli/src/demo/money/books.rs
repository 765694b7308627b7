//! Wallets, and the ledger at the end.

use anyhow::{Result, ensure};

use super::Cast;
use super::operator::Operator;
use crate::commands::ledger;
use crate::demo::checks::{dong, items, until};
use crate::demo::client::Client;
use crate::demo::steps::step;
use crate::progress::Progress;

/// Waits until a wallet in dong has so much in one of its parts.
pub async fn wallet(client: &Client, part: &str, expected: i64) -> Result<()> {
    until(client, "/v1/wallets", |wallets| {
        let wallet = items(wallets)
            .iter()
            .find(|wallet| wallet["currency"] == "VND");
        let found = wallet.and_then(|wallet| wallet[part].as_i64()).unwrap_or(0);
        ensure!(
            found == expected,
            "{} has {} as {part}, expected are {}",
            client.username,
            dong(found),
            dong(expected)
        );
        Ok(())
    })
    .await?;
    Ok(())
}

/// Checks the books and prints them.
pub async fn close(cast: &Cast, operator: &mut Operator, progress: &Progress) -> Result<()> {
    let title = "the ledger adds up";
    let lines = step(progress, title, async {
        let books = ledger::compare(operator.client()).await?;
        let found = books.lines().join("\n");
        ensure!(books.findings.is_empty(), "{found}");
        let lines = ledger::balance_lines(operator.client()).await?;
        Ok((lines, found))
    })
    .await?;
    for line in lines {
        progress.say(format!("       {line}"));
    }
    // Nobody else has anything to say about it.
    let entries = cast.chi.get("/v1/wallets/VND/entries").await?;
    let kinds: Vec<&str> = items(&entries)
        .iter()
        .filter_map(|entry| entry["kind"].as_str())
        .collect();
    ensure!(kinds.len() == 2, "Chi's statement is {kinds:?}");
    Ok(())
}
