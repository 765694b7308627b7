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
        detail: "The password is right, but the account is suspended: see `reason` and `until`. Without `until` it is for good.",
    },
    ProblemType {
        code: "too_many_logins",
        status: 429,
        title: "Too many failed logins",
        detail: "Signing in with this identifier or from this address is locked. Wait as long as Retry-After says.",
    },
    ProblemType {
        code: "wrong_password",
        status: 403,
        title: "Wrong password",
        detail: "This needs your password, and it is another one.",
    },
    ProblemType {
        code: "second_factor_required",
        status: 401,
        title: "Second factor required",
        detail: "The password is right. Send it again with `code`: six digits of your authenticator, or a recovery code.",
    },
    ProblemType {
        code: "second_factor_wrong",
        status: 401,
        title: "Wrong code",
        detail: "The password is right, but the code is another one, or was used before. An authenticator shows the next one within 30 seconds.",
    },
    ProblemType {
        code: "wrong_code",
        status: 403,
        title: "Wrong code",
        detail: "This needs a code of your second factor, and it is another one, or was used before.",
    },
    ProblemType {
        code: "second_factor_on",
        status: 409,
        title: "Second factor on",
        detail: "Your account has a second factor already. Take it away at DELETE /v1/me/totp first.",
    },
    ProblemType {
        code: "second_factor_off",
        status: 409,
        title: "No second factor",
        detail: "The account has no second factor, or none that is to be confirmed. One is set up at POST /v1/me/totp.",
    },
    ProblemType {
        code: "nothing_to_verify",
        status: 409,
        title: "Nothing to verify",
        detail: "Your account has no address of this kind, or it is verified already.",
    },
    ProblemType {
        code: "secret_expired",
        status: 410,
        title: "No longer good",
        detail: "This link or code is unknown, used or expired. Ask for a new one.",
    },
    ProblemType {
        code: "too_many_messages",
        status: 429,
        title: "Too many messages",
        detail: "At most one message a minute and five an hour are sent. Wait as long as Retry-After says.",
    },
    ProblemType {
        code: "own_account",
        status: 422,
        title: "Your own account",
        detail: "An account cannot follow itself, nor change its own roles, nor suspend itself, nor take its own second factor away as an administrator does.",
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
    ProblemType {
        code: "sign_in_again",
        status: 403,
        title: "Sign in again",
        detail: "This needs to know that it is you. Your account has no password: sign in again, and do it within 10 minutes.",
    },
    ProblemType {
        code: "oidc_over",
        status: 410,
        title: "No longer good",
        detail: "This sign-in is unknown, used or over, or was begun elsewhere. Begin anew at POST /v1/oidc/{provider}/begin.",
    },
    ProblemType {
        code: "oidc_refused",
        status: 401,
        title: "Not confirmed",
        detail: "The issuer has not confirmed who you are: see `reason`. Begin anew.",
    },
    ProblemType {
        code: "oidc_unavailable",
        status: 503,
        title: "Issuer away",
        detail: "The issuer does not answer, or not as it should. Begin anew in a moment.",
    },
    ProblemType {
        code: "identity_not_linked",
        status: 409,
        title: "Sign in to link",
        detail: "An account has this e-mail address already. Sign in to it, and link the issuer there.",
    },
    ProblemType {
        code: "identity_taken",
        status: 409,
        title: "Linked elsewhere",
        detail: "Another account is linked to whom you are at this issuer.",
    },
    ProblemType {
        code: "too_many_identities",
        status: 409,
        title: "Too many issuers",
        detail: "An account is linked to at most 10. Unlink one first.",
    },
    ProblemType {
        code: "last_way_in",
        status: 409,
        title: "The last way in",
        detail: "Without it nobody could sign in to this account. Set a password, or link another issuer first.",
    },
    ProblemType {
        code: "missing_identifier",
        status: 409,
        title: "No name to sign in with",
        detail: "Your account has no e-mail address, phone number or username yet: nobody could give a password with one. Set one first.",
    },
    ProblemType {
        code: "invalid_api_key",
        status: 401,
        title: "Not exchanged",
        detail: "This API key is unknown, expired or revoked. Send one as `Authorization: Bearer stoa_…`.",
    },
    ProblemType {
        code: "too_many_api_keys",
        status: 409,
        title: "Too many keys",
        detail: "An account has at most 20 API keys. Revoke one first.",
    },
    ProblemType {
        code: "too_many_favorites",
        status: 409,
        title: "Too many favorites",
        detail: "An account has at most 1000. Take one out first.",
    },
    ProblemType {
        code: "staff_stays",
        status: 409,
        title: "You are of the staff",
        detail: "An administrator has to take your roles away before your account can be erased.",
    },
];
