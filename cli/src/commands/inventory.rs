//! `stoa inventory`: checks of the stock.

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio_postgres::types::Json;
use tokio_postgres::{Client, IsolationLevel};

use super::DatabaseArgs;
use crate::database;
use crate::interrupt::with_stack;
use crate::progress::Progress;
use crate::project::Project;
use crate::single::SingleArgs;
use crate::stack::Stack;

/// Check the stock of an installation
#[derive(Args)]
pub struct InventoryArgs {
    #[command(subcommand)]
    command: InventoryCommand,
}

#[derive(Subcommand)]
enum InventoryCommand {
    Reconcile(ReconcileArgs),
}

/// Compare stock, reservations and the ledger
///
/// What lies in every warehouse has to be the sum of its movements, and what is reserved that of the
/// open reservations. Reads only, sees one moment, and may run while the shop sells. Ends with code 1
/// when something differs, and lists it.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa inventory reconcile
  cargo stoa inventory reconcile --database-url postgres://admin:…@db.example/shop
  cargo stoa inventory reconcile --json | jq '.differences[]'")]
pub struct ReconcileArgs {
    #[command(flatten)]
    database: DatabaseArgs,

    #[command(flatten)]
    single: SingleArgs,

    /// Print what was checked and what differs as JSON
    #[arg(long)]
    json: bool,
}

/// What was compared.
#[derive(Debug, Serialize)]
struct Outcome {
    stock_rows: i64,
    movements: i64,
    /// One for each number that is not as it should be.
    differences: Vec<Map<String, Value>>,
}

/// How many differences are printed for a person.
const SHOWN: usize = 50;

pub async fn run(args: InventoryArgs, progress: &Progress) -> Result<()> {
    let InventoryCommand::Reconcile(args) = args.command;
    let project = Project::find()?;
    with_stack(Stack::new(progress), async |stack| {
        let directory = args.database.data.path(&project);
        let (database, data) =
            database::locate(args.database.url(), &directory, stack, progress).await?;
        let mut client = database.connect().await?;
        let there = "SELECT to_regproc('inventory.reconcile_v1') IS NOT NULL";
        if !client.query_one(there, &[]).await?.get::<_, bool>(0) {
            bail!("this database has no stock yet. Run: cargo stoa migrate");
        }
        let outcome = args
            .single
            .run("inventory reconcile", &data, async || {
                compare(&mut client).await.context("reconciling the stock")
            })
            .await?;
        if args.json {
            println!("{}", serde_json::to_string_pretty(&outcome)?);
        } else {
            outcome.lines().iter().for_each(|line| println!("{line}"));
        }
        match outcome.differences.len() {
            0 => Ok(()),
            1 => bail!("stock, reservations and ledger differ in one number"),
            n => bail!("stock, reservations and ledger differ in {n} numbers"),
        }
    })
    .await
}

/// Counts and comparison see the same moment.
async fn compare(client: &mut Client) -> Result<Outcome> {
    let moment = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let counts =
        "SELECT (SELECT count(*) FROM inventory.stock), (SELECT count(*) FROM inventory.movement)";
    let counts = moment.query_one(counts, &[]).await?;
    let rows = moment
        .query(
            "SELECT to_json(r)::jsonb FROM inventory.reconcile_v1() AS r",
            &[],
        )
        .await?;
    let differences = rows
        .iter()
        .map(|row| Ok(row.try_get::<_, Json<Map<String, Value>>>(0)?.0))
        .collect::<Result<_>>()?;
    moment.rollback().await?;
    Ok(Outcome {
        stock_rows: counts.get(0),
        movements: counts.get(1),
        differences,
    })
}

impl Outcome {
    fn lines(&self) -> Vec<String> {
        if self.differences.is_empty() {
            return vec![format!(
                "stock, reservations and ledger agree: {} stock rows, {} movements checked",
                self.stock_rows, self.movements
            )];
        }
        let mut lines: Vec<String> = self.differences.iter().take(SHOWN).map(line).collect();
        if let Some(more @ 1..) = self.differences.len().checked_sub(SHOWN) {
            lines.push(format!("… and {more} more; --json has them all"));
        }
        lines
    }
}

/// Whatever columns the function has; without those that are empty.
fn line(difference: &Map<String, Value>) -> String {
    let column = |(name, value): (&String, &Value)| match value {
        Value::Null => None,
        Value::String(text) => Some(format!("{name}={text}")),
        other => Some(format!("{name}={other}")),
    };
    let columns: Vec<String> = difference.iter().filter_map(column).collect();
    columns.join("  ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn outcome(differences: usize) -> Outcome {
        let difference = json!({"what": "on_hand", "expected": 3, "found": 4, "serial": null});
        Outcome {
            stock_rows: 7,
            movements: 9,
            differences: vec![difference.as_object().unwrap().clone(); differences],
        }
    }

    #[test]
    fn agreement_says_how_much_was_checked() {
        assert_eq!(
            outcome(0).lines(),
            ["stock, reservations and ledger agree: 7 stock rows, 9 movements checked"]
        );
    }

    #[test]
    fn differences_are_listed_with_whatever_columns_they_have_and_not_endlessly() {
        assert_eq!(outcome(1).lines(), ["expected=3  found=4  what=on_hand"]);
        let lines = outcome(SHOWN + 2).lines();
        assert_eq!(lines.len(), SHOWN + 1);
        assert_eq!(lines[SHOWN], "… and 2 more; --json has them all");
    }
}
