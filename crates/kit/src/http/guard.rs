//! Headers that keep browsers from doing with an answer what it is not for.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// For what says nothing else of itself: an answer of the API is no page. Pages bring their own policy.
const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// A year, in which browsers will not speak to this host without TLS.
const TRANSPORT: &str = "max-age=31536000";

/// Adds them. `https` says that people reach the shop by https alone.
pub(super) fn add(headers: &mut HeaderMap, https: bool) {
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // For browsers that do not know `frame-ancestors`.
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(POLICY));
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(TRANSPORT),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_its_own_policy_and_transport_is_promised_behind_https_alone() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'self'"),
        );
        add(&mut headers, false);
        assert_eq!(headers["content-security-policy"], "default-src 'self'");
        assert!(!headers.contains_key("strict-transport-security"));
        let mut headers = HeaderMap::new();
        add(&mut headers, true);
        assert_eq!(headers["content-security-policy"], POLICY);
        assert_eq!(headers["strict-transport-security"], TRANSPORT);
    }
}
