//! The one error type of handlers and flows.
//!
//! What a client may read and what went wrong inside are kept apart: a [`Error::Problem`] is
//! written for the client, an [`Error::Internal`] is logged and answered as a bare 500, and a
//! refusal that a SQL function raised carries a code that the module's table of problems
//! translates (see `http::problem`).

use serde_json::Value;

use crate::pg::DbError;
use crate::text::OneLine;

/// `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A problem by its code, with facts that become members of the problem document. The status,
    /// title and text stand in the module's table, or in the platform's.
    #[error("{}", OneLine(.code))]
    Problem {
        /// Stable code, such as `insufficient_stock`.
        code: String,
        /// A JSON object; its members are added to the document.
        facts: Value,
    },
    /// The request's content is at fault, field by field: 422 `validation_failed`.
    #[error("validation failed")]
    Invalid(Vec<FieldError>),
    /// Something is away or busy: 503 with `Retry-After`. The text is for the log.
    #[error("unavailable: {}", OneLine(.0))]
    Unavailable(String),
    /// A fault of ours: 500. The text is for the log and never leaves.
    #[error("internal: {}", OneLine(.0))]
    Internal(String),
}

/// One thing wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// JSON pointer into the body, such as `/lines/0/quantity`; `?name` for a query parameter.
    pub pointer: String,
    /// Stable code, such as `out_of_range`.
    pub code: String,
    /// What to do about it.
    pub detail: String,
}

impl Error {
    /// A problem without facts.
    pub fn problem(code: impl Into<String>) -> Self {
        Self::Problem {
            code: code.into(),
            facts: Value::Null,
        }
    }

    /// A problem with facts: a JSON object whose members join the problem document.
    pub fn problem_with(code: impl Into<String>, facts: Value) -> Self {
        Self::Problem {
            code: code.into(),
            facts,
        }
    }

    /// 404 `not_found`: it does not exist, or is not the caller's to see.
    #[must_use]
    pub fn not_found() -> Self {
        Self::problem("not_found")
    }

    /// One field is wrong.
    pub fn invalid(
        pointer: impl Into<String>,
        code: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![FieldError {
            pointer: pointer.into(),
            code: code.into(),
            detail: detail.into(),
        }])
    }

    /// A fault of ours, for the log.
    pub fn internal(cause: impl Into<String>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Refused { code, facts } => Self::Problem { code, facts },
            DbError::Text => Self::invalid(
                "",
                "invalid_text",
                "A text holds a character that cannot be stored, such as NUL.",
            ),
            DbError::Busy(text) | DbError::Lost(text) => Self::Unavailable(text),
            DbError::Constraint { .. } | DbError::Other { .. } | DbError::Shape(_) => {
                Self::Internal(error.to_string())
            }
        }
    }
}
