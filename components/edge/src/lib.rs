//! `edge`: what belongs to no module: the front page, the API's documents, health, and the answer
//! to everything that has no route. See the README beside.

/// A database role that reads `shared` only.
pub const DB: stoa_kit::pg::Db = stoa_kit::pg::Db::new("edge_db");

pub mod api;
pub mod domain;
pub mod problems;
pub mod store;

mod routes {
    use crate::api::{document, health, keys};

    stoa_kit::module_routes! {
        document::read,
        health::alive,
        health::worker,
        health::ready,
        keys::jwks,
    }
}
#[cfg(not(target_arch = "wasm32"))]
pub use routes::openapi;

/// The described routes, and the pages, which are for people and not part of the API.
pub fn router() -> axum::Router {
    routes::router()
        .merge(api::pages::router())
        .merge(api::account_pages::router())
}

#[cfg(target_arch = "wasm32")]
mod wasm;
