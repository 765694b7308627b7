//! What Postgres says, mapped once for everybody.

use serde_json::Value;
use spin_sdk::pg::{Error as SdkError, PgError, QueryError};

use crate::text::OneLine;

/// The SQLSTATE with which `shared.refuse` ends a function.
const REFUSED: &str = "ST001";

/// Why a statement did not succeed. Printed it is one line, whatever Postgres quotes.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbError {
    /// A function refused by `shared.refuse(code, facts)`; nothing was changed.
    #[error("refused: {}", OneLine(.code))]
    Refused {
        /// Stable error code.
        code: String,
        /// Facts for the client, a JSON object.
        facts: Value,
    },
    /// A constraint guards a rule that the statement broke.
    #[error("constraint {} ({})", OneLine(.name), OneLine(.sqlstate))]
    Constraint {
        /// 23505, 23514, 23503 or another of class 23.
        sqlstate: String,
        /// The constraint's or unique index' name.
        name: String,
    },
    /// A text that Postgres cannot store (NUL).
    #[error("text that cannot be stored")]
    Text,
    /// Locks, deadlocks, time-outs, too many connections, shutdown: nothing happened, later it may.
    #[error("busy: {}", OneLine(.0))]
    Busy(String),
    /// The connection is gone or could not be had: whether a write happened is unknown.
    #[error("connection lost: {}", OneLine(.0))]
    Lost(String),
    /// Any other database error: a fault in a statement.
    #[error("{} {}", OneLine(.sqlstate), OneLine(.message))]
    Other {
        /// SQLSTATE, or empty.
        sqlstate: String,
        /// Postgres' text.
        message: String,
    },
    /// A row did not have the shape that the code expected.
    #[error("unexpected row: {}", OneLine(.0))]
    Shape(String),
}

impl DbError {
    /// Serialization failure or deadlock: the statement was rolled back and may simply be repeated.
    #[must_use]
    pub fn asks_for_repetition(&self) -> bool {
        matches!(self, Self::Busy(text) if text.starts_with("40001") || text.starts_with("40P01"))
    }

    /// The refusal's code, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The broken constraint's name, if it is that.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Constraint { name, .. } => Some(name),
            _ => None,
        }
    }
}

impl From<SdkError> for DbError {
    fn from(error: SdkError) -> Self {
        match error {
            SdkError::PgError(PgError::QueryFailed(QueryError::DbError(e))) => {
                let constraint = e
                    .extras
                    .iter()
                    .find(|(key, _)| key == "constraint")
                    .map(|(_, value)| value.as_str());
                classify(&e.code, &e.message, e.detail.as_deref(), constraint)
            }
            SdkError::PgError(
                PgError::BadParameter(text) | PgError::ValueConversionFailed(text),
            )
            | SdkError::Decode(text) => Self::Shape(text),
            // Neither has a SQLSTATE: the connection broke, or there was none to be had.
            SdkError::PgError(
                PgError::ConnectionFailed(text)
                | PgError::Other(text)
                | PgError::QueryFailed(QueryError::Text(text)),
            ) => Self::Lost(text),
        }
    }
}

fn classify(
    sqlstate: &str,
    message: &str,
    detail: Option<&str>,
    constraint: Option<&str>,
) -> DbError {
    match sqlstate {
        REFUSED => DbError::Refused {
            code: message.to_owned(),
            facts: detail
                .and_then(|d| serde_json::from_str(d).ok())
                .unwrap_or(Value::Null),
        },
        "22021" | "22P05" => DbError::Text,
        // Shutdown and broken connections leave the outcome open.
        "57P01" | "57P02" | "57P03" => DbError::Lost(format!("{sqlstate} {message}")),
        "40001" | "40P01" | "55P03" | "57014" => DbError::Busy(format!("{sqlstate} {message}")),
        s if s.starts_with("53") => DbError::Busy(format!("{sqlstate} {message}")),
        s if s.starts_with("08") => DbError::Lost(format!("{sqlstate} {message}")),
        s if s.starts_with("23") => DbError::Constraint {
            sqlstate: sqlstate.to_owned(),
            name: constraint.unwrap_or_default().to_owned(),
        },
        _ => DbError::Other {
            sqlstate: sqlstate.to_owned(),
            message: message.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_carries_its_code_and_facts() {
        let error = classify("ST001", "insufficient_stock", Some(r#"{"left":3}"#), None);
        assert_eq!(error.refusal(), Some("insufficient_stock"));
        let DbError::Refused { facts, .. } = error else {
            panic!("not a refusal")
        };
        assert_eq!(facts["left"], 3);
    }

    #[test]
    fn what_is_printed_stays_on_its_line() {
        let said = "no function f('x\r\ninternal: all is lost')";
        for error in [
            classify("ST001", said, None, None),
            classify("23505", "duplicate", None, Some(said)),
            classify("55P03", said, None, None),
            classify("57P01", said, None, None),
            classify("42883", said, None, None),
            DbError::Shape(said.into()),
        ] {
            let printed = error.to_string();
            assert!(!printed.contains(['\r', '\n']), "{printed}");
            assert!(printed.contains("\\r\\ninternal"), "{printed}");
        }
    }

    #[test]
    fn only_rolled_back_statements_ask_for_repetition() {
        assert!(classify("40P01", "deadlock detected", None, None).asks_for_repetition());
        assert!(!classify("55P03", "lock timeout", None, None).asks_for_repetition());
        assert!(!classify("57P01", "terminating", None, None).asks_for_repetition());
    }

    #[test]
    fn a_broken_constraint_is_named() {
        let error = classify("23505", "duplicate", None, Some("account_username"));
        assert_eq!(error.constraint(), Some("account_username"));
    }
}
