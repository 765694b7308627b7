//! What the component imports and exports. Only on wasm32: it does not link natively.

mod bindings {
    #![allow(clippy::all, missing_docs, reason = "generated")]
    spin_sdk::wit_bindgen::generate!({
        path: [
            "../../wit/types",
            "../../wit/events",
            "../../wit/account",
            "../../wit/catalog",
            "../../wit/inventory",
            "../../wit/promotion",
            "../../wit/payment",
            "../../wit/order",
            "../../wit/notification",
            "../../wit/relay",
        ],
        world: "stoa:relay/service",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        generate_all,
        with: {
            "stoa:types/common@0.1.0": stoa_events::bindings::stoa::types::common,
            "stoa:events/types@0.1.0": stoa_events::bindings::stoa::events::types,
        },
    });
}

macro_rules! lane {
    () => {
        None
    };
    ($lane:literal) => {
        Some($lane)
    };
}

macro_rules! modules {
    ($($name:ident $(rings $lane:literal)?),+ $(,)?) => {
        /// Every module that publishes or consumes; each is also an import in `wit/relay`.
        static MODULES: &[crate::module::Module] = &[$(
            crate::module::Module {
                name: stringify!($name),
                lane: lane!($($lane)?),
                claim: |limit, lease_ms| Box::pin(bindings::stoa::$name::events::claim(limit, lease_ms)),
                settle: |marks| Box::pin(bindings::stoa::$name::events::settle(marks)),
                handle: |events| Box::pin(bindings::stoa::$name::events::handle(events)),
                tidy: || Box::pin(bindings::stoa::$name::events::tidy()),
            }
        ),+];
    };
}

modules! {
    account,
    catalog,
    inventory,
    order rings "order-flows",
    promotion,
    payment rings "payment-flows",
    notification,
}

/// The message only wakes; what there is to do stands in the outboxes.
#[spin_sdk::redis_subscriber]
async fn wake(_: Vec<u8>) -> Result<(), std::convert::Infallible> {
    crate::wake::wake(MODULES).await;
    Ok(())
}
