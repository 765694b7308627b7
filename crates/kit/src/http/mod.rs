//! The HTTP layer: a router built once per instance, and around it what every module shares.
//!
//! From the outside in: request id, security headers and CORS, the log's line, the body with its limits,
//! the token, the rate limit, the router; inside it the extractors [`Caller`], [`Idempotency`], [`Json`],
//! [`Query`], [`Path`], [`Page`] and [`IfMatch`], which all refuse with problem documents. Answers are
//! [`Answer`]s.

mod answer;
mod authority;
#[cfg(feature = "bench")]
pub mod bench;
mod body;
mod caller;
mod client;
mod conditional;
mod cors;
mod docs;
mod extract;
mod guard;
mod idempotency;
mod limits;
mod log;
mod paging;
mod problem;
mod published_key;
mod serve;
pub mod service;
mod settings;
mod token;

pub use answer::Answer;
pub use caller::{Caller, ClientAddress, MaybeCaller, Role, Scope};
pub use client::group as address_group;
pub use conditional::{IfMatch, IfNoneMatch, etag};
pub use docs::bearer_security;
#[cfg(not(target_arch = "wasm32"))]
pub use docs::complete;
pub use extract::{Json, Path, Query};
pub use idempotency::Idempotency;
pub use limits::TAKE as RATE_LIMIT_SCRIPT;
pub use paging::{Cursor, Page, PageQuery};
pub use problem::{PLATFORM_PROBLEMS, Problem, ProblemType};
pub use serve::{Module, RequestContext, handle};

/// Names a module's handlers once, for the router and for the OpenAPI document.
///
/// Every handler carries `#[utoipa::path]`, which says its method and path. Expands to
/// `pub fn router() -> axum::Router` and, natively, `pub fn openapi()`.
#[macro_export]
macro_rules! module_routes {
    ($($module:ident :: $handler:ident),+ $(,)?) => {
        /// The module's routes.
        pub fn router() -> axum::Router {
            let router = axum::Router::new();
            $crate::paste! {
                $(
                    let router = $crate::http::add_route::<$module::[<__path_ $handler>], _, _>(router, $module::$handler);
                )+
            }
            router
        }

        /// The module's part of the OpenAPI document.
        #[cfg(not(target_arch = "wasm32"))]
        pub fn openapi() -> utoipa::openapi::OpenApi {
            #[derive(utoipa::OpenApi)]
            #[openapi(paths($($module::$handler),+))]
            struct Doc;
            $crate::http::complete(<Doc as utoipa::OpenApi>::openapi())
        }
    };
}

/// Adds one described handler to a router; used by [`module_routes!`].
pub fn add_route<P, H, T>(router: axum::Router, handler: H) -> axum::Router
where
    P: utoipa::Path,
    H: axum::handler::Handler<T, ()>,
    T: 'static,
{
    use axum::routing::{MethodFilter, on};
    use utoipa::openapi::path::HttpMethod;
    let mut router = router;
    for method in P::methods() {
        let filter = match method {
            HttpMethod::Get => MethodFilter::GET,
            HttpMethod::Post => MethodFilter::POST,
            HttpMethod::Put => MethodFilter::PUT,
            HttpMethod::Delete => MethodFilter::DELETE,
            HttpMethod::Patch => MethodFilter::PATCH,
            HttpMethod::Options => MethodFilter::OPTIONS,
            HttpMethod::Head => MethodFilter::HEAD,
            HttpMethod::Trace => MethodFilter::TRACE,
        };
        router = router.route(&P::path(), on(filter, handler.clone()));
    }
    router
}
