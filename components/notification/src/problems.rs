//! The module's own problems.

use stoa_kit::http::ProblemType;

/// By code; see `stoa_kit::http::problem`.
pub const PROBLEMS: &[ProblemType] = &[ProblemType {
    code: "message_expired",
    status: 409,
    title: "Nothing left to send",
    detail: "What was secret in this letter has expired and is forgotten. Whoever waits for it has to ask for another one.",
}];
