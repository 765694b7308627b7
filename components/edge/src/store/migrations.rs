//! What has been applied to the database.

use std::time::Duration;

use serde_json::Value;
use stoa_kit::pg::{DbError, ParameterValue};
use stoa_kit::{local, time};

use crate::DB;
use crate::domain::readiness::Database;

/// The migrations of this build, as `module/name` of `shared.migration`.
pub const EXPECTED: &[&str] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// A database that takes longer is not one to send customers to.
const DEADLINE: Duration = Duration::from_secs(2);

const MISSING: &str = "SELECT coalesce(jsonb_agg(wanted ORDER BY wanted), '[]')
     FROM unnest($1::text[]) AS wanted
     WHERE NOT EXISTS (
         SELECT FROM shared.migration m WHERE m.module || '/' || m.name = wanted)";

/// Asks the database which of this build's migrations it lacks. Migrations that this build does not
/// know are no fault: while a new version is rolled out, the old one serves on.
pub async fn state() -> Database {
    let expected = EXPECTED
        .iter()
        .map(|name| Some((*name).to_owned()))
        .collect();
    let asked = DB.read_one(MISSING, vec![ParameterValue::ArrayStr(expected)]);
    match local(time::within(DEADLINE, asked)).await {
        Some(Ok(Some(row))) => match row.get::<Value>(0) {
            Ok(missing) => Database::Missing(names(&missing)),
            Err(error) => away(&error.to_string()),
        },
        Some(Ok(None)) => away("no row"),
        // No such table, or none that this role may read.
        Some(Err(DbError::Other { sqlstate, .. }))
            if matches!(sqlstate.as_str(), "42P01" | "3F000" | "42501") =>
        {
            Database::NotMigrated
        }
        Some(Err(error)) => away(&error.to_string()),
        None => away("no answer in time"),
    }
}

fn names(missing: &Value) -> Vec<String> {
    let names = missing.as_array().into_iter().flatten();
    names
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

fn away(cause: &str) -> Database {
    eprintln!("edge: readiness: database: {cause:?}");
    Database::Away
}

#[cfg(test)]
mod tests {
    use super::EXPECTED;

    #[test]
    fn the_build_knows_the_migrations_of_every_module() {
        for name in [
            "shared/0001_base.sql",
            "shared/functions/now.sql",
            "order/each/0001_events.sql",
        ] {
            assert!(EXPECTED.contains(&name), "{name} in {EXPECTED:?}");
        }
        assert!(
            !EXPECTED
                .iter()
                .any(|name| name.starts_with("each/") || name.starts_with("shared/each/"))
        );
    }
}
