//! The pages for people: `/` and `/docs`. Static, without resources from elsewhere, and with a
//! policy that would not let a browser load any.

use axum::Router;
use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use stoa_kit::http::PLATFORM_PROBLEMS;

use crate::domain::problem_table;
use crate::problems::PROBLEMS;

const HOME: &str = include_str!("../pages/home.html");
const DOCS: &str = include_str!("../pages/docs.html");
const STYLE: &str = include_str!("../pages/docs.css");
const SCRIPT: &str = include_str!("../pages/docs.js");

/// Where the rows of the error codes go in `docs.html`.
const PROBLEMS_HERE: &str = "<!-- problems -->";

/// What a page may do: load what the shop itself serves, and ask its routes. No form is sent by a browser itself.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The pages and what they load.
pub fn router() -> Router {
    Router::new()
        .route(
            "/",
            page(
                "text/html; charset=utf-8",
                Bytes::from_static(HOME.as_bytes()),
            ),
        )
        .route(
            "/docs",
            page("text/html; charset=utf-8", Bytes::from(docs())),
        )
        .route(
            "/docs.css",
            page(
                "text/css; charset=utf-8",
                Bytes::from_static(STYLE.as_bytes()),
            ),
        )
        .route(
            "/docs.js",
            page(
                "text/javascript; charset=utf-8",
                Bytes::from_static(SCRIPT.as_bytes()),
            ),
        )
}

/// The human page. The problems of the platform are in it from the start, so that the `type` of a
/// problem document leads somewhere in any reader; the modules' own come with the document.
fn docs() -> String {
    let rows = problem_table::rows(PLATFORM_PROBLEMS) + &problem_table::rows(PROBLEMS);
    DOCS.replace(PROBLEMS_HERE, &rows)
}

pub(super) fn page(content_type: &'static str, body: Bytes) -> axum::routing::MethodRouter {
    get(async move || answer(content_type, body))
}

pub(super) fn answer(content_type: &'static str, body: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "public, max-age=60"),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_human_page_has_the_platforms_problems_and_no_inline_script_or_style() {
        let docs = docs();
        assert!(
            docs.contains("id=\"problem-not_found\"") && docs.contains("id=\"problem-not_ready\"")
        );
        assert!(!docs.contains(PROBLEMS_HERE));
        for page in [docs.as_str(), HOME] {
            assert!(
                !page.contains("<style") && !page.contains(" style=") && !page.contains("<script>")
            );
            assert!(!page.contains("://"), "nothing from elsewhere");
        }
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }
}
