//! From the host's request to the router and back.

use std::cell::RefCell;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, Full};
use serde_json::json;
use tower::ServiceExt;

use super::problem::{Pending, ProblemType, document, set_module_problems};
use crate::{Error, ids};

/// Largest request body.
const BODY_LIMIT: usize = 1 << 20;
/// How much of a larger one is read and thrown away before it is refused.
const DRAIN_LIMIT: usize = 8 << 20;

/// What a component is, to the HTTP layer.
#[derive(Debug, Clone, Copy)]
pub struct Module {
    /// The module's name, such as `catalog`.
    pub name: &'static str,
    /// Its database, from which the public keys are read when Redis does not have them.
    pub db: crate::pg::Db,
    /// Its routes; called once per instance.
    pub router: fn() -> axum::Router,
    /// Its own problems.
    pub problems: &'static [ProblemType],
}

/// What the layers know of a request; in the extensions of every request.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// `X-Request-Id` of the client, or a new one.
    pub request_id: Arc<str>,
    /// W3C trace context, for events.
    pub traceparent: Option<String>,
    /// The body, for the request's hash.
    pub(super) body: Bytes,
    pub(super) db: crate::pg::Db,
}

thread_local! {
    static ROUTER: RefCell<Option<axum::Router>> = const { RefCell::new(None) };
}

/// Serves one request: the whole of a component's HTTP export.
pub async fn handle<B>(
    module: &'static Module,
    request: http::Request<B>,
) -> http::Response<Full<Bytes>>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let (mut parts, body) = request.into_parts();
    let request_id = request_id(&parts.headers);
    let response = if parts.method == Method::OPTIONS {
        preflight()
    } else {
        match read(&parts.headers, body).await {
            Ok(body) => {
                parts.extensions.insert(RequestContext {
                    request_id: Arc::from(request_id.as_str()),
                    traceparent: text_of(&parts.headers, "traceparent").filter(|t| t.len() == 55),
                    body: body.clone(),
                    db: module.db,
                });
                let request = http::Request::from_parts(parts, Body::from(body));
                match router(module).oneshot(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
            Err(error) => error.into_response(),
        }
    };
    finish(response, &request_id).await
}

fn router(module: &'static Module) -> axum::Router {
    ROUTER.with_borrow_mut(|slot| {
        slot.get_or_insert_with(|| {
            set_module_problems(module.problems);
            (module.router)()
                .fallback(async || Error::not_found())
                .method_not_allowed_fallback(async || Error::problem("method_not_allowed"))
        })
        .clone()
    })
}

async fn read<B>(headers: &HeaderMap, mut body: B) -> Result<Bytes, Error>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<usize>().ok());
    let mut too_large = announced.is_some_and(|length| length > BODY_LIMIT);
    let mut buffer = BytesMut::new();
    let mut drained = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            Error::problem_with(
                "malformed_request",
                json!({"detail": "The body ended early."}),
            )
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if too_large || buffer.len().saturating_add(data.len()) > BODY_LIMIT {
            // Read on for a while: a client that still sends would not see the answer.
            too_large = true;
            drained = drained.saturating_add(data.len());
            if drained > DRAIN_LIMIT {
                break;
            }
        } else {
            buffer.extend_from_slice(&data);
        }
    }
    if too_large {
        return Err(Error::problem("body_too_large"));
    }
    Ok(buffer.freeze())
}

/// The client's own id when it is short and plain, so that logs can be joined.
fn request_id(headers: &HeaderMap) -> String {
    text_of(headers, "x-request-id")
        .filter(|id| {
            (1..=64).contains(&id.len())
                && id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
        .unwrap_or_else(|| ids::new_id().to_string())
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (
            "access-control-allow-methods",
            "GET, HEAD, POST, PUT, PATCH, DELETE",
        ),
        (
            "access-control-allow-headers",
            "authorization, cart-token, content-type, idempotency-key, if-match, if-none-match, traceparent, x-request-id",
        ),
        ("access-control-max-age", "86400"),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    response
}

/// Adds what every answer has, and gives the body a length.
async fn finish(response: Response, request_id: &str) -> http::Response<Full<Bytes>> {
    let (mut parts, body) = response.into_parts();
    let mut bytes = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(_) => Bytes::new(),
    };
    // Problems left without a document come from axum itself.
    let pending = parts.extensions.remove::<Pending>();
    if let Some(Pending(mut document)) = pending {
        document.insert("request_id".into(), json!(request_id));
        bytes = Bytes::from(serde_json::Value::Object(document).to_string());
        parts.headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
    } else if parts.status.is_client_error() || parts.status.is_server_error() {
        let code = if parts.status.is_client_error() {
            "malformed_request"
        } else {
            "internal"
        };
        let mut replaced = document(code, serde_json::Value::Null, Vec::new(), None);
        if let Some(Pending(mut document)) = replaced.extensions_mut().remove::<Pending>() {
            document.insert("request_id".into(), json!(request_id));
            parts.status = replaced.status();
            bytes = Bytes::from(serde_json::Value::Object(document).to_string());
            parts.headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/problem+json"),
            );
        }
    }
    let headers = &mut parts.headers;
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        (
            "access-control-expose-headers",
            "etag, location, retry-after, x-request-id, idempotency-replayed",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if parts.status != StatusCode::NO_CONTENT && parts.status != StatusCode::NOT_MODIFIED {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    }
    http::Response::from_parts(parts, Full::new(bytes))
}
