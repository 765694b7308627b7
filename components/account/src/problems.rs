//! The module's own problems.

use stoa_kit::http::ProblemType;

/// By code; see `stoa_kit::http::problem`.
pub const PROBLEMS: &[ProblemType] = &[
    ProblemType {
        code: "username_taken",
        status: 409,
        title: "Username taken",
        detail: "Another account has this username. Choose another one.",
    },
    ProblemType {
        code: "invalid_credentials",
        status: 401,
        title: "Not signed in",
        detail: "No account has this identifier and this password.",
    },
    ProblemType {
        code: "invalid_refresh_token",
        status: 401,
        title: "Not refreshed",
        detail: "This refresh token is unknown, expired or spent, or its session has ended. Sign in again at POST /v1/sessions.",
    },
    ProblemType {
        code: "account_suspended",
        status: 403,
        title: "Account suspended",
        detail: "The password is right, but the account is suspended.",
    },
    ProblemType {
        code: "too_many_logins",
        status: 429,
        title: "Too many failed logins",
        detail: "Signing in with this identifier or from this address is locked. Wait as long as Retry-After says.",
    },
    ProblemType {
        code: "own_account",
        status: 422,
        title: "Your own account",
        detail: "An account cannot follow itself.",
    },
    ProblemType {
        code: "too_many_contacts",
        status: 409,
        title: "Address book full",
        detail: "An account has at most 20 contacts. Delete one first.",
    },
    ProblemType {
        code: "default_contact",
        status: 409,
        title: "A default stays",
        detail: "A default cannot be given up, only given to another contact: change that one.",
    },
];
