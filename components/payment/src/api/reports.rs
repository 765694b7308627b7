//! Reports on providers, and their statements against our books.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use garde::Validate;
use serde::{Deserialize, Serialize};
use stoa_kit::http::{Answer, Caller, Json, Path, Problem, Query, Role};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::fields::{self, ProviderName};
use crate::store::reports::{self, Days};

/// Most days of one report.
const MOST_DAYS: i64 = 92;

/// Of which days.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DayRange {
    /// The first day, UTC, such as 2026-08-01.
    #[garde(custom(near))]
    from: NaiveDate,
    /// The last day; at most 92 days in all.
    #[garde(custom(near))]
    to: NaiveDate,
}

/// Of which days and whom.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DailyReportQuery {
    /// The first day, UTC, such as 2026-08-01.
    #[garde(custom(near))]
    from: NaiveDate,
    /// The last day; at most 92 days in all.
    #[garde(custom(near))]
    to: NaiveDate,
    /// Only this provider.
    #[garde(skip)]
    #[param(inline)]
    provider: Option<ProviderName>,
}

fn near(day: &NaiveDate, (): &()) -> garde::Result {
    if (2000..=9998).contains(&day.year()) {
        Ok(())
    } else {
        Err(garde::Error::new("a day of the years from 2000 to 9998"))
    }
}

fn days(from: NaiveDate, to: NaiveDate) -> Result<Days> {
    let count = to.signed_duration_since(from).num_days();
    if (0..MOST_DAYS).contains(&count) {
        Ok(Days { from, to })
    } else {
        Err(Error::invalid(
            "?to",
            "out_of_range",
            format!("1 to {MOST_DAYS} days, the last not before the first"),
        ))
    }
}

/// A provider's day, in one currency.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct DailyFigures {
    day: NaiveDate,
    #[schema(inline)]
    provider: ProviderName,
    currency: String,
    /// Attempts that began.
    attempts: u64,
    /// Of these, how many were paid.
    succeeded: u64,
    /// And how many failed or were given up.
    failed: u64,
    /// Of those that ended, how many were paid: 0 to 1. Null where none ended.
    #[schema(example = 0.9731)]
    success_rate: Option<f64>,
    /// Payments that settled.
    payments: u64,
    /// Their sum, minor units.
    volume: i64,
    /// Refunds that the provider made.
    refunds: u64,
    /// Their sum, minor units.
    refunded: i64,
    /// What the provider took, by its statement; minor units.
    fees: i64,
}

/// The days of a report.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct DailyReport {
    /// By day, provider and currency; days without anything are left out.
    items: Vec<DailyFigures>,
    /// Always null: there is one page.
    next_cursor: Option<String>,
}

/// Volume, success, refunds and fees by provider and day. For moderators.
#[utoipa::path(
    get,
    path = "/v1/payment-reports/daily",
    tag = "payment",
    operation_id = "read_daily_report",
    params(DailyReportQuery),
    responses(
        (status = 200, description = "The report.", body = DailyReport),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn daily(caller: Caller, Query(query): Query<DailyReportQuery>) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    let days = days(query.from, query.to)?;
    let items = reports::daily(days, query.provider.map(ProviderName::as_str)).await?;
    Ok(Answer::list::<Uuid>(&items, None))
}

/// What a line of a statement is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum StatementKind {
    Payment,
    Refund,
    Fee,
    Chargeback,
}

/// A line of a provider's statement.
#[derive(Debug, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementLine {
    /// The provider's name for the payment or refund. Once for each kind.
    #[garde(length(chars, min = 1, max = 200), custom(fields::line))]
    #[schema(min_length = 1, max_length = 200, example = "pi_3MExample")]
    reference: String,
    #[garde(skip)]
    #[schema(inline)]
    kind: StatementKind,
    /// Minor units, as positive numbers.
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    amount: i64,
    #[garde(length(chars, max = 3), custom(fields::currency))]
    #[schema(min_length = 3, max_length = 3, example = "USD")]
    currency: String,
    /// The day by the statement.
    #[garde(custom(near))]
    #[schema(example = "2026-08-01")]
    occurred_on: NaiveDate,
}

/// Lines of a provider's statement.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    #[garde(length(min = 1, max = 500), dive)]
    #[schema(min_items = 1, max_items = 500)]
    lines: Vec<StatementLine>,
}

/// What an import came to.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct StatementImport {
    lines: u32,
    /// Not there before.
    new: u32,
    /// There with another amount, currency or day.
    changed: u32,
    /// There just so.
    known: u32,
}

/// Takes lines of a provider's statement; the same ones again change nothing. For moderators.
#[utoipa::path(
    put,
    path = "/v1/payment-reports/{provider}/lines",
    tag = "payment",
    operation_id = "import_provider_statement",
    request_body = Statement,
    params(("provider" = String, Path, description = "The provider, such as `stripe`.")),
    responses(
        (status = 200, description = "How many lines were new.", body = StatementImport),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such provider.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn import(
    caller: Caller,
    Path(provider): Path<ProviderName>,
    Json(body): Json<Statement>,
) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    let mut seen = BTreeSet::new();
    for (n, line) in body.lines.iter().enumerate() {
        if !seen.insert((line.kind, line.reference.as_str())) {
            return Err(Error::invalid(
                format!("/lines/{n}/reference"),
                "duplicate",
                "Each payment, refund, fee and chargeback once.",
            ));
        }
    }
    let done = reports::import(provider.as_str(), &body.lines).await?;
    Ok(Answer::json_text(done))
}

/// Where a provider's statement and our books do not agree.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Reconciliation {
    #[schema(inline)]
    provider: ProviderName,
    from: NaiveDate,
    to: NaiveDate,
    /// Payments and refunds that both sides know, with the same amount.
    matched: u64,
    /// The provider knows them, and we do not.
    missing_here: u64,
    /// We know them, and the statement does not.
    missing_there: u64,
    /// Both know them, with different amounts or currencies.
    amount_differs: u64,
    /// At most 100 of each kind, the oldest first.
    findings: Vec<ReconciliationFinding>,
}

/// One disagreement.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct ReconciliationFinding {
    /// `missing_here`, `missing_there` or `amount_differs`.
    #[schema(example = "missing_there")]
    what: String,
    /// `payment` or `refund`.
    #[schema(example = "payment")]
    kind: String,
    /// The provider's name for it.
    reference: Option<String>,
    day: NaiveDate,
    /// Our leg, or part of a refund.
    id: Option<Uuid>,
    amount: Option<i64>,
    currency: Option<String>,
    their_amount: Option<i64>,
    their_currency: Option<String>,
}

/// Holds a provider's statement against our payments and refunds there. For moderators.
///
/// A payment is found by the provider's name for it, whatever its day; the days say which payments,
/// refunds and lines are looked at.
#[utoipa::path(
    get,
    path = "/v1/payment-reports/{provider}/reconciliation",
    tag = "payment",
    operation_id = "reconcile_provider",
    params(("provider" = String, Path, description = "The provider, such as `stripe`."), DayRange),
    responses(
        (status = 200, description = "What agrees and what does not.", body = Reconciliation),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such provider.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn reconciliation(
    caller: Caller,
    Path(provider): Path<ProviderName>,
    Query(range): Query<DayRange>,
) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    let days = days(range.from, range.to)?;
    let found = reports::reconcile(provider.as_str(), days).await?;
    Ok(Answer::json_text(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> bool {
        days(from.parse().expect("a day"), to.parse().expect("a day")).is_ok()
    }

    #[test]
    fn a_report_is_of_one_to_ninety_two_days() {
        assert!(range("2026-08-01", "2026-08-01"));
        assert!(range("2026-08-01", "2026-10-31"));
        assert!(!range("2026-08-01", "2026-11-01"));
        assert!(!range("2026-08-02", "2026-08-01"));
        assert!(!range("2000-01-01", "9998-12-31"));
    }
}
