//! From the host's request to the router and back.

use std::cell::RefCell;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::future::{Either, select};
use futures::join;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, Full};
use serde_json::{Map, Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use super::caller::Identity;
use super::limits::{Limit, Verdict};
use super::problem::{Pending, ProblemType, document, set_module_problems};
use super::settings::{self, Settings};
use super::{body, client, cors, guard, log};
use crate::time::within;
use crate::{Error, ids};

/// How long a body is still read of whoever is refused whatever it holds.
const MOMENT: Duration = Duration::from_millis(250);

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
    /// Who sends it.
    pub(super) identity: Identity,
    /// Where it comes from.
    pub(super) client: Option<IpAddr>,
}

/// A request's answer, and what else is to be said of it.
struct Served {
    response: Response,
    limit: Option<(Limit, Verdict)>,
    account: Option<Uuid>,
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
    let settings = settings::current().await;
    serve(&settings, module, request).await
}

async fn serve<B>(
    settings: &Settings,
    module: &'static Module,
    request: http::Request<B>,
) -> http::Response<Full<Bytes>>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let begun = Instant::now();
    let (parts, body) = request.into_parts();
    let request_id: Arc<str> = request_id(&parts.headers).into();
    let traceparent = traceparent(&parts.headers);
    let origin = parts.headers.get(header::ORIGIN).cloned();
    let method = parts.method.clone();
    let preflight = method == Method::OPTIONS;

    let mut served = if preflight {
        Served {
            response: cors::preflight(),
            limit: None,
            account: None,
        }
    } else {
        let context = RequestContext {
            request_id: Arc::clone(&request_id),
            traceparent: traceparent.clone(),
            body: Bytes::new(),
            identity: Identity::Nobody,
            client: client::address(&parts.headers, settings.proxies),
        };
        answer(settings, module, parts, body, context).await
    };

    let headers = served.response.headers_mut();
    if let Some((limit, verdict)) = &served.limit {
        limit.describe(*verdict, headers);
    }
    guard::add(headers, settings.https);
    cors::allow(&settings.origins, origin.as_ref(), preflight, headers);
    let (response, code) = finish(served.response, &request_id).await;
    if settings.log {
        let route = response.extensions().get::<MatchedPath>();
        log::write(
            &log::Line {
                module: module.name,
                method: method.as_str(),
                route: route.map(MatchedPath::as_str),
                status: response.status().as_u16(),
                code: code.as_deref(),
                request_id: &request_id,
                traceparent: traceparent.as_deref(),
                account_id: served.account,
                bytes: http_body::Body::size_hint(response.body())
                    .exact()
                    .and_then(|n| usize::try_from(n).ok())
                    .unwrap_or_default(),
            },
            Instant::now().saturating_duration_since(begun),
        );
    }
    response
}

/// Everything between the body and the answer.
///
/// The limit costs nobody who reads a round trip: it is asked beside the handler, whose answer is thrown
/// away when it says no. What changes something waits for it, while the body is still coming.
async fn answer<B>(
    settings: &Settings,
    module: &'static Module,
    mut parts: http::request::Parts,
    body: B,
    mut context: RequestContext,
) -> Served
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let client = context.client;
    let admission = async {
        let identity = Identity::of(module.db, &parts.headers).await;
        let limit = Limit::of(
            &settings.limits,
            &parts.method,
            parts.uri.path(),
            identity.account(),
            client,
        );
        let verdict = match &limit {
            None => None,
            Some(limit) if parts.method.is_safe() => limit.at_hand(),
            Some(limit) => Some(limit.take().await),
        };
        (identity, limit, verdict)
    };
    let reading = body::read(&parts.headers, body);
    let ((identity, limit, verdict), body) = admitted(admission, reading).await;
    let account = identity.account();

    let refusal = match (&limit, verdict) {
        (Some(limit), Some(Verdict::Wait { ms, .. })) => Some(limit.refusal(ms)),
        _ => None,
    };
    let body = match (refusal, body) {
        (Some(error), _) | (None, Err(error)) => {
            return Served {
                response: error.into_response(),
                limit: limit.zip(verdict),
                account,
            };
        }
        (None, Ok(body)) => body,
    };

    context.body = body.clone();
    context.identity = identity;
    parts.extensions.insert(context);
    let request = http::Request::from_parts(parts, Body::from(body));
    let handled = async {
        match router(module, settings.log).oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    };
    match (limit, verdict) {
        (Some(limit), None) => {
            let (response, verdict) = join!(handled, limit.take());
            let response = match verdict {
                Verdict::Go(_) => response,
                Verdict::Wait { ms, .. } => limit.refusal(ms).into_response(),
            };
            Served {
                response,
                limit: Some((limit, verdict)),
                account,
            }
        }
        (limit, verdict) => Served {
            response: handled.await,
            limit: limit.zip(verdict),
            account,
        },
    }
}

/// Who asks and whether they may, and the body, which comes meanwhile. Who may not is not waited for: their
/// body gets a moment more, since a client that still sends would not see the answer.
async fn admitted<T>(
    admission: impl Future<Output = (Identity, T, Option<Verdict>)>,
    reading: impl Future<Output = Result<Bytes, Error>>,
) -> ((Identity, T, Option<Verdict>), Result<Bytes, Error>) {
    match select(pin!(admission), pin!(reading)).await {
        Either::Left((admitted @ (_, _, Some(Verdict::Wait { .. })), reading)) => {
            let body = within(MOMENT, reading).await;
            (admitted, body.unwrap_or_else(|| Ok(Bytes::new())))
        }
        Either::Left((admitted, reading)) => (admitted, reading.await),
        Either::Right((body, admission)) => (admission.await, body),
    }
}

fn router(module: &'static Module, log: bool) -> axum::Router {
    ROUTER.with_borrow_mut(|slot| {
        slot.get_or_insert_with(|| {
            set_module_problems(module.problems);
            let router = (module.router)()
                .fallback(async || Error::not_found())
                .method_not_allowed_fallback(async || Error::problem("method_not_allowed"));
            if log {
                router.layer(from_fn(note_route))
            } else {
                router
            }
        })
        .clone()
    })
}

/// Leaves the route's template in the answer, for the log.
async fn note_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
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

/// `00-<32 hex>-<16 hex>-<2 hex>`; what is none is not passed on.
fn traceparent(headers: &HeaderMap) -> Option<String> {
    text_of(headers, "traceparent").filter(|text| {
        let fits = |(at, byte): (usize, u8)| match at {
            2 | 35 | 52 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        };
        text.len() == 55 && text.bytes().enumerate().all(fits)
    })
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Gives the body a length, and a problem its document. Also answers the problem's code.
async fn finish(
    response: Response,
    request_id: &str,
) -> (http::Response<Full<Bytes>>, Option<String>) {
    let (mut parts, body) = response.into_parts();
    let mut bytes = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(_) => Bytes::new(),
    };
    let mut pending = parts.extensions.remove::<Pending>();
    if pending.is_none() && (parts.status.is_client_error() || parts.status.is_server_error()) {
        // Left without a document, it comes from axum itself.
        let code = if parts.status.is_client_error() {
            "malformed_request"
        } else {
            "internal"
        };
        let mut replaced = document(code, Value::Null, Vec::new(), None);
        pending = replaced.extensions_mut().remove::<Pending>();
        parts.status = replaced.status();
    }
    let mut code = None;
    if let Some(Pending(mut problem)) = pending {
        code = code_of(&problem);
        problem.insert("request_id".into(), json!(request_id));
        bytes = Bytes::from(Value::Object(problem).to_string());
        parts.headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
    }
    let headers = &mut parts.headers;
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if parts.status != StatusCode::NO_CONTENT && parts.status != StatusCode::NOT_MODIFIED {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    }
    (http::Response::from_parts(parts, Full::new(bytes)), code)
}

fn code_of(problem: &Map<String, Value>) -> Option<String> {
    problem
        .get("code")
        .and_then(Value::as_str)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;
