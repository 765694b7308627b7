//! Pieces of the OpenAPI document that every module uses.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

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
