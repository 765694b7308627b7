//! The record of what has been applied to a database: `shared.migration`.

use std::collections::HashMap;

use anyhow::{Context, Result};
use tokio_postgres::{Client, GenericClient};

/// What was in the record when the run began, and what the run added.
pub struct Record {
    applied: HashMap<(String, String), String>,
}

impl Record {
    /// Reads the record; makes it in a database that has none.
    pub async fn open(client: &Client) -> Result<Record> {
        client
            .batch_execute(
                "CREATE SCHEMA IF NOT EXISTS shared;
                 CREATE TABLE IF NOT EXISTS shared.migration (
                     module text NOT NULL,
                     name text NOT NULL,
                     checksum text NOT NULL,
                     applied_at timestamp NOT NULL,
                     PRIMARY KEY (module, name)
                 )",
            )
            .await
            .context("making shared.migration (the user in DATABASE_URL must be allowed to create schemas)")?;
        let rows = client
            .query("SELECT module, name, checksum FROM shared.migration", &[])
            .await?;
        let applied = rows
            .into_iter()
            .map(|row| ((row.get(0), row.get(1)), row.get(2)))
            .collect();
        Ok(Record { applied })
    }

    /// The checksum with which a file was applied, if it was.
    pub fn checksum(&self, module: &str, name: &str) -> Option<&str> {
        self.applied
            .get(&(module.to_owned(), name.to_owned()))
            .map(String::as_str)
    }

    /// Records that a file has been applied, in the transaction that did.
    pub async fn add(
        &mut self,
        client: &impl GenericClient,
        module: &str,
        name: &str,
        checksum: &str,
    ) -> Result<()> {
        let statement = "INSERT INTO shared.migration (module, name, checksum, applied_at)
                         VALUES ($1, $2, $3, clock_timestamp() AT TIME ZONE 'utc')
                         ON CONFLICT (module, name)
                         DO UPDATE SET checksum = EXCLUDED.checksum, applied_at = EXCLUDED.applied_at";
        client
            .execute(statement, &[&module, &name, &checksum])
            .await
            .with_context(|| format!("recording {module}/{name}"))?;
        self.applied
            .insert((module.to_owned(), name.to_owned()), checksum.to_owned());
        Ok(())
    }
}
