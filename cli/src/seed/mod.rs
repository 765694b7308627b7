//! Demo data. They go in once: what was put in is remembered in `shared.setting`.
//!
//! Deterministic: the same ids, names and prices on every machine. Rows go straight into the
//! tables, in one transaction, with the ledger and the copies that events would have made.

mod goods;
mod ids;
mod people;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tokio_postgres::Client;
use tokio_postgres::types::Json;

use crate::progress::Progress;

/// What to put in.
#[derive(Clone, Debug, Default)]
pub struct SeedOptions {
    /// Put the data in although they have been already.
    pub again: bool,
}

/// What was put in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedReport {
    /// Identifiers of the demo accounts.
    pub logins: Vec<String>,
    /// The password of all of them.
    pub password: String,
}

/// Puts the demo data in unless that has been done, and says what they are.
pub async fn run(db: &Client, opts: &SeedOptions, progress: &Progress) -> Result<SeedReport> {
    if let Some(report) = done(db).await?
        && !opts.again
    {
        return Ok(report);
    }
    let step = progress.step("demo data");
    db.batch_execute("BEGIN").await?;
    let outcome = fill(db).await;
    let end = if outcome.is_ok() {
        "COMMIT"
    } else {
        "ROLLBACK"
    };
    db.batch_execute(end)
        .await
        .context("ending the seed's transaction")?;
    match &outcome {
        Ok(report) => step.done(format!(
            "{} accounts, {} products",
            report.logins.len(),
            goods::count()
        )),
        Err(_) => step.failed(""),
    }
    outcome
}

async fn fill(db: &Client) -> Result<SeedReport> {
    people::insert(db)
        .await
        .context("inserting the demo accounts")?;
    goods::insert(db)
        .await
        .context("inserting the demo products")?;
    let report = SeedReport {
        logins: people::PEOPLE
            .iter()
            .map(|p| p.username.to_owned())
            .collect(),
        password: people::PASSWORD.to_owned(),
    };
    mark(db, &report).await?;
    Ok(report)
}

/// What went in the last time.
async fn done(db: &Client) -> Result<Option<SeedReport>> {
    let row = db
        .query_opt("SELECT value FROM shared.setting WHERE key = 'seeded'", &[])
        .await
        .context("reading whether the demo data are in")?;
    Ok(row
        .map(|row| row.try_get::<_, Json<SeedReport>>(0))
        .transpose()?
        .map(|Json(report)| report))
}

async fn mark(db: &Client, report: &SeedReport) -> Result<()> {
    let statement = "INSERT INTO shared.setting (key, value) VALUES ('seeded', $1)
                     ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value";
    db.execute(statement, &[&Json(report)])
        .await
        .context("remembering that the demo data are in")?;
    Ok(())
}
