//! Pieces of the OpenAPI document that every module uses.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Ref, Response, ResponseBuilder};

/// The scheme named `bearer`: an access token from `POST /v1/sessions`.
#[must_use]
pub fn bearer_security() -> SecurityScheme {
    SecurityScheme::Http(
        HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("Access token of 15 minutes, from POST /v1/sessions."))
            .build(),
    )
}

/// A response whose body is a problem document.
#[must_use]
pub fn problem_response(description: &str) -> Response {
    ResponseBuilder::new()
        .description(description)
        .content(
            "application/problem+json",
            Content::new(Some(Ref::from_schema_name("Problem"))),
        )
        .build()
}
