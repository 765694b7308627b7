//! The module's own problems.

use stoa_kit::http::ProblemType;

/// By code; see `stoa_kit::http::problem`.
pub const PROBLEMS: &[ProblemType] = &[
    ProblemType {
        code: "not_ready",
        status: 503,
        title: "Not ready",
        detail: "Something that Stoa needs is away or behind; `checks` names it.",
    },
    ProblemType {
        code: "redis_away",
        status: 503,
        title: "Redis is away",
        detail: "The worker cannot be woken until Redis is back. The shop goes on; events are delivered later.",
    },
];
