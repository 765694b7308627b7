//! What the component exports. Only on wasm32: a crate with exports does not link natively.

static MODULE: stoa_kit::http::Module = stoa_kit::http::Module {
    name: "edge",
    db: crate::DB,
    router: crate::router,
    problems: crate::problems::PROBLEMS,
};

#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
    stoa_kit::http::handle(&MODULE, request).await
}
