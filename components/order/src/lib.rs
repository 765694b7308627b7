//! `order`: checkouts, the orders they become, and what becomes of those. See the README beside.

/// The module's database.
pub const DB: stoa_kit::pg::Db = stoa_kit::pg::Db::new("order_db");

#[cfg(feature = "http")]
pub mod api;
#[cfg(feature = "http")]
pub mod domain;
#[cfg(feature = "http")]
pub mod flows;
#[cfg(feature = "http")]
mod peers;
#[cfg(feature = "http")]
pub mod problems;
#[cfg(feature = "http")]
pub mod store;

#[cfg(feature = "http")]
mod routes {
    use crate::api::{cart, cart_lines, checkouts, orders, sales, sales_desk};

    stoa_kit::module_routes! {
        cart::create,
        cart::read,
        cart::empty,
        cart::merge,
        cart_lines::put,
        cart_lines::add,
        cart_lines::remove,
        cart_lines::select,
        checkouts::create,
        checkouts::read,
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
