//! Demo data: accounts, categories, and as many products as asked for, with their stock.
//!
//! Deterministic: the same ids, names and prices on every machine. Everything goes in within one
//! transaction, so that an interrupted run leaves nothing and can simply be repeated. How many
//! products are in is remembered in `shared.setting`.

mod batch;
mod contacts;
mod dice;
mod identities;
mod ids;
mod load;
mod names;
mod people;
mod price;
mod products;
mod shops;
mod slug;
mod words;

use std::ops::{AddAssign, Range};
use std::sync::Arc;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_postgres::types::Json;

use crate::progress::{Progress, Step};

use batch::Batch;
use words::Words;

/// How many products there are unless said otherwise.
pub const PRODUCTS: u64 = 1_000;

/// How many products go in at once.
const BATCH: u64 = 2_500;

/// `seed` in ASCII: the advisory lock that one run at a time holds on a database.
const LOCK: i64 = 0x7365_6564;

/// What to put in.
#[derive(Clone, Debug)]
pub struct SeedOptions {
    /// How many products there shall be at least.
    pub products: u64,
    /// Also put in what was there before and has been deleted since.
    pub again: bool,
}

impl Default for SeedOptions {
    fn default() -> SeedOptions {
        SeedOptions {
            products: PRODUCTS,
            again: false,
        }
    }
}

/// What is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedReport {
    /// Identifiers of the demo accounts.
    pub logins: Vec<String>,
    /// The password of all of them.
    pub password: String,
    /// How many products are in.
    #[serde(default)]
    pub products: u64,
    /// What this run added.
    #[serde(default)]
    pub added: Added,
}

/// Rows that were missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    pub products: u64,
    pub variants: u64,
    /// Variants by warehouse.
    pub stock_rows: u64,
}

impl AddAssign for Added {
    fn add_assign(&mut self, more: Added) {
        self.products += more.products;
        self.variants += more.variants;
        self.stock_rows += more.stock_rows;
    }
}

/// Puts in what is missing of the demo data, and says what is in.
pub async fn run(db: &Client, opts: &SeedOptions, progress: &Progress) -> Result<SeedReport> {
    // Most starts find everything there, and have nothing to wait for.
    if let Some(report) = complete(db, opts).await? {
        return Ok(report);
    }
    let mut step = progress.step("demo data");
    db.batch_execute("BEGIN").await?;
    let outcome = fill(db, opts, &mut step).await;
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
            "{} accounts; added {} products, {} variants, {} stock rows",
            people::COUNT,
            report.added.products,
            report.added.variants,
            report.added.stock_rows
        )),
        Err(_) => step.failed(""),
    }
    outcome
}

async fn fill(db: &Client, opts: &SeedOptions, step: &mut Step) -> Result<SeedReport> {
    db.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await
        .context("waiting for another run")?;
    // Another host may have done it meanwhile.
    if let Some(report) = complete(db, opts).await? {
        return Ok(report);
    }
    let before = done(db).await?.map_or(0, |report| report.products);
    let first = if opts.again { 0 } else { before };
    let products = opts.products.max(before);
    people::insert(db)
        .await
        .context("inserting the demo accounts")?;
    contacts::insert(db).await?;
    identities::insert(db).await?;
    let added = goods(db, first..products, step).await?;
    let mut report = SeedReport {
        logins: people::logins(),
        password: people::PASSWORD.to_owned(),
        products,
        added: Added::default(),
    };
    mark(db, &report).await?;
    report.added = added;
    Ok(report)
}

/// Puts the products with these numbers in.
async fn goods(db: &Client, numbers: Range<u64>, step: &mut Step) -> Result<Added> {
    let words = Arc::new(Words::read()?);
    let shops = Arc::new(shops::all());
    let categories = Arc::new(load::categories(db, &words.categories).await?);
    load::warehouses(db, &shops).await?;
    load::prepare(db).await?;

    let total = numbers.end.saturating_sub(numbers.start);
    // The next batch is made while the server works on this one.
    let make = |from: u64| -> Option<JoinHandle<Result<Batch>>> {
        let batch = from..numbers.end.min(from + BATCH);
        let (words, shops, categories) = (words.clone(), shops.clone(), categories.clone());
        (!batch.is_empty()).then(|| {
            tokio::task::spawn_blocking(move || {
                Ok(Batch::new(batch, &words.shelves()?, &shops, &categories))
            })
        })
    };
    let mut added = Added::default();
    let (mut from, mut next) = (numbers.start, make(numbers.start));
    while let Some(making) = next {
        step.count(from - numbers.start, total);
        let batch = making.await.context("making products")??;
        from += BATCH;
        next = make(from);
        added += load::batch(db, batch).await?;
    }
    step.note("making them searchable");
    load::finish(db, added).await?;
    Ok(added)
}

/// The report, when there is nothing to do.
async fn complete(db: &Client, opts: &SeedOptions) -> Result<Option<SeedReport>> {
    let enough = |report: &SeedReport| !opts.again && report.products >= opts.products;
    Ok(done(db).await?.filter(enough))
}

/// What is in.
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
