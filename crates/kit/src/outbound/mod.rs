//! Calls to services of others over HTTP: with a deadline, a limit on the answer, and a breaker for each
//! destination, so that one that is down costs its callers nothing.
//!
//! A call that failed says whether it may have had an effect ([`Error::Unknown`]) or cannot have had one
//! ([`Error::NotDone`]). What the other side answered, refusals included, is a [`Response`].

mod breaker;
mod shared;
#[cfg(target_arch = "wasm32")]
mod wire;

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::local;
use crate::time::{unix_now_ms, within};
use breaker::{Admission, Breaker, News};
use shared::Word;
pub use shared::{ASK as BREAKER_ASK, FAIL as BREAKER_FAIL};

/// How long a call may take unless it says otherwise. Nothing inside a worker's lane may take longer.
pub const DEADLINE: Duration = Duration::from_secs(5);
/// Largest answer that is read.
pub const ANSWER_LIMIT: usize = 1 << 20;

thread_local! {
    static BREAKERS: RefCell<HashMap<String, Breaker>> = RefCell::default();
}

/// Why there is no answer. The texts name the destination and no more, and are for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing was done: nothing left this place, or the other side was too busy to begin.
    #[error("not done: {0}")]
    NotDone(String),
    /// There was no answer, or a server's fault for one: what happened is unknown.
    #[error("outcome unknown: {0}")]
    Unknown(String),
}

/// What is sent.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
    deadline: Duration,
    limit: usize,
}

impl Request {
    /// A request without a body.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            deadline: DEADLINE,
            limit: ANSWER_LIMIT,
        }
    }

    /// A GET.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// A POST.
    #[must_use]
    pub fn post(url: impl Into<String>) -> Self {
        Self::new(Method::POST, url)
    }

    /// With a header. A value that is no header value is left out, which the other side will say.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// With a header that must not be shown.
    #[must_use]
    pub fn secret_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.headers.insert(name, value);
        }
        self
    }

    /// With HTTP Basic authentication.
    #[must_use]
    pub fn basic(self, user: &str, password: &str) -> Self {
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.secret_header(header::AUTHORIZATION, &format!("Basic {pair}"))
    }

    /// With a body of that media type.
    #[must_use]
    pub fn body(mut self, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.body = body.into();
        self
    }

    /// With a JSON body.
    ///
    /// # Errors
    /// [`Error::NotDone`] when the value cannot be serialised, which derived types always can.
    pub fn json<T: Serialize>(self, value: &T) -> Result<Self, Error> {
        let body = serde_json::to_vec(value).map_err(|e| Error::NotDone(e.to_string()))?;
        Ok(self.body("application/json", body))
    }

    /// With another deadline than [`DEADLINE`].
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// With another limit than [`ANSWER_LIMIT`].
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }
}

/// What came back: any status below 500 but 429.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Response {
    /// Whether the status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is none, or not of that shape: whatever was asked may have happened.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|e| {
            Error::Unknown(format!(
                "the answer ({}) is not as expected: {e}",
                self.status
            ))
        })
    }
}

/// Sends a request, once.
///
/// # Errors
/// [`Error`]
pub async fn send(request: Request) -> Result<Response, Error> {
    local(async move {
        let destination = destination(&request.url)?;
        admit(&destination).await?;
        let deadline = request.deadline;
        let outcome = within(deadline, transmit(request))
            .await
            .unwrap_or_else(|| {
                Err(Failure::down(Error::Unknown(format!(
                    "no answer within {} ms",
                    deadline.as_millis()
                ))))
            })
            .and_then(judge);
        let sign = match &outcome {
            Ok(_) => Sign::Up,
            Err(failure) => failure.sign,
        };
        tell(&destination, sign).await;
        outcome.map_err(|failure| match failure.error {
            Error::NotDone(text) => Error::NotDone(format!("{destination}: {text}")),
            Error::Unknown(text) => Error::Unknown(format!("{destination}: {text}")),
        })
    })
    .await
}

/// What the end of a call says of the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// It works: also one that says it is too busy.
    Up,
    /// It is silent, or at fault.
    Down,
    /// Nothing: the fault is on this side.
    None,
}

/// A call without an answer to hand on.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    error: Error,
    sign: Sign,
}

impl Failure {
    fn down(error: Error) -> Self {
        Self {
            error,
            sign: Sign::Down,
        }
    }

    /// It never left this place, for a reason that lies here.
    fn ours(text: String) -> Self {
        Self {
            error: Error::NotDone(text),
            sign: Sign::None,
        }
    }
}

fn judge(response: Response) -> Result<Response, Failure> {
    match response.status {
        429 => Err(Failure {
            error: Error::NotDone("it is busy (429)".into()),
            sign: Sign::Up,
        }),
        500.. => Err(Failure::down(Error::Unknown(format!(
            "status {}",
            response.status
        )))),
        _ => Ok(response),
    }
}

/// Scheme, host and port, which is what is up or down.
fn destination(url: &str) -> Result<String, Error> {
    let broken = || Error::NotDone("the configured URL is none".into());
    let uri: Uri = url.parse().map_err(|_| broken())?;
    let scheme = uri.scheme_str().ok_or_else(broken)?;
    let host = uri.host().ok_or_else(broken)?;
    if !matches!(scheme, "http" | "https") {
        return Err(broken());
    }
    let port = uri
        .port_u16()
        .unwrap_or(if scheme == "https" { 443 } else { 80 });
    Ok(format!("{scheme}://{host}:{port}"))
}

async fn admit(destination: &str) -> Result<(), Error> {
    let known = BREAKERS.with_borrow(|all| all.contains_key(destination));
    let admission = with_breaker(destination, |b| b.admit(unix_now_ms()));
    // Instances are many and short-lived: a new one asks what the others know, and one whose time to try has
    // come asks whether another tries already. Without an answer it goes by what it knows itself.
    let asks = !known || admission == Ok(Admission::Try);
    let word = if asks {
        shared::ask(destination).await
    } else {
        None
    };
    let left = match (word, admission) {
        (None, Ok(_)) => return Ok(()),
        (None, Err(ms)) => ms,
        (Some(Word::Go(failures)), _) => {
            with_breaker(destination, |b| b.told_closed(unix_now_ms(), failures));
            return Ok(());
        }
        (Some(Word::Try(length)), _) => {
            with_breaker(destination, |b| b.told_to_try(unix_now_ms(), length));
            return Ok(());
        }
        (Some(Word::Leave(ms)), _) => {
            with_breaker(destination, |b| b.told_open(unix_now_ms(), ms));
            ms
        }
    };
    Err(Error::NotDone(format!(
        "{destination}: it has failed too often; left alone for {left} ms more"
    )))
}

async fn tell(destination: &str, sign: Sign) {
    let news = with_breaker(destination, |breaker| match sign {
        Sign::Up => breaker.succeeded(),
        Sign::Down => breaker.failed(unix_now_ms()),
        // A try that says nothing is followed by another in a while.
        Sign::None => News::None,
    });
    match news {
        News::None => {}
        News::Interrupted => shared::interrupted(destination).await,
        News::Recovered => shared::recovered(destination).await,
        News::Failed => {
            if let Some(ms) = shared::failed(destination).await {
                with_breaker(destination, |b| b.told_open(unix_now_ms(), ms));
            }
        }
    }
}

fn with_breaker<T>(destination: &str, act: impl FnOnce(&mut Breaker) -> T) -> T {
    BREAKERS.with_borrow_mut(|all| act(all.entry(destination.to_owned()).or_default()))
}

#[cfg(target_arch = "wasm32")]
async fn transmit(request: Request) -> Result<Response, Failure> {
    wire::transmit(request).await
}

/// Natively there is no host to send by; unit tests never get here.
#[cfg(not(target_arch = "wasm32"))]
async fn transmit(request: Request) -> Result<Response, Failure> {
    Err(Failure::ours(format!(
        "no host for {} {} of {} bytes, at most {} back, {} headers",
        request.method,
        request.url.len(),
        request.body.len(),
        request.limit,
        request.headers.len()
    )))
}

#[cfg(test)]
mod tests;
