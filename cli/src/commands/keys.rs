//! `stoa keys`: the keys that sign access tokens, and replacing them.

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use tokio_postgres::types::Json;

use super::DatabaseArgs;
use crate::database;
use crate::interrupt::with_stack;
use crate::progress::Progress;
use crate::project::Project;
use crate::signing_key::{Algorithm, SigningKey};
use crate::stack::Stack;

/// Look at the keys that sign access tokens, and replace them
#[derive(Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Subcommand)]
enum KeysCommand {
    List(ListArgs),
    Rotate(RotateArgs),
}

/// List the keys, the newest first
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa keys list
  cargo stoa keys list --json")]
struct ListArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// Bring in another key
///
/// It is published at once and signs in 10 seconds, when every module has seen it. The key before it
/// verifies until the last token that it signed is over, 20 minutes later: nobody is logged out.
///
/// When a key has leaked, --at-once retires those before it and signs with the new one: whoever has forged
/// tokens is shut out within 5 seconds. Everybody's access tokens stop working with them; clients refresh
/// theirs, and nobody signs in again.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa keys rotate
  cargo stoa keys rotate --at-once
  cargo stoa keys rotate --alg RS256 --database-url postgres://admin:…@db.example/shop")]
struct RotateArgs {
    /// What the new key signs by
    #[arg(long, value_enum, default_value = "EdDSA", value_name = "ALGORITHM")]
    alg: Algorithm,

    /// The key before it has leaked: retire it now
    #[arg(long)]
    at_once: bool,

    #[command(flatten)]
    database: DatabaseArgs,
}

impl KeysCommand {
    fn database(&self) -> &DatabaseArgs {
        match self {
            KeysCommand::List(args) => &args.database,
            KeysCommand::Rotate(args) => &args.database,
        }
    }
}

pub async fn run(args: KeysArgs, progress: &Progress) -> Result<()> {
    let project = Project::find()?;
    with_stack(Stack::new(progress), async |stack| {
        let wanted = args.command.database();
        let directory = wanted.data.path(&project);
        let (database, _) = database::locate(wanted.url(), &directory, stack, progress).await?;
        let client = database.connect().await?;
        let there = "SELECT to_regproc('account.rotate_key_v1') IS NOT NULL";
        if !client.query_one(there, &[]).await?.get::<_, bool>(0) {
            bail!("this database has no keys yet. Run: cargo stoa migrate");
        }
        match &args.command {
            KeysCommand::List(args) => list(&client, args.json).await,
            KeysCommand::Rotate(args) => rotate(&client, args, progress).await,
        }
    })
    .await
}

/// One JSON object per key; `state` says what the key does now.
const LIST: &str = "\
SELECT coalesce(jsonb_agg(jsonb_build_object(
    'kid', k.kid, 'alg', k.alg,
    'state', CASE
        WHEN k.retired_at <= shared.real_now() THEN 'retired'
        WHEN k.signs_from > shared.real_now() THEN 'published'
        WHEN k.kid = (SELECT s.kid FROM shared.signing_key s
                      WHERE s.signs AND s.signs_from <= shared.real_now()
                        AND (s.retired_at IS NULL OR s.retired_at > shared.real_now())
                      ORDER BY s.signs_from DESC, s.kid LIMIT 1) THEN 'signs'
        ELSE 'verifies' END,
    'signs_from', shared.rfc3339(k.signs_from),
    'retired_at', shared.rfc3339(k.retired_at)) ORDER BY k.signs_from DESC), '[]')
FROM shared.signing_key k";

async fn list(client: &tokio_postgres::Client, json: bool) -> Result<()> {
    let keys: Json<Vec<serde_json::Value>> = client
        .query_one(LIST, &[])
        .await
        .context("reading the keys")?
        .get(0);
    if json {
        println!("{}", serde_json::to_string_pretty(&keys.0)?);
        return Ok(());
    }
    for key in &keys.0 {
        let text = |name: &str| key[name].as_str().unwrap_or_default().to_owned();
        let until = match key["retired_at"].as_str() {
            Some(until) => format!("  until {until}"),
            None => String::new(),
        };
        println!(
            "{}  {}  {:<9}  from {}{until}",
            text("kid"),
            text("alg"),
            text("state"),
            text("signs_from"),
        );
    }
    Ok(())
}

async fn rotate(
    client: &tokio_postgres::Client,
    args: &RotateArgs,
    progress: &Progress,
) -> Result<()> {
    let algorithm = args.alg;
    let key = SigningKey::new(algorithm)?;
    let from: String = client
        .query_one(
            "SELECT shared.rfc3339(account.rotate_key_v1($1, $2, $3, $4, $5))",
            &[
                &key.kid,
                &algorithm.name(),
                &Json(&key.jwk),
                &key.secret,
                &args.at_once,
            ],
        )
        .await
        .context("storing the new key")?
        .get(0);
    progress.say(format!(
        "  ✓  key {} ({}) is published, and signs from {from} on",
        key.kid,
        algorithm.name()
    ));
    Ok(())
}
