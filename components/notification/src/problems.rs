//! The module's own problems: none, the platform's say it all.

use stoa_kit::http::ProblemType;

/// By code; see `stoa_kit::http::problem`.
pub const PROBLEMS: &[ProblemType] = &[];
