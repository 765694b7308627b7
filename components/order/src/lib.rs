//! `order`: checkouts, the orders they become, and what becomes of those. See the README beside.

/// The module's database.
pub const DB: stoa_kit::pg::Db = stoa_kit::pg::Db::new("order_db");

/// The lane of its workflows.
pub const LANE: &str = "order-flows";

#[cfg(feature = "http")]
pub mod api;
#[cfg(any(feature = "http", feature = "flows"))]
pub mod domain;
#[cfg(any(feature = "http", feature = "flows"))]
pub mod flows;
#[cfg(any(feature = "http", feature = "flows"))]
mod peers;
#[cfg(feature = "http")]
pub mod problems;
#[cfg(any(feature = "http", feature = "flows"))]
pub mod store;

#[cfg(feature = "http")]
mod routes {
    use crate::api::{
        cart, cart_lines, cart_preview, checkouts, orders, sales, sales_desk, workflows,
    };

    stoa_kit::module_routes! {
        cart::create,
        cart::read,
        cart::empty,
        cart::merge,
        cart_lines::put,
        cart_lines::add,
        cart_lines::remove,
        cart_lines::select,
        cart_preview::preview,
        checkouts::create,
        checkouts::page,
        checkouts::read,
        checkouts::cancel,
        orders::page,
        orders::read,
        orders::cancel,
        orders::receive,
        orders::complete,
        sales::page,
        sales::read,
        sales::confirm,
        sales::decline,
        sales::cancel,
        sales::ship,
        sales::deliver,
        sales_desk::summary,
        sales_desk::confirm_many,
        workflows::page,
        workflows::read,
        workflows::retry,
        workflows::cancel,
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
