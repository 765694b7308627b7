//! What the component exports. Only on wasm32: a crate with exports does not link natively.

#[cfg(feature = "provider")]
mod provider {
    mod bindings {
        #![allow(clippy::all, missing_docs, reason = "generated")]
        spin_sdk::wit_bindgen::generate!({
            path: ["../../wit/types", "../../wit/events", "../../wit/notification"],
            world: "stoa:notification/provider",
            runtime_path: "spin_sdk::wit_bindgen::rt",
            with: {
                "stoa:types/common@0.1.0": stoa_events::bindings::stoa::types::common,
                "stoa:events/types@0.1.0": stoa_events::bindings::stoa::events::types,
            },
        });
    }

    struct Component;
    bindings::export!(Component with_types_in bindings);
    stoa_events::module_events!(
        "notification",
        crate::DB,
        bindings::exports::stoa::notification::events,
        Component
    );
}

#[cfg(feature = "http")]
mod service {
    static MODULE: stoa_kit::http::Module = stoa_kit::http::Module {
        name: "notification",
        db: crate::DB,
        router: crate::router,
        problems: crate::problems::PROBLEMS,
    };

    #[spin_sdk::http_service]
    async fn serve(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
        stoa_kit::http::handle(&MODULE, request).await
    }
}

#[cfg(feature = "lane")]
mod lane {
    /// The message only wakes; what there is to send stands in the table.
    #[spin_sdk::redis_subscriber]
    async fn wake(_: Vec<u8>) -> Result<(), std::convert::Infallible> {
        crate::sending::wake().await;
        Ok(())
    }
}
