//! How a step can fail, and what a flow carries up.

use serde_json::{Value, json};
use stoa_kit::Error;
use stoa_kit::pg::DbError;

/// Why a step did not work.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// It may work later: something was away or busy, or nobody knows what happened.
    Retry(String),
    /// It never will: the workflow undoes what it did and fails with this, which is noted. A problem
    /// is `{"code", "facts"}`.
    Refused(Value),
    /// A person has to look: a contract was broken, or the code is wrong.
    Stuck(String),
}

impl Failure {
    /// A refusal by its code.
    #[must_use]
    pub fn refused(code: &str, facts: &Value) -> Self {
        Self::Refused(json!({"code": code, "facts": facts}))
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Lost(text) | DbError::Busy(text) => Self::Retry(text),
            DbError::Refused { code, facts } => Self::refused(&code, &facts),
            other => Self::Stuck(other.to_string()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Problem { code, facts } => Self::refused(&code, &facts),
            Error::Invalid(fields) => Self::Refused(json!({"invalid": fields})),
            Error::Unavailable(text) => Self::Retry(text),
            Error::Internal(text) => Self::Stuck(text),
        }
    }
}

/// The refusal of a workflow as the error of a request.
#[must_use]
pub fn refusal_error(refusal: &Value) -> Error {
    #[derive(serde::Deserialize)]
    struct Field {
        pointer: String,
        code: String,
        detail: String,
    }
    if let Some(invalid) = refusal.get("invalid") {
        let fields: Vec<Field> = serde_json::from_value(invalid.clone()).unwrap_or_default();
        return Error::Invalid(
            fields
                .into_iter()
                .map(|field| stoa_kit::error::FieldError {
                    pointer: field.pointer,
                    code: field.code,
                    detail: field.detail,
                })
                .collect(),
        );
    }
    match refusal.get("code").and_then(Value::as_str) {
        Some(code) => Error::problem_with(code, refusal.get("facts").cloned().unwrap_or_default()),
        None => Error::internal(format!("a workflow failed with {refusal}")),
    }
}

/// Why a flow does not go on, carried up by `?`. Flows get it from their [`Context`](crate::Context)
/// and never make one themselves.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// It waits, or is to be tried again: it is written down, and somebody runs it again.
    Suspended,
    /// Somebody else runs it by now, or has ended it: nothing more may be done here.
    Superseded,
    /// It is over by a refusal: what was done is undone.
    Refused(Value),
    /// It was stuck: written down, for a person.
    Stuck,
    /// The store could not be reached, or did not take what it was told.
    Engine(String),
}
