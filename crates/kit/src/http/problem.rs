//! Problem documents (RFC 9457).

use std::cell::Cell;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::Error;
use crate::error::FieldError;

/// A kind of problem: its stable code and what a client is told.
#[derive(Debug, Clone, Copy)]
pub struct ProblemType {
    /// Stable code; the problem's `type` URI ends with it.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Short text, the same for every occurrence.
    pub title: &'static str,
    /// What it means and what to do.
    pub detail: &'static str,
}

/// Problems that any route may answer.
pub const PLATFORM_PROBLEMS: &[ProblemType] = &[
    ProblemType {
        code: "malformed_request",
        status: 400,
        title: "Malformed request",
        detail: "The request could not be read; see errors.",
    },
    ProblemType {
        code: "unauthenticated",
        status: 401,
        title: "Sign in first",
        detail: "Send a valid access token as `Authorization: Bearer …`. Tokens live 15 minutes; refresh them at POST /v1/sessions/refresh.",
    },
    ProblemType {
        code: "unknown_peer",
        status: 401,
        title: "For peers alone",
        detail: "Only modules deployed apart from this one call it here, each request with a service token of its own. Does the caller's `service_key` belong to what `service_callers` says here, and do both clocks agree?",
    },
    ProblemType {
        code: "forbidden",
        status: 403,
        title: "Role required",
        detail: "Your account does not have the role that this needs.",
    },
    ProblemType {
        code: "insufficient_scope",
        status: 403,
        title: "Out of scope",
        detail: "The API key that this token was exchanged for is not good for this: `read` opens GET and HEAD, `write` the others.",
    },
    ProblemType {
        code: "person_required",
        status: 403,
        title: "Sign in yourself",
        detail: "An API key cannot do this: it is for a person who is signed in.",
    },
    ProblemType {
        code: "address_unverified",
        status: 403,
        title: "Verify an address first",
        detail: "No e-mail address or phone number of your account is verified. Verify one at POST /v1/me/verifications, then refresh your token at POST /v1/sessions/refresh.",
    },
    ProblemType {
        code: "not_found",
        status: 404,
        title: "Not found",
        detail: "There is nothing here, or it is not yours to see.",
    },
    ProblemType {
        code: "method_not_allowed",
        status: 405,
        title: "Method not allowed",
        detail: "This resource does not know that method; see the Allow header.",
    },
    ProblemType {
        code: "request_timeout",
        status: 408,
        title: "Body too slow",
        detail: "The body did not arrive within 10 seconds. Send it again, with the same Idempotency-Key.",
    },
    ProblemType {
        code: "idempotency_in_progress",
        status: 409,
        title: "Still running",
        detail: "The first request with this Idempotency-Key has not finished. Repeat it in a moment.",
    },
    ProblemType {
        code: "wrong_state",
        status: 409,
        title: "Not in this state",
        detail: "The state that it is in does not allow this; the member whose name ends with _status says which.",
    },
    ProblemType {
        code: "stale_version",
        status: 412,
        title: "Changed meanwhile",
        detail: "If-Match does not name the current version. Read it again, and decide again.",
    },
    ProblemType {
        code: "body_too_large",
        status: 413,
        title: "Body too large",
        detail: "A request body may hold at most 1 MiB.",
    },
    ProblemType {
        code: "unsupported_media_type",
        status: 415,
        title: "Send JSON",
        detail: "Send the body as `Content-Type: application/json`.",
    },
    ProblemType {
        code: "validation_failed",
        status: 422,
        title: "Validation failed",
        detail: "The request was understood, but some of it is not acceptable; see errors.",
    },
    ProblemType {
        code: "idempotency_key_reused",
        status: 422,
        title: "Key used before",
        detail: "This Idempotency-Key was sent with another request. Use a new key for a new request.",
    },
    ProblemType {
        code: "idempotency_key_required",
        status: 400,
        title: "Idempotency-Key required",
        detail: "Send an Idempotency-Key header of 1 to 255 characters, a new one for each intent, the same one for repetitions.",
    },
    ProblemType {
        code: "precondition_required",
        status: 428,
        title: "If-Match required",
        detail: "Send If-Match with the ETag of the version you are changing.",
    },
    ProblemType {
        code: "rate_limited",
        status: 429,
        title: "Too many requests",
        detail: "Wait as long as Retry-After says. RateLimit-Policy says how many are allowed, RateLimit how many are left.",
    },
    ProblemType {
        code: "internal",
        status: 500,
        title: "Internal error",
        detail: "It is our fault; the request id helps us find it.",
    },
    ProblemType {
        code: "unavailable",
        status: 503,
        title: "Busy",
        detail: "Something this needs is away or busy. Repeat the request after Retry-After seconds, a POST with the same Idempotency-Key.",
    },
];

thread_local! {
    static MODULE_PROBLEMS: Cell<&'static [ProblemType]> = const { Cell::new(&[]) };
}

/// Sets the table of the module that this component is; done once per instance.
pub(super) fn set_module_problems(table: &'static [ProblemType]) {
    MODULE_PROBLEMS.set(table);
}

fn find(code: &str) -> ProblemType {
    let internal = ProblemType {
        code: "internal",
        status: 500,
        title: "Internal error",
        detail: "",
    };
    MODULE_PROBLEMS
        .get()
        .iter()
        .chain(PLATFORM_PROBLEMS)
        .find(|p| p.code == code)
        .copied()
        .unwrap_or(internal)
}

/// A problem document as it goes out; the request id is added by the outer layer.
#[derive(Debug, Clone, utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "describes the document; it is written by hand below"
)]
pub struct Problem {
    /// Stable URI of the kind of problem.
    #[schema(example = "/docs#problem-not_found")]
    r#type: String,
    /// Short text, the same for every occurrence.
    title: String,
    /// HTTP status.
    status: u16,
    /// What happened and what to do.
    detail: String,
    /// Stable code to program against.
    #[schema(example = "not_found")]
    code: String,
    /// For support: find the request by it.
    request_id: Option<String>,
    /// What is wrong with which part of the request.
    errors: Option<Vec<ProblemField>>,
}

/// One wrong part of a request.
#[derive(Debug, Clone, utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the document")]
pub struct ProblemField {
    /// JSON pointer into the body; `?name` for a query parameter.
    pointer: String,
    /// Stable code.
    code: String,
    /// What to do about it.
    detail: String,
}

/// Left in a response for the outer layer, which knows the request id.
#[derive(Debug, Clone)]
pub(super) struct Pending(pub(super) Map<String, Value>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::Problem { code, facts } => {
                let retry = facts.get("retry_after").and_then(Value::as_u64);
                document(&code, facts, Vec::new(), retry)
            }
            Self::Invalid(errors) => document("validation_failed", Value::Null, errors, None),
            // Causes may hold what somebody sent: written so that they stay on one line.
            Self::Unavailable(cause) => {
                eprintln!("unavailable: {cause:?}");
                document("unavailable", Value::Null, Vec::new(), Some(1))
            }
            Self::Internal(cause) => {
                eprintln!("internal: {cause:?}");
                document("internal", Value::Null, Vec::new(), None)
            }
        }
    }
}

pub(super) fn document(
    code: &str,
    facts: Value,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
) -> Response {
    let kind = find(code);
    if kind.code != code {
        eprintln!("internal: no problem is known by the code {code:?}");
    }
    let mut body = Map::new();
    body.insert("type".into(), json!(format!("/docs#problem-{}", kind.code)));
    body.insert("title".into(), json!(kind.title));
    body.insert("status".into(), json!(kind.status));
    body.insert("detail".into(), json!(kind.detail));
    body.insert("code".into(), json!(kind.code));
    if kind.code == code
        && let Value::Object(facts) = facts
    {
        for (key, value) in facts {
            body.entry(key).or_insert(value);
        }
    }
    if !errors.is_empty() {
        body.insert("errors".into(), json!(errors));
    }
    let mut response = StatusCode::from_u16(kind.status)
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        .into_response();
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if kind.status == 401 {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response.extensions_mut().insert(Pending(body));
    response
}
