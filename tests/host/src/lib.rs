//! Runs a Spin application on wasmtime, from its unmodified `spin.toml`.
//!
//! For tests, and for machines without Spin. It keeps the semantics of Spin 4.1, the inconvenient
//! ones too: pools per component, types that Postgres' interface does not know, one message of a
//! Redis trigger after another. It is stricter where Spin is silent: with `STOA_HOST_STRICT=1` a
//! connection that is given back inside a transaction is reported and closed. And with
//! `STOA_HOST_DROPS` a test may drop an instance at a call of its choice; see `drops`.
//!
//! The runtime's WIT is not part of this tree. Host functions are linked by their names, with
//! types that wasmtime checks against those of each component.

pub mod allowed_hosts;
pub mod app;
pub mod compose;
mod drops;
pub mod engine;
mod headers;
mod http_trigger;
mod key_value;
mod limit;
pub mod manifest;
mod outbound_http;
mod outbound_redis;
mod pg;
mod redis_trigger;
pub mod routes;
pub mod runtime_config;
mod state;
mod stdio;
mod stream;
pub mod template;
pub mod variables;

pub use pg::abandoned_transactions;
