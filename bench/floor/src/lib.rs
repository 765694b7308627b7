//! The benchmark's bare component: what a request's statements cost on this runtime when nothing
//! is around them. No router, no tokens, no validation, no problem documents.
#![cfg(target_arch = "wasm32")]

mod database;
mod order;
mod page;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use spin_sdk::http::{FullBody, IntoResponse, Request};

/// What went wrong, for the benchmark's log.
type Failure = Box<dyn std::error::Error>;

#[spin_sdk::http_service]
async fn serve(request: Request) -> impl IntoResponse {
    let path = request.uri().path();
    let outcome = if let Some(id) = path.strip_prefix("/v1/products/") {
        page::answer(id).await.map(|page| match page {
            Some(text) => (StatusCode::OK, text),
            None => (StatusCode::NOT_FOUND, String::new()),
        })
    } else if path == "/v1/checkouts" && request.method() == Method::POST {
        order::answer(request)
            .await
            .map(|text| (StatusCode::CREATED, text))
    } else if path == "/healthz" {
        Ok((StatusCode::OK, String::new()))
    } else {
        Ok((StatusCode::NOT_FOUND, String::new()))
    };
    let (status, text) =
        outcome.unwrap_or_else(|failure| (StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()));
    // Without a length the answer is chunked, and its last chunk waits for the client.
    let length = HeaderValue::from(text.len());
    let mut response = Response::new(FullBody::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}
