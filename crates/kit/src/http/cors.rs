//! Which pages of other origins may call the API from a browser.
//!
//! Tokens travel in headers that a page sets itself, so that nothing here asks for credentials: a browser
//! adds none, whoever calls, and `*` gives no page more than any other client has. Off unless
//! `cors_origins` names somebody: a shop on somebody's laptop is not for the pages that they visit.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const REQUEST_HEADERS: &str = "authorization, cache-control, cart-token, content-type, idempotency-key, \
                               if-match, if-none-match, traceparent, x-request-id";
const ANSWER_HEADERS: &str = "etag, idempotency-replayed, location, ratelimit, ratelimit-policy, \
                              retry-after, x-request-id";
/// For how many seconds a browser remembers the answer to its preflight.
const MAX_AGE: &str = "7200";

/// The origins that may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origins {
    /// Every one, `*`.
    Any,
    /// These, as a browser writes them.
    These(Vec<String>),
}

impl Default for Origins {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

impl Origins {
    /// Reads `cors_origins`: origins with commas between them, or `*` alone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        text.split(',')
            .map(str::trim)
            .filter(|origin| !origin.is_empty())
            .map(|origin| is_origin(origin).then(|| origin.to_owned()))
            .collect::<Option<Vec<_>>>()
            .map(Self::These)
    }

    /// What a page of this origin is told.
    fn allow(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
        match self {
            Self::Any => Some(HeaderValue::from_static("*")),
            Self::These(all) => origin
                .filter(|origin| all.iter().any(|one| one.as_bytes() == origin.as_bytes()))
                .cloned(),
        }
    }

    /// Whether an answer depends on who asks.
    fn varies(&self) -> bool {
        matches!(self, Self::These(all) if !all.is_empty())
    }
}

/// `scheme://host` or `scheme://host:port`, in the form in which browsers send it. `null` is what a page
/// says that will not say where it is from, and is nobody's.
fn is_origin(text: &str) -> bool {
    let Some(host) = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    else {
        return false;
    };
    !host.is_empty()
        && host.bytes().all(|b| {
            b.is_ascii_lowercase()
                || b.is_ascii_digit()
                || matches!(b, b'.' | b'-' | b':' | b'[' | b']')
        })
}

/// The answer to OPTIONS, of any path: what a browser asks before it calls.
pub(super) fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(METHODS));
    response
}

/// Adds what the browser of a page needs to be told.
pub(super) fn allow(
    origins: &Origins,
    origin: Option<&HeaderValue>,
    preflight: bool,
    headers: &mut HeaderMap,
) {
    if origins.varies() {
        // What is kept for one page is not for another.
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    let Some(allowed) = origins.allow(origin) else {
        return;
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    let more: &[_] = if preflight {
        &[
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
        ]
    } else {
        &[(header::ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS)]
    };
    for (name, value) in more {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(origins: &str, origin: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let origins = Origins::parse(origins).expect("origins");
        allow(
            &origins,
            Some(&HeaderValue::from_static(origin)),
            false,
            &mut headers,
        );
        headers
    }

    #[test]
    fn a_named_origin_is_told_its_own_name_and_another_nothing() {
        let named = "https://shop.example, http://localhost:5173";
        let headers = told(named, "http://localhost:5173");
        assert_eq!(
            headers["access-control-allow-origin"],
            "http://localhost:5173"
        );
        assert_eq!(headers["vary"], "origin");
        for other in [
            "http://localhost:5174",
            "https://shop.example.evil.example",
            "https://shop.example/",
            "http://shop.example",
            "https://SHOP.example",
            "null",
            "*",
        ] {
            let headers = told(named, other);
            assert!(
                !headers.contains_key("access-control-allow-origin"),
                "{other}"
            );
            assert_eq!(headers["vary"], "origin");
        }
    }

    #[test]
    fn everybody_may_without_credentials_and_nobody_unless_it_is_said() {
        let headers = told("*", "https://any.example");
        assert_eq!(headers["access-control-allow-origin"], "*");
        assert!(!headers.contains_key("access-control-allow-credentials"));
        assert!(told("", "https://any.example").is_empty());
    }

    #[test]
    fn what_is_no_origin_is_not_taken() {
        for text in [
            "null",
            "shop.example",
            "https://",
            "https://a.example/x",
            "*,https://a.example",
            "https://*.example",
            "ftp://a.example",
        ] {
            assert_eq!(Origins::parse(text), None, "{text}");
        }
    }
}
