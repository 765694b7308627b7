//! Types of `stoa:types` and `stoa:events`, generated once; components map theirs onto these.
#![allow(clippy::all, missing_docs, reason = "generated")]

spin_sdk::wit_bindgen::generate!({
    path: ["../../wit/types", "../../wit/events"],
    world: "stoa:events/shapes",
    runtime_path: "spin_sdk::wit_bindgen::rt",
    generate_unused_types: true,
    generate_all,
});
