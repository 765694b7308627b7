//! The problems that only this module answers.

use stoa_kit::http::ProblemType;

/// By their codes; the SQL functions refuse with the same ones.
pub const PROBLEMS: &[ProblemType] = &[
    ProblemType {
        code: "code_taken",
        status: 409,
        title: "Code taken",
        detail: "Another promotion has this code. Codes are the same for the whole platform, and in upper case.",
    },
    ProblemType {
        code: "automatic_limit",
        status: 409,
        title: "Too many automatic promotions",
        detail: "Every basket is priced with all of your promotions that need no code; limit says how many you may have that are enabled and not over. Give this one a code, or disable or delete another.",
    },
    ProblemType {
        code: "limit_used",
        status: 409,
        title: "Used more than that",
        detail: "used_uses and used_amount have been used already, counting what checkouts under way hold: no limit can be set below.",
    },
];
