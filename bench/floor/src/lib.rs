//! The benchmark's bare component: what a request's statements cost on this runtime when nothing
//! is around them. No router, no tokens, no validation, no problem documents.
#![cfg(target_arch = "wasm32")]

mod cart;
mod cart_view;
mod checkout;
mod database;
mod order;
mod page;
mod request;
mod search;
mod search_page;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use spin_sdk::http::{FullBody, IntoResponse, Request};

/// What went wrong, for the benchmark's log.
type Failure = Box<dyn std::error::Error>;

#[spin_sdk::http_service]
async fn serve(request: Request) -> impl IntoResponse {
    let path = request.uri().path().to_owned();
    let (status, text) = route(request, &path)
        .await
        .unwrap_or_else(|failure| (StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()));
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

async fn route(request: Request, path: &str) -> Result<(StatusCode, String), Failure> {
    let ok = |text| (StatusCode::OK, text);
    let method = request.method().clone();
    if let Some(id) = path.strip_prefix("/v1/products/") {
        return Ok(match page::answer(id).await? {
            Some(text) => ok(text),
            None => (StatusCode::NOT_FOUND, String::new()),
        });
    }
    if let Some(variant) = path.strip_prefix("/v1/cart/lines/") {
        return cart::put(request, variant).await.map(ok);
    }
    match (method, path) {
        (Method::GET, "/v1/search") => search::answer(request.uri().query()).await.map(ok),
        (Method::GET, "/v1/cart") => cart::read(&request.into_parts().0).await.map(ok),
        (Method::POST, "/v1/checkouts") => {
            let text = order::answer(request).await?;
            Ok((StatusCode::CREATED, text))
        }
        (_, "/healthz") => Ok(ok(String::new())),
        _ => Ok((StatusCode::NOT_FOUND, String::new())),
    }
}
