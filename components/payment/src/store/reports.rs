//! Reports on providers, and their statements against our books.

use chrono::NaiveDate;
use serde::Serialize;
use stoa_kit::pg::DbError;

use super::params::{jsonb, maybe_text, some, text};
use crate::DB;

/// Some days, from and to including.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// What came and went by provider, day and currency, as a JSON array.
pub async fn daily(days: Days, provider: Option<&str>) -> Result<String, DbError> {
    let row = DB
        .read_one(
            "SELECT payment.daily_report_v1($1::text::date, $2::text::date, $3)",
            vec![
                text(days.from.to_string()),
                text(days.to.to_string()),
                maybe_text(provider),
            ],
        )
        .await?;
    some(row)?.get(0)
}

/// Takes lines of a provider's statement; what came of it, as JSON.
pub async fn import<T: Serialize>(provider: &str, lines: &[T]) -> Result<String, DbError> {
    let row = DB
        .write_one(
            "SELECT payment.import_report_v1($1, $2)",
            vec![text(provider), jsonb(&lines)?],
        )
        .await?;
    some(row)?.get(0)
}

/// Holds a provider's statement against our books; the findings as JSON.
pub async fn reconcile(provider: &str, days: Days) -> Result<String, DbError> {
    let row = DB
        .read_one(
            "SELECT payment.reconcile_report_v1($1, $2::text::date, $3::text::date)",
            vec![
                text(provider),
                text(days.from.to_string()),
                text(days.to.to_string()),
            ],
        )
        .await?;
    some(row)?.get(0)
}
