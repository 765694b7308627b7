//! The benchmark's component that checks access tokens: the kit's own code for it, in a guest, and the time
//! that each takes.
//!
//! The first line of a request's body is what `shared.authority()` answers, every further one a token. Each
//! line of the answer is how long one took, in nanoseconds. A token that is refused is an error: nothing is
//! measured by what ends early.
#![cfg(target_arch = "wasm32")]

use std::fmt::Write as _;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt;
use spin_sdk::http::{FullBody, IntoResponse, Request};
use stoa_kit::pg::Db;

/// What went wrong, for the benchmark.
type Failure = Box<dyn std::error::Error>;

/// Of nobody: what is remembered is fresh, so that it is not asked.
const DB: Db = Db::new("no_db");

#[spin_sdk::http_service]
async fn serve(request: Request) -> impl IntoResponse {
    let (status, text) = match answer(request).await {
        Ok(text) => (StatusCode::OK, text),
        Err(failure) => (StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()),
    };
    let length = HeaderValue::from(text.len());
    let mut response = Response::new(FullBody::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response
}

async fn answer(request: Request) -> Result<String, Failure> {
    if request.uri().path() == "/healthz" {
        return Ok(String::new());
    }
    let body = request.into_body().collect().await?.to_bytes();
    let mut lines = std::str::from_utf8(&body)?.lines();
    let authority = lines.next().ok_or("no authority")?;
    stoa_kit::http::bench::learn(authority).map_err(|e| e.to_string())?;
    let mut times = String::new();
    let mut headers = HeaderMap::new();
    for token in lines {
        headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse()?);
        let begun = Instant::now();
        let caller = stoa_kit::http::bench::caller(DB, &headers).await;
        let took = begun.elapsed();
        caller.map_err(|e| e.to_string())?;
        writeln!(times, "{}", took.as_nanos())?;
    }
    Ok(times)
}
