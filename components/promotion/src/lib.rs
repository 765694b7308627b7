//! `promotion`: what goods cost after promotions, and the uses of promotions. See the README beside.

/// The module's database.
pub const DB: stoa_kit::pg::Db = stoa_kit::pg::Db::new("promotion_db");

#[cfg(feature = "http")]
pub mod api;
pub mod domain;
pub mod pricing;
#[cfg(feature = "http")]
pub mod problems;
pub mod store;

#[cfg(feature = "http")]
mod routes {
    use crate::api::{active, changes, preview, promotions, segments};

    stoa_kit::module_routes! {
        promotions::list,
        changes::create,
        active::list_active,
        preview::preview,
        promotions::read,
        changes::change,
        changes::delete,
        promotions::usage,
        segments::members,
        segments::add,
        segments::remove,
    }
}
#[cfg(feature = "http")]
pub use problems::PROBLEMS;
#[cfg(all(feature = "http", not(target_arch = "wasm32")))]
pub use routes::openapi;
#[cfg(feature = "http")]
pub use routes::router;

#[cfg(target_arch = "wasm32")]
mod wasm;
