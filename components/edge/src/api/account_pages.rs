//! `/verify`, `/reset-password` and `/forgot-password`: what the links in letters lead to, for whoever runs no site of
//! their own. In the reader's language; the same for everybody otherwise.
//!
//! What a link proves by stands behind its `#`, which browsers send to nobody: it comes here only when its reader
//! presses the button, in the body of a request to the same routes that everybody else uses. Looking at a page changes
//! nothing, since mail is looked through by machines that follow every link.

use axum::Router;
use axum::body::Bytes;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::routing::get;
use stoa_kit::language::Language;

use super::pages::{answer, page};
use crate::domain::account_page::{AccountPage, PAGES};

const STYLE: &str = include_str!("../pages/account.css");
const SCRIPT: &str = include_str!("../pages/account.js");

/// The pages and what they load.
pub fn router() -> Router {
    let loaded = Router::new()
        .route(
            "/account.css",
            page(
                "text/css; charset=utf-8",
                Bytes::from_static(STYLE.as_bytes()),
            ),
        )
        .route(
            "/account.js",
            page(
                "text/javascript; charset=utf-8",
                Bytes::from_static(SCRIPT.as_bytes()),
            ),
        );
    PAGES.iter().fold(loaded, |router, page| {
        let show = async move |headers: HeaderMap| show(page, &headers);
        router.route(page.path, get(show))
    })
}

fn show(page: &AccountPage, headers: &HeaderMap) -> Response {
    let accepted = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let language = Language::choose(None, accepted);
    let mut response = answer("text/html; charset=utf-8", Bytes::from(page.html(language)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.append(VARY, HeaderValue::from_static("accept-language"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_knows_every_page_and_writes_no_markup() {
        for page in &PAGES {
            assert!(SCRIPT.contains(&format!("{}: () =>", page.name)));
        }
        assert!(!SCRIPT.contains("innerHTML") && !SCRIPT.contains("://"));
    }

    #[test]
    fn the_style_loads_nothing() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }

    #[test]
    fn readers_get_their_language() {
        let shown = |accepted: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
            let response = show(&PAGES[0], &headers);
            assert_eq!(response.headers()["vary"], "accept-language");
            response.headers()["content-language"].clone()
        };
        assert_eq!(shown("vi-VN,vi;q=0.9,en;q=0.8"), "vi");
        assert_eq!(shown("fr, en;q=0.5"), "en");
        assert_eq!(shown("fr"), "en");
    }
}
