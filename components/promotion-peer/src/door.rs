//! The end at `promotion`: HTTP in, the composed module's functions behind.

use axum::Router;
use axum::routing::post;
use stoa_kit::http::service::door::Called;
use stoa_kit::http::service::remote::path;

use self::bindings::stoa::promotion::pricing;
use crate::INTERFACE;

mod bindings {
    #![allow(clippy::all, missing_docs, reason = "generated")]
    spin_sdk::wit_bindgen::generate!({
        path: ["../../wit/types", "../../wit/events", "../../wit/promotion"],
        world: "stoa:promotion/door",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        additional_derives: [serde::Serialize, serde::Deserialize],
        generate_all,
    });
}

static MODULE: stoa_kit::http::Module = stoa_kit::http::Module {
    name: "promotion-peer",
    db: stoa_kit::pg::Db::new("promotion_db"),
    router,
    problems: &[],
};

fn router() -> Router {
    let at = |function| path("promotion", INTERFACE, function);
    Router::new()
        .route(
            &at(stringify!(quote)),
            post(async |call: Called| call.answer(|(basket,)| pricing::quote(basket)).await),
        )
        .route(
            &at(stringify!(hold)),
            post(async |call: Called| {
                call.answer(|(reference, buyer, currency, usages, ttl_s)| {
                    pricing::hold(reference, buyer, currency, usages, ttl_s)
                })
                .await
            }),
        )
        .route(
            &at(stringify!(commit)),
            post(async |call: Called| call.answer(|(reference,)| pricing::commit(reference)).await),
        )
        .route(
            &at(stringify!(release)),
            post(async |call: Called| {
                call.answer(|(reference,)| pricing::release(reference))
                    .await
            }),
        )
}

#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
    stoa_kit::http::handle(&MODULE, request).await
}
