//! Brings a database up to date: schemas, roles, migrations, functions, grants, and the first
//! signing key. Forward only, safe to run again, and safe to run from two hosts at once.

pub mod files;
mod grants;
mod keys;
mod record;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tokio_postgres::Client;

use crate::database::Database;
use crate::progress::{Progress, Step};
use crate::project::Project;

use files::{File, Module};
use record::Record;

/// `stoa` in ASCII: the advisory lock that one run at a time holds on a database.
const LOCK: i64 = 0x73_74_6f_61;

/// What a run did.
#[derive(Debug, Default, serde::Serialize)]
pub struct Report {
    /// `module/file` of everything that was applied.
    pub applied: Vec<String>,
}

/// The modules that have a schema.
pub fn modules(project: &Project) -> Result<Vec<String>> {
    let modules = files::read(project)?.into_iter().map(|module| module.name);
    Ok(modules.filter(|name| name != "shared").collect())
}

/// Brings `database` up to date and gives each role in `passwords` its password and rights. Names
/// in `passwords` without migrations get a role that reads `shared` only.
pub async fn run(
    project: &Project,
    database: &Database,
    passwords: &BTreeMap<String, String>,
    progress: &Progress,
) -> Result<Report> {
    let mut step = progress.step("migrating the database");
    let modules = files::read(project)?;
    // On a connection of its own: released by the server however this run ends.
    let lock = database.connect().await?;
    take_lock(&lock, &mut step).await?;
    let client = database.connect().await?;
    client
        .batch_execute("SET lock_timeout = '30s'; SET client_min_messages = warning")
        .await?;
    let record = Record::open(&client).await?;
    let mut run = Run {
        client,
        record,
        report: Report::default(),
    };
    let touched = grants::roles(&run.client, database, passwords).await?;
    for module in &modules {
        step.note(&module.name);
        run.module(module).await?;
    }
    run.grants("shared", grants::HARDEN, false).await?;
    let shared_changed = run.changed("shared");
    for name in passwords.keys() {
        let own = modules.iter().any(|module| module.name == *name);
        let again = shared_changed || touched.contains(name) || run.changed(name);
        run.grants(name, &grants::statements(&database.name, name, own), again)
            .await?;
    }
    if keys::ensure(&run.client).await? {
        run.report.applied.push("account/signing key".into());
    }
    drop(lock);
    let count = run.report.applied.len();
    step.done(if count == 0 {
        "up to date".to_owned()
    } else {
        format!("{count} applied")
    });
    Ok(run.report)
}

/// Waits for other runs. By asking again and again: a statement that waits for the lock would hold
/// a snapshot, and the run that has the lock could never finish an index built concurrently.
async fn take_lock(client: &Client, step: &mut Step) -> Result<()> {
    loop {
        let row = client
            .query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK])
            .await;
        if row.context("taking the lock for migrations")?.get(0) {
            return Ok(());
        }
        step.note("waiting for another host to finish");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

struct Run {
    client: Client,
    record: Record,
    report: Report,
}

impl Run {
    async fn module(&mut self, module: &Module) -> Result<()> {
        let name = &module.name;
        let path = if name == "shared" {
            "shared".to_owned()
        } else {
            format!("\"{name}\", shared")
        };
        let schema = format!("CREATE SCHEMA IF NOT EXISTS \"{name}\"; SET search_path TO {path}");
        self.client
            .batch_execute(&schema)
            .await
            .with_context(|| format!("creating the schema {name}"))?;
        self.numbered(name, &module.each).await?;
        self.functions(name, &module.each_functions).await?;
        self.numbered(name, &module.migrations).await?;
        self.functions(name, &module.functions).await
    }

    /// Applies each file that has not been applied, once and for all.
    async fn numbered(&mut self, module: &str, files: &[File]) -> Result<()> {
        for file in files {
            match self.record.checksum(module, &file.name) {
                Some(checksum) if checksum == file.checksum => continue,
                Some(_) => {
                    return Err(anyhow!(
                        "migrations of {module}: {} was changed after it had been applied to this database. \
                         Applied migrations never change: restore the file (git log shows its old text) and put the change \
                         into a new migration. On a database that may be lost, start anew instead (a private one goes with its data directory)",
                        file.name
                    ));
                }
                None => self.once(module, file).await?,
            }
            self.report.applied.push(format!("{module}/{}", file.name));
        }
        Ok(())
    }

    async fn once(&mut self, module: &str, file: &File) -> Result<()> {
        let failed = |error| explain(module, file, &error);
        if file.without_transaction() {
            // Such a statement waits for other transactions by design.
            self.client.batch_execute("SET lock_timeout = 0").await?;
            self.client.batch_execute(&file.sql).await.map_err(failed)?;
            self.client
                .batch_execute("SET lock_timeout = '30s'")
                .await?;
            return self
                .record
                .add(&self.client, module, &file.name, &file.checksum)
                .await;
        }
        let transaction = self.client.transaction().await?;
        transaction.batch_execute(&file.sql).await.map_err(failed)?;
        self.record
            .add(&transaction, module, &file.name, &file.checksum)
            .await?;
        transaction.commit().await.map_err(failed)
    }

    /// Applies again what has changed, all of it or nothing.
    async fn functions(&mut self, module: &str, files: &[File]) -> Result<()> {
        let changed: Vec<&File> = files
            .iter()
            .filter(|file| self.record.checksum(module, &file.name) != Some(file.checksum.as_str()))
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        let transaction = self.client.transaction().await?;
        // Twice: functions may call each other whatever their files are named, so the first time
        // their bodies are taken as they are, and the second time they are checked.
        for check in ["off", "on"] {
            transaction
                .batch_execute(&format!("SET LOCAL check_function_bodies = {check}"))
                .await?;
            for file in &changed {
                transaction
                    .batch_execute(&file.sql)
                    .await
                    .map_err(|error| explain(module, file, &error))?;
            }
        }
        for file in &changed {
            self.record
                .add(&transaction, module, &file.name, &file.checksum)
                .await?;
            self.report.applied.push(format!("{module}/{}", file.name));
        }
        transaction.commit().await.context("committing functions")
    }

    /// Applies grants when they have changed, or `again` when there is something new to grant.
    async fn grants(&mut self, module: &str, sql: &str, again: bool) -> Result<()> {
        let file = File::new("grants".into(), sql.to_owned());
        if !again && self.record.checksum(module, &file.name) == Some(file.checksum.as_str()) {
            return Ok(());
        }
        let transaction = self.client.transaction().await?;
        transaction
            .batch_execute(sql)
            .await
            .map_err(|error| explain(module, &file, &error))?;
        self.record
            .add(&transaction, module, &file.name, &file.checksum)
            .await?;
        transaction.commit().await.context("committing grants")
    }

    fn changed(&self, module: &str) -> bool {
        let prefix = format!("{module}/");
        self.report
            .applied
            .iter()
            .any(|applied| applied.starts_with(&prefix))
    }
}

/// What Postgres has against a file, and in which line.
fn explain(module: &str, file: &File, error: &tokio_postgres::Error) -> anyhow::Error {
    let Some(refusal) = error.as_db_error() else {
        return anyhow!("{module}/{}: {error}", file.name);
    };
    let line = match refusal.position() {
        Some(tokio_postgres::error::ErrorPosition::Original(position)) => {
            format!(" line {}", line_of(&file.sql, *position))
        }
        _ => String::new(),
    };
    let mut text = format!(
        "{module}/{}{line}: {} ({})",
        file.name,
        refusal.message(),
        refusal.code().code()
    );
    for more in [refusal.detail(), refusal.hint(), refusal.where_()]
        .into_iter()
        .flatten()
    {
        text.push_str("\n  ");
        text.push_str(more);
    }
    anyhow!(text)
}

/// Postgres counts characters from one.
fn line_of(sql: &str, position: u32) -> usize {
    let before = usize::try_from(position)
        .unwrap_or(usize::MAX)
        .saturating_sub(1);
    1 + sql.chars().take(before).filter(|c| *c == '\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_become_lines() {
        assert_eq!(line_of("a\nb\nc", 1), 1);
        assert_eq!(line_of("a\nb\nc", 3), 2);
        assert_eq!(line_of("ä\nb\nc", 5), 3);
    }
}
