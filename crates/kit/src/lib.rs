//! What every component of Stoa is built with.
//!
//! A module's code talks to the outside only through this crate: [`pg`] for statements, [`redis`]
//! for caches and the workers' ticks, [`lock`] for jobs that one instance runs, [`http`] for routes,
//! [`outbound`] for services of others. It keeps the rules that the runtime demands (see
//! `docs/decisions/`): connections live only while statements are in flight on them, nothing panics on
//! data, every buffered answer has a length.

pub mod error;
pub mod exchange;
#[cfg(feature = "http")]
pub mod http;
pub mod ids;
pub mod language;
pub mod local;
pub mod lock;
pub mod money;
pub mod outbound;
pub mod pg;
pub mod redis;
#[cfg(feature = "seal")]
pub mod seal;
#[cfg(feature = "http")]
pub mod secret;
pub mod text;
pub mod time;
pub mod variables;

pub use error::{Error, Result};
pub use local::local;

#[cfg(feature = "http")]
#[doc(hidden)]
pub use paste::paste;
