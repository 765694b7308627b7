//! `notification`: what an account is told, in its language: in the app, by e-mail and by SMS. See the
//! README beside.

/// The module's database.
pub const DB: stoa_kit::pg::Db = stoa_kit::pg::Db::new("notification_db");

#[cfg(feature = "http")]
pub mod api;
#[cfg(feature = "letters")]
pub mod configuration;
#[cfg(feature = "letters")]
pub mod domain;
#[cfg(feature = "http")]
pub mod problems;
#[cfg(feature = "letters")]
pub mod sending;
#[cfg(feature = "letters")]
pub mod store;

#[cfg(feature = "http")]
mod routes {
    use crate::api::{mailbox, messages, notifications};

    stoa_kit::module_routes! {
        notifications::page,
        notifications::unread_count,
        notifications::mark_read,
        notifications::mark_many_read,
        messages::page,
        messages::retry,
        mailbox::show,
        mailbox::list,
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
