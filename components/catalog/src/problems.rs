//! The problems that only this module answers.

use stoa_kit::http::ProblemType;

/// By their codes; the SQL functions refuse with the same ones.
pub const PROBLEMS: &[ProblemType] = &[
    ProblemType {
        code: "slug_taken",
        status: 409,
        title: "Slug taken",
        detail: "Another product of yours, or another category, has this slug. Send a slug of your own choice.",
    },
    ProblemType {
        code: "variant_exists",
        status: 409,
        title: "Variant exists",
        detail: "The product has a variant with the same attributes already.",
    },
    ProblemType {
        code: "too_many_variants",
        status: 409,
        title: "Too many variants",
        detail: "A product has at most 100 variants.",
    },
    ProblemType {
        code: "last_variant",
        status: 409,
        title: "Last variant",
        detail: "A product keeps at least one variant. Delete the product, or add another variant first.",
    },
];
