//! `/openapi.json`

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// The document as it is in `docs/`, where a test generates it from the code and keeps it current.
pub const OPENAPI: &str = include_str!("../../../../docs/openapi.json");

/// The description of the whole API, as an OpenAPI 3.1 document.
#[utoipa::path(get, path = "/openapi.json", tag = "edge",
    responses((status = 200, body = Object, content_type = "application/json", description = "The OpenAPI document.")))]
pub async fn read() -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "public, max-age=60"),
    ];
    (headers, OPENAPI).into_response()
}
