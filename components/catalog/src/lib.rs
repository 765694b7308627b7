//! `catalog`: categories, products and their variants. See the README beside.

pub const DB: stoa_kit::pg::Db = stoa_kit::pg::Db::new("catalog_db");

#[cfg(feature = "http")]
mod api;
#[cfg(feature = "http")]
mod domain;
#[cfg(feature = "http")]
mod problems;
mod store;

#[cfg(feature = "http")]
pub use problems::PROBLEMS;

#[cfg(feature = "http")]
use api::{categories, products, search, states, variants};

#[cfg(feature = "http")]
stoa_kit::module_routes! {
    categories::list_categories,
    categories::create_category,
    categories::change_category,
    products::product_page,
    products::list_products,
    products::create_product,
    products::change_product,
    products::delete_product,
    search::search_products,
    states::publish_product,
    states::hide_product,
    states::take_down_product,
    states::restore_product,
    variants::add_variant,
    variants::change_variant,
    variants::delete_variant,
}

#[cfg(target_arch = "wasm32")]
mod wasm;
