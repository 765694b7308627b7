//! `/verify`, `/reset-password` and `/forgot-password`: what the links in letters lead to, for whoever runs no site of
//! their own. In the reader's language; static otherwise.
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

/// A page in each language.
struct Page {
    path: &'static str,
    english: &'static str,
    vietnamese: &'static str,
}

const PAGES: [Page; 3] = [
    Page {
        path: "/verify",
        english: include_str!("../pages/verify.en.html"),
        vietnamese: include_str!("../pages/verify.vi.html"),
    },
    Page {
        path: "/reset-password",
        english: include_str!("../pages/reset-password.en.html"),
        vietnamese: include_str!("../pages/reset-password.vi.html"),
    },
    Page {
        path: "/forgot-password",
        english: include_str!("../pages/forgot-password.en.html"),
        vietnamese: include_str!("../pages/forgot-password.vi.html"),
    },
];
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

fn show(page: &Page, headers: &HeaderMap) -> Response {
    let accepted = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let language = Language::choose(None, accepted);
    let text = match language {
        Language::English => page.english,
        Language::Vietnamese => page.vietnamese,
    };
    let mut response = answer(
        "text/html; charset=utf-8",
        Bytes::from_static(text.as_bytes()),
    );
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.append(VARY, HeaderValue::from_static("accept-language"));
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The values of an attribute in a page.
    fn values<'a>(html: &'a str, attribute: &str) -> BTreeSet<&'a str> {
        let marked = format!("{attribute}=\"");
        html.split(&marked)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect()
    }

    #[test]
    fn pages_say_the_same_in_each_language_and_load_nothing_from_elsewhere() {
        for page in &PAGES {
            for (html, language) in [(page.english, "en"), (page.vietnamese, "vi")] {
                assert!(html.contains(&format!("<html lang=\"{language}\">")));
                assert!(!html.contains("<style") && !html.contains(" style="));
                assert!(!html.contains("<script>") && !html.contains("://"));
                // What has a name could be sent by a browser without the script.
                assert!(!html.replace("<meta name=", "").contains(" name="));
            }
            for attribute in ["data-outcome", "data-page", "id", "href", "for"] {
                let (english, vietnamese) = (
                    values(page.english, attribute),
                    values(page.vietnamese, attribute),
                );
                assert_eq!(english, vietnamese, "{}: {attribute}", page.path);
            }
        }
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }

    #[test]
    fn the_script_knows_every_page_and_writes_no_markup() {
        for page in &PAGES {
            for name in values(page.english, "data-page") {
                assert!(SCRIPT.contains(&format!("{name}: () =>")), "{name}");
            }
        }
        assert!(!SCRIPT.contains("innerHTML") && !SCRIPT.contains("://"));
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
