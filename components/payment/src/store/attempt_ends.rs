//! How the workflow of an attempt closes its leg: each with the workflow's note, in one statement.

use serde::{Deserialize, Serialize};
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::legs::Report;
use super::params::{done, maybe_text, text, uuid};

/// How a leg ends that was not paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Close {
    Failed,
    Cancelled,
    /// As failed. Something else was paid than was asked for, and the provider gave it back.
    GivenBack,
}

/// The provider says that it is paid: see [`legs::report`](super::legs::report).
pub async fn report(report: &Report, note: ParameterValue) -> Result<(), DbError> {
    done(
        "SELECT payment.attempt_paid_v1($1, $2, $3, $4, $5, $6, $7)",
        vec![
            note,
            text(report.provider.as_str()),
            text(report.event_id.as_str()),
            uuid(report.leg),
            maybe_text(report.provider_ref.clone()),
            ParameterValue::Int64(report.amount),
            text(report.currency.as_str()),
        ],
    )
    .await
}

/// It is not, and will not be.
pub async fn close(
    leg: Uuid,
    how: Close,
    reason: &str,
    note: ParameterValue,
) -> Result<(), DbError> {
    let state = match how {
        Close::Failed | Close::GivenBack => "failed",
        Close::Cancelled => "cancelled",
    };
    done(
        "SELECT payment.attempt_closed_v1($1, $2, $3, $4, $5)",
        vec![
            note,
            uuid(leg),
            text(state),
            text(reason),
            ParameterValue::Boolean(how == Close::GivenBack),
        ],
    )
    .await
}
