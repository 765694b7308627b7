//! `promotion` deployed apart: both ends of the wire. See the README beside.

/// The interface that goes over the wire, as paths name it.
pub const INTERFACE: &str = "pricing";

#[cfg(all(feature = "http", target_arch = "wasm32"))]
mod door;
#[cfg(all(feature = "remote", target_arch = "wasm32"))]
mod remote;
