//! `stoa workflows`: what durable workflows do, step by step, and getting them going again.

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use super::DatabaseArgs;
use crate::database;
use crate::failure::Failure;
use crate::interrupt::with_stack;
use crate::progress::Progress;
use crate::project::Project;
use crate::stack::Stack;

/// Look at durable workflows: checkouts, refunds, withdrawals
#[derive(Args)]
pub struct WorkflowsArgs {
    #[command(subcommand)]
    command: WorkflowsCommand,
}

#[derive(Subcommand)]
enum WorkflowsCommand {
    List(ListArgs),
    Show(OneArgs),
    Retry(OneArgs),
    Cancel(OneArgs),
}

/// List workflows, the newest first
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa workflows list
  cargo stoa workflows list --status stuck
  cargo stoa workflows list --kind checkout --limit 5 --json")]
struct ListArgs {
    /// Only those of this module
    #[arg(long)]
    module: Option<String>,

    /// Only those of this kind, such as checkout or refund
    #[arg(long)]
    kind: Option<String>,

    /// Only those in this state
    #[arg(long, value_enum)]
    status: Option<Status>,

    /// How many of each module
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i32).range(1..=1000))]
    limit: i32,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Status {
    Running,
    Waiting,
    Undoing,
    Stuck,
    Completed,
    Failed,
    Cancelled,
}

/// One workflow, by its id
///
/// `show` prints what happened, in order: each step with its outcome, each wait with what ended it, each
/// undo, and what it waits for now. `retry` lets a stuck one go on where it was, or one that pauses after a
/// failure go on at once. `cancel` sends it on its way back: it undoes what it did.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa workflows show 019a3b52-7c1f-7d20-9d43-5b1d6f1c2a10
  cargo stoa workflows retry 019a3b52-7c1f-7d20-9d43-5b1d6f1c2a10")]
struct OneArgs {
    id: Uuid,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Args)]
struct OutputArgs {
    #[command(flatten)]
    database: DatabaseArgs,

    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: WorkflowsArgs, progress: &Progress) -> Result<()> {
    let output = match &args.command {
        WorkflowsCommand::List(args) => &args.output,
        WorkflowsCommand::Show(args)
        | WorkflowsCommand::Retry(args)
        | WorkflowsCommand::Cancel(args) => &args.output,
    };
    let project = Project::find()?;
    with_stack(Stack::new(progress), async |stack| {
        let directory = output.database.data.path(&project);
        let (database, _) =
            database::locate(output.database.url(), &directory, stack, progress).await?;
        let client = database.connect().await?;
        let modules = modules(&client).await?;
        let (value, lines) = match &args.command {
            WorkflowsCommand::List(list) => {
                let found = page(&client, &modules, list).await?;
                let lines = found.iter().map(brief).collect();
                (Value::Array(found), lines)
            }
            WorkflowsCommand::Show(one) => {
                let shown = one_of(&client, &modules, one.id, "workflow_show($1)", None).await?;
                let lines = timeline(&shown);
                (shown, lines)
            }
            WorkflowsCommand::Retry(one) => {
                let now = one_of(&client, &modules, one.id, "workflow_again($1)", None).await?;
                let lines = vec![brief(&now)];
                (now, lines)
            }
            WorkflowsCommand::Cancel(one) => {
                let call = "workflow_cancel($1, $2)";
                let now = one_of(&client, &modules, one.id, call, Some("the operator")).await?;
                let lines = vec![brief(&now)];
                (now, lines)
            }
        };
        if output.json {
            println!("{}", serde_json::to_string_pretty(&value)?);
        } else if lines.is_empty() {
            println!("no workflows");
        } else {
            lines.iter().for_each(|line| println!("{line}"));
        }
        Ok(())
    })
    .await
}

/// Schemas that have workflows.
async fn modules(client: &Client) -> Result<Vec<String>> {
    let found = client
        .query(
            "SELECT n.nspname::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE p.proname = 'workflow_show' ORDER BY 1",
            &[],
        )
        .await?;
    if found.is_empty() {
        bail!("this database has no workflows yet. Run: cargo stoa migrate");
    }
    Ok(found.iter().map(|row| row.get(0)).collect())
}

async fn page(client: &Client, modules: &[String], list: &ListArgs) -> Result<Vec<Value>> {
    if let Some(module) = &list.module
        && !modules.contains(module)
    {
        let known = modules.join(", ");
        return Err(Failure::Usage(format!("--module {module}: there are {known}")).into());
    }
    let status = list
        .status
        .and_then(|status| status.to_possible_value())
        .map(|value| value.get_name().to_owned());
    let mut found = Vec::new();
    let wanted = |module: &&String| list.module.as_ref().is_none_or(|only| only == *module);
    for module in modules.iter().filter(wanted) {
        let statement =
            format!("SELECT items FROM \"{module}\".workflow_page($1, $2, NULL, NULL, $3)");
        let row = client
            .query_one(&statement, &[&list.kind, &status, &list.limit])
            .await
            .with_context(|| format!("listing the workflows of {module}"))?;
        let items: Vec<Value> = serde_json::from_str(row.get(0))?;
        found.extend(items);
    }
    found.sort_by(|a, b| text(b, "created_at").cmp(text(a, "created_at")));
    Ok(found)
}

/// Calls a function of whichever module has the workflow.
async fn one_of(
    client: &Client,
    modules: &[String],
    id: Uuid,
    call: &str,
    by: Option<&str>,
) -> Result<Value> {
    for module in modules {
        let there = format!("SELECT FROM \"{module}\".workflow WHERE id = $1");
        if client.query_opt(&there, &[&id]).await?.is_none() {
            continue;
        }
        let statement = format!("SELECT \"{module}\".{call}");
        let row = match by {
            Some(by) => client.query_one(&statement, &[&id, &by]).await,
            None => client.query_one(&statement, &[&id]).await,
        };
        let row = row.map_err(|error| refusal(&error))?;
        return Ok(serde_json::from_str(row.get(0))?);
    }
    bail!("no module has a workflow {id}; see cargo stoa workflows list")
}

/// The functions refuse by a code and facts.
fn refusal(error: &tokio_postgres::Error) -> anyhow::Error {
    let Some(refused) = error.as_db_error() else {
        return anyhow!("{error}");
    };
    if refused.message() == "wrong_state" {
        let facts: Value =
            serde_json::from_str(refused.detail().unwrap_or_default()).unwrap_or_default();
        let status = text(&facts, "workflow_status");
        return anyhow!("it is {status}: there is nothing to retry or cancel");
    }
    anyhow!("{}", refused.message())
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// One line: when it began, what it is, how it stands.
fn brief(workflow: &Value) -> String {
    let mut line = format!(
        "{}  {:<9}  {:<10}  {}",
        text(workflow, "created_at"),
        text(workflow, "status"),
        text(workflow, "kind"),
        text(workflow, "id"),
    );
    for (label, member) in [
        ("until", "due_at"),
        ("again", "retry_at"),
        ("error", "last_error"),
    ] {
        let value = text(workflow, member);
        if !value.is_empty() {
            line.push_str(&format!("  {label}: {value}"));
        }
    }
    line
}

/// What happened, in order.
fn timeline(workflow: &Value) -> Vec<String> {
    let mut lines = vec![brief(workflow)];
    let entries = |member: &str| {
        workflow
            .get(member)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let mut events: Vec<(String, String)> = Vec::new();
    for entry in entries("journal") {
        let step = match text(&entry, "key") {
            "" => text(&entry, "step").to_owned(),
            key => format!("{} {key}", text(&entry, "step")),
        };
        let outcome = entry.get("outcome").cloned().unwrap_or_default();
        let (mark, what) = match (outcome.get("refused"), outcome.get("ok")) {
            (Some(refused), _) => ("✗", refused.clone()),
            (None, ok) => ("✓", ok.cloned().unwrap_or_default()),
        };
        let kind = match text(&entry, "kind") {
            "step" => "",
            other => other,
        };
        let line = format!("  {mark} {step:<22} {kind:<5} {}", short(&what));
        events.push((text(&entry, "noted_at").to_owned(), line));
    }
    for signal in entries("signals") {
        let payload = signal.get("payload").cloned().unwrap_or_default();
        let line = format!(
            "  → {:<22} told  {}",
            text(&signal, "name"),
            short(&payload)
        );
        events.push((text(&signal, "arrived_at").to_owned(), line));
    }
    // What was noted together stays in its order.
    events.sort_by(|a, b| a.0.cmp(&b.0));
    for (at, line) in events {
        lines.push(format!("{at}{}", line.trim_end()));
    }
    let failures = workflow.get("failures").and_then(Value::as_object);
    for (step, count) in failures.into_iter().flatten() {
        // What is none of its steps has a mark of its own: `!runner`.
        let step = step.trim_start_matches('!');
        lines.push(format!("  ! {step} failed {count} times before"));
    }
    let awaits = entries("awaits");
    if !awaits.is_empty() {
        let names: Vec<&str> = awaits.iter().filter_map(Value::as_str).collect();
        lines.push(format!("  … waits for {}", names.join(" or ")));
    }
    lines
}

/// Enough of a value to know it again.
fn short(value: &Value) -> String {
    const MOST: usize = 90;
    if *value == json!(null) {
        return String::new();
    }
    let text = value.to_string();
    if text.chars().count() <= MOST {
        return text;
    }
    text.chars().take(MOST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_tells_what_happened_in_order() {
        let lines = timeline(&json!({
            "id": "x", "kind": "checkout", "status": "waiting", "created_at": "t0", "due_at": "t9",
            "awaits": ["paid", "cancel"], "failures": {"reserve": 2},
            "journal": [
                {"step": "price", "key": "", "kind": "step", "outcome": {"ok": {"total": 5}}, "noted_at": "t1"},
                {"step": "await", "key": "1", "kind": "wait", "outcome": {"ok": {"timer": true}}, "noted_at": "t3"},
                {"step": "reserve", "key": "", "kind": "step", "outcome": {"refused": {"code": "no"}}, "noted_at": "t4"},
            ],
            "signals": [{"name": "paid", "key": "k", "payload": {}, "arrived_at": "t2"}],
        }));
        assert_eq!(lines[0], "t0  waiting    checkout    x  until: t9");
        assert!(lines[1].starts_with("t1  ✓ price") && lines[1].ends_with("{\"total\":5}"));
        assert!(lines[2].starts_with("t2  → paid"));
        assert!(lines[3].starts_with("t3  ✓ await 1") && lines[3].contains("wait"));
        assert!(lines[4].starts_with("t4  ✗ reserve"));
        assert_eq!(lines[5], "  ! reserve failed 2 times before");
        assert_eq!(lines[6], "  … waits for paid or cancel");
    }

    #[test]
    fn long_outcomes_are_cut() {
        assert_eq!(short(&json!("a".repeat(200))).chars().count(), 91);
        assert_eq!(short(&Value::Null), "");
    }
}
