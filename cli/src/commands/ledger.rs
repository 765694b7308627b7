//! `stoa ledger`: checks of the books, and what they come to.

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
use crate::stack::Stack;

/// Look at the books of an installation
#[derive(Args)]
pub struct LedgerArgs {
    #[command(subcommand)]
    command: LedgerCommand,
}

#[derive(Subcommand)]
enum LedgerCommand {
    Check(CheckArgs),
    Balance(BalanceArgs),
}

/// Compare the ledger with itself and with everything that it is about
///
/// Every transaction has to balance and every balance to be the sum of its entries; what is held, owed and on
/// its way has to be what the sessions, escrows, refunds, withdrawals and orders say; and whatever is open
/// needs somebody who works on it. Worked out from the raw entries, by none of the code that wrote them.
/// Reads only, sees one moment, and may run while the shop sells. Ends with code 1 when something is wrong,
/// and lists it.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa ledger check
  cargo stoa ledger check --database-url postgres://admin:…@db.example/shop
  cargo stoa ledger check --json | jq '.findings[]'")]
pub struct CheckArgs {
    #[command(flatten)]
    database: DatabaseArgs,

    /// Print what was checked and what was found as JSON
    #[arg(long)]
    json: bool,
}

/// Show what the accounts of each kind come to
///
/// In credits, minor units, by kind and currency: each currency sums to zero.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa ledger balance
  cargo stoa ledger balance --json | jq '.[] | select(.kind == \"wallet\")'")]
pub struct BalanceArgs {
    #[command(flatten)]
    database: DatabaseArgs,

    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// Where the books are wrong. The application itself never runs this.
const CHECK: &str = include_str!("ledger/check.sql");
const BALANCE: &str = include_str!("ledger/balance.sql");
/// How many findings are printed for a person.
const SHOWN: usize = 50;

/// What was compared.
#[derive(Debug, Serialize)]
pub struct Outcome {
    accounts: i64,
    transactions: i64,
    entries: i64,
    /// One for each thing that is not as it should be.
    pub findings: Vec<Map<String, Value>>,
}

/// The accounts of a kind in a currency.
#[derive(Debug, Serialize)]
struct Total {
    kind: String,
    provider: Option<String>,
    currency: String,
    accounts: i64,
    /// Credits less debits, minor units. A text: more than 64 bits hold.
    total: String,
}

pub async fn run(args: LedgerArgs, progress: &Progress) -> Result<()> {
    let database = match &args.command {
        LedgerCommand::Check(args) => &args.database,
        LedgerCommand::Balance(args) => &args.database,
    };
    let project = Project::find()?;
    with_stack(Stack::new(progress), async |stack| {
        let directory = database.data.path(&project);
        let (database, _) = database::locate(database.url(), &directory, stack, progress).await?;
        let mut client = database.connect().await?;
        let there = "SELECT to_regclass('payment.ledger_entry') IS NOT NULL";
        if !client.query_one(there, &[]).await?.get::<_, bool>(0) {
            bail!("this database has no books yet. Run: cargo stoa migrate");
        }
        match &args.command {
            LedgerCommand::Check(args) => check(&mut client, args.json).await,
            LedgerCommand::Balance(args) => balance(&client, args.json).await,
        }
    })
    .await
}

async fn check(client: &mut Client, json: bool) -> Result<()> {
    let outcome = compare(client).await.context("checking the books")?;
    if json {
        println!("{}", serde_json::to_string_pretty(&outcome)?);
    } else {
        outcome.lines().iter().for_each(|line| println!("{line}"));
    }
    match outcome.findings.len() {
        0 => Ok(()),
        1 => bail!("one thing is wrong with the books"),
        n => bail!("{n} things are wrong with the books"),
    }
}

/// Counts and findings see the same moment.
pub async fn compare(client: &mut Client) -> Result<Outcome> {
    let moment = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let counts = "SELECT (SELECT count(*) FROM payment.ledger_account),
                         (SELECT count(*) FROM payment.ledger_transaction),
                         (SELECT count(*) FROM payment.ledger_entry)";
    let counts = moment.query_one(counts, &[]).await?;
    let rows = format!("SELECT to_json(r)::jsonb FROM ({CHECK}) AS r");
    let findings = moment
        .query(&rows, &[])
        .await?
        .iter()
        .map(|row| Ok(row.try_get::<_, Json<Map<String, Value>>>(0)?.0))
        .collect::<Result<_>>()?;
    moment.rollback().await?;
    Ok(Outcome {
        accounts: counts.get(0),
        transactions: counts.get(1),
        entries: counts.get(2),
        findings,
    })
}

impl Outcome {
    /// For a person.
    pub fn lines(&self) -> Vec<String> {
        if self.findings.is_empty() {
            return vec![format!(
                "the books are right: {} accounts, {} transactions, {} entries checked",
                self.accounts, self.transactions, self.entries
            )];
        }
        let mut lines: Vec<String> = self.findings.iter().take(SHOWN).map(line).collect();
        if let Some(more @ 1..) = self.findings.len().checked_sub(SHOWN) {
            lines.push(format!("… and {more} more; --json has them all"));
        }
        lines
    }
}

/// What is wrong, with what, and how.
fn line(finding: &Map<String, Value>) -> String {
    let text = |column: &str| finding.get(column).and_then(Value::as_str);
    let mut line = format!(
        "{}  {}",
        text("finding").unwrap_or_default(),
        text("id").unwrap_or_default()
    );
    for column in ["expected", "found", "detail"] {
        if let Some(value) = text(column).filter(|value| !value.is_empty()) {
            line.push_str(&format!("  {column}={value}"));
        }
    }
    line
}

async fn balance(client: &Client, json: bool) -> Result<()> {
    let totals = totals(client).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&totals)?);
    } else {
        table(&totals).iter().for_each(|line| println!("{line}"));
    }
    Ok(())
}

/// What the accounts come to, for a person.
pub async fn balance_lines(client: &Client) -> Result<Vec<String>> {
    Ok(table(&totals(client).await?))
}

async fn totals(client: &Client) -> Result<Vec<Total>> {
    let rows = client
        .query(BALANCE, &[])
        .await
        .context("adding up the books")?;
    Ok(rows
        .iter()
        .map(|row| Total {
            kind: row.get(0),
            provider: row.get(1),
            currency: row.get(2),
            accounts: row.get(3),
            total: row.get(4),
        })
        .collect())
}

fn table(totals: &[Total]) -> Vec<String> {
    if totals.is_empty() {
        return vec!["nothing has been posted yet".into()];
    }
    let name = |total: &Total| match &total.provider {
        Some(provider) => format!("{} {provider}", total.kind),
        None => total.kind.clone(),
    };
    let wide = |width: fn(&Total) -> usize| totals.iter().map(width).max().unwrap_or_default();
    let amounts = wide(|total| total.total.len());
    let counts = wide(|total| total.accounts.to_string().len());
    let names = totals.iter().map(|total| name(total).len()).max();
    totals
        .iter()
        .map(|total| {
            format!(
                "{}  {:names$}  {:>amounts$}  in {:>counts$} accounts",
                total.currency,
                name(total),
                total.total,
                total.accounts,
                names = names.unwrap_or_default(),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn outcome(findings: usize) -> Outcome {
        let finding = json!({"finding": "balance_differs", "id": "0198", "expected": "3", "found": "4", "detail": null});
        Outcome {
            accounts: 5,
            transactions: 7,
            entries: 9,
            findings: vec![finding.as_object().unwrap().clone(); findings],
        }
    }

    #[test]
    fn right_books_say_how_much_was_checked() {
        assert_eq!(
            outcome(0).lines(),
            ["the books are right: 5 accounts, 7 transactions, 9 entries checked"]
        );
    }

    #[test]
    fn findings_are_listed_and_not_endlessly() {
        assert_eq!(
            outcome(1).lines(),
            ["balance_differs  0198  expected=3  found=4"]
        );
        let lines = outcome(SHOWN + 2).lines();
        assert_eq!(lines.len(), SHOWN + 1);
        assert_eq!(lines[SHOWN], "… and 2 more; --json has them all");
    }

    #[test]
    fn totals_stand_in_columns() {
        let total = |kind: &str, provider: Option<&str>, total: &str| Total {
            kind: kind.into(),
            provider: provider.map(Into::into),
            currency: "VND".into(),
            accounts: 1,
            total: total.into(),
        };
        assert_eq!(
            table(&[
                total("wallet", None, "100"),
                total("provider_clearing", Some("sandbox"), "-5")
            ]),
            [
                "VND  wallet                     100  in 1 accounts",
                "VND  provider_clearing sandbox   -5  in 1 accounts",
            ]
        );
        assert_eq!(table(&[]), ["nothing has been posted yet"]);
    }
}
