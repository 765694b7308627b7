//! `stoa migrate`: schemas, roles, migrations, functions, grants and the first signing key.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use clap::Args;

use super::DatabaseArgs;
use crate::database;
use crate::interrupt::with_stack;
use crate::manifest::Manifest;
use crate::migrate;
use crate::progress::Progress;
use crate::project::Project;
use crate::stack::Stack;

/// Bring a database up to date
///
/// Applies what is missing and nothing else, so it can be run at any time, and from several hosts
/// at once. Each module gets a schema and the role stoa_MODULE, which can touch only that. The roles'
/// passwords follow from the administrator's, so that every host comes to the same; where the
/// administrator has none, they are in secrets.json of the data directory. --json prints the
/// connection strings.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  cargo stoa migrate
  cargo stoa migrate --database-url postgres://admin:…@db.example/shop
  cargo stoa migrate --json | jq -r .modules.order")]
pub struct MigrateArgs {
    #[command(flatten)]
    database: DatabaseArgs,

    /// Print as JSON what was applied, and each module's connection string
    #[arg(long)]
    json: bool,
}

/// Every name that has a role: the modules with migrations, and those that spin.toml gives a
/// database variable.
pub fn roles(project: &Project, manifest: &Manifest) -> Result<Vec<String>> {
    let mut names: BTreeSet<String> = migrate::modules(project)?.into_iter().collect();
    names.extend(manifest.databases.iter().cloned());
    Ok(names.into_iter().collect())
}

pub async fn run(args: MigrateArgs, progress: &Progress) -> Result<()> {
    let project = Project::find()?;
    let manifest = Manifest::read(&project.path("spin.toml"))?;
    with_stack(Stack::new(progress), async |stack| {
        let directory = args.database.data.path(&project);
        let (database, data) =
            database::locate(args.database.url(), &directory, stack, progress).await?;
        let passwords = database.passwords(&data, &roles(&project, &manifest)?)?;
        let report = migrate::run(&project, &database, &passwords, progress).await?;
        if args.json {
            let mut modules = BTreeMap::new();
            for (module, password) in &passwords {
                modules.insert(module, database.module(module, password, "stoa"));
            }
            let answer = serde_json::json!({"applied": report.applied, "modules": modules});
            println!("{}", serde_json::to_string_pretty(&answer)?);
        }
        Ok(())
    })
    .await
}
