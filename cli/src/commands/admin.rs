//! `stoa admin`: what has to be done before there is an administrator who could do it by the API.

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand, ValueEnum};

use super::DatabaseArgs;
use crate::database;
use crate::interrupt::with_stack;
use crate::progress::Progress;
use crate::project::Project;
use crate::stack::Stack;

/// Administer an installation from its database
#[derive(Args)]
pub struct AdminArgs {
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Subcommand)]
enum AdminCommand {
    Grant(GrantArgs),
}

/// Give an account a role
///
/// Administrators can do this by the API; the first administrator is made here. The change is
/// written to the audit log, and counts from the account's next token on.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa admin grant ada@example.com admin
  cargo stoa admin grant ada moderator --database-url postgres://admin:…@db.example/shop")]
struct GrantArgs {
    /// E-mail address or phone number (E.164) that is verified, username or id
    account: String,

    /// What the account becomes
    role: Role,

    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Role {
    Member,
    Moderator,
    Admin,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Role::Member => "member",
            Role::Moderator => "moderator",
            Role::Admin => "admin",
        }
    }
}

pub async fn run(args: AdminArgs, progress: &Progress) -> Result<()> {
    let AdminCommand::Grant(args) = args.command;
    let project = Project::find()?;
    with_stack(Stack::new(progress), async |stack| {
        let directory = args.database.data.path(&project);
        let (database, _) =
            database::locate(args.database.url(), &directory, stack, progress).await?;
        let client = database.connect().await?;
        let there = "SELECT to_regproc('account.grant_role_v1') IS NOT NULL";
        if !client.query_one(there, &[]).await?.get::<_, bool>(0) {
            bail!("this database has no accounts yet. Run: cargo stoa migrate");
        }
        // The function refuses an account that it does not find.
        let granted = client
            .query_one(
                "SELECT a.id::text, a.name
                 FROM account.account a
                 WHERE a.id = (SELECT account.grant_role_v1($1::text, $2::text))",
                &[&args.account, &args.role.name()],
            )
            .await
            .map_err(|error| match error.as_db_error() {
                Some(refusal) if refusal.message() == "not_found" => anyhow!("no such account"),
                Some(refusal) if refusal.message() == "address_unverified" => anyhow!(
                    "nobody has verified this address, and it may be anybody who registered it. \
                     Name the account by its id or username"
                ),
                Some(refusal) => anyhow!("{}", refusal.message()),
                None => error.into(),
            })
            .with_context(|| format!("cannot make {} {}", args.account, args.role.name()))?;
        let (id, name): (String, String) = (granted.try_get(0)?, granted.try_get(1)?);
        progress.say(format!("  ✓  {name} ({id}) is now {}", args.role.name()));
        Ok(())
    })
    .await
}
