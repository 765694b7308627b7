//! `inventory`: stock, its reservations, and the ledger of every movement. See the README beside.

/// The module's database.
pub const DB: stoa_kit::pg::Db = stoa_kit::pg::Db::new("inventory_db");

#[cfg(feature = "http")]
pub mod api;
pub mod domain;
#[cfg(feature = "http")]
pub mod problems;
pub mod store;

#[cfg(feature = "http")]
mod routes {
    use crate::api::{balances, corrections, serials, settings, transfers, warehouses};

    stoa_kit::module_routes! {
        corrections::import,
        corrections::adjust,
        transfers::transfer,
        balances::page,
        balances::availability,
        balances::read,
        balances::movements,
        settings::read,
        settings::change,
        serials::page,
        serials::change,
        warehouses::list,
        warehouses::create,
        warehouses::change,
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
