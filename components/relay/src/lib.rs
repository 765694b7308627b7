//! `relay`: moves events from the modules' outboxes to their consumers. See the README beside.

pub mod deliver;
pub mod module;
pub mod plan;
pub mod trials;
pub mod wake;

#[cfg(target_arch = "wasm32")]
mod wasm;
