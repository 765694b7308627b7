//! The problems that only this module answers.

use stoa_kit::http::ProblemType;

/// By their codes; the SQL functions refuse with the same ones.
pub const PROBLEMS: &[ProblemType] = &[
    ProblemType {
        code: "stock_in_use",
        status: 409,
        title: "Stock in use",
        detail: "No warehouse can give up that many units: available is what is on hand and not reserved.",
    },
    ProblemType {
        code: "stock_limit",
        status: 409,
        title: "Too much stock",
        detail: "A warehouse holds at most 1,000,000,000 units of a variant, the one in variant_id.",
    },
];
