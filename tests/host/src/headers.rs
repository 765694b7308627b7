//! The headers that Spin gives every request on its way to a component.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use http::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue};
use http::uri::{Authority, Scheme, Uri};

use crate::allowed_hosts::chaining_target;
use crate::routes::RouteMatch;

const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");
/// Followed by the name of a `:name` segment.
const PATH_MATCH: &str = "spin-path-match-";

/// Gives the request an absolute URI, removes what a guest must not see and sets what Spin tells
/// it. Afterwards each of Spin's headers is there once and comes from the host.
pub fn prepare<B>(
    request: &mut http::Request<B>,
    route: &RouteMatch,
    client: SocketAddr,
) -> Result<()> {
    strip(request.headers_mut());
    let uri = absolute_uri(request.uri(), request.headers())?;
    // A request from another component has no host header, and Spin says `localhost` then.
    let host = match request.headers().get(HOST) {
        Some(host) => host.to_str()?,
        None => "localhost",
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let full_url = format!("http://{host}{path}");
    *request.uri_mut() = uri;

    let headers = request.headers_mut();
    for (name, value) in headers.iter() {
        ensure!(
            std::str::from_utf8(value.as_bytes()).is_ok(),
            "the value of header {name} is not UTF-8"
        );
    }
    for (name, value) in [
        (PATH_INFO, route.path_info.as_str()),
        (FULL_URL, full_url.as_str()),
        (MATCHED_ROUTE, route.based_route.as_str()),
        (BASE_PATH, "/"),
        (RAW_COMPONENT_ROUTE, route.raw_route.as_str()),
        (COMPONENT_ROUTE, route.prefix()),
        (CLIENT_ADDR, client.to_string().as_str()),
    ] {
        headers.insert(name, HeaderValue::from_str(value)?);
    }
    for (name, value) in &route.named {
        let name = format!(
            "{PATH_MATCH}{}",
            name.to_ascii_lowercase().replace('_', "-")
        );
        headers.insert(HeaderName::try_from(name)?, HeaderValue::from_str(value)?);
    }
    Ok(())
}

/// Removes what belongs to the connection, and what a client put under Spin's names.
fn strip(headers: &mut HeaderMap) {
    headers.remove(CONNECTION);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(|host| chaining_target(host).is_some()) {
        headers.remove(HOST);
    }
    let forged: Vec<_> = headers
        .keys()
        .filter(|name| is_spins(name))
        .cloned()
        .collect();
    for name in forged {
        headers.remove(name);
    }
}

fn is_spins(name: &HeaderName) -> bool {
    [
        FULL_URL,
        PATH_INFO,
        MATCHED_ROUTE,
        COMPONENT_ROUTE,
        RAW_COMPONENT_ROUTE,
        BASE_PATH,
        CLIENT_ADDR,
    ]
    .contains(name)
        || name.as_str().starts_with(PATH_MATCH)
}

/// The URI of a request to a server is relative: the rest is in `host`.
fn absolute_uri(uri: &Uri, headers: &HeaderMap) -> Result<Uri> {
    let from_header = headers
        .get(HOST)
        .map(|host| {
            let host = host.to_str().context("the host header is not ASCII")?;
            host.parse::<Authority>()
                .context("the host header is not an authority")
        })
        .transpose()?;
    let mut parts = uri.clone().into_parts();
    let authority = match (from_header, parts.authority.take()) {
        (Some(header), Some(uri)) if header != uri => {
            bail!("the host header {header} differs from the request's authority {uri}")
        }
        (Some(authority), _) | (None, Some(authority)) => authority,
        (None, None) => bail!("the request has no host header"),
    };
    parts.authority = Some(authority);
    parts.scheme = Some(Scheme::HTTP);
    if parts.path_and_query.is_none() {
        parts.path_and_query = Some(http::uri::PathAndQuery::from_static("/"));
    }
    Ok(Uri::from_parts(parts)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(headers: &[(&str, &str)]) -> http::Request<()> {
        let mut request = http::Request::get("/foo/42/bar?q=1").body(()).unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let route = RouteMatch {
            component: "c".to_owned(),
            raw_route: "/foo/:user_id/...".to_owned(),
            based_route: "/foo/:user_id/...".to_owned(),
            path_info: "/bar".to_owned(),
            named: vec![("user_id".to_owned(), "42".to_owned())],
        };
        prepare(&mut request, &route, "127.0.0.1:8777".parse().unwrap()).unwrap();
        request
    }

    #[test]
    fn a_request_carries_what_spin_says_about_it() {
        let request = prepared(&[("host", "shop.example")]);
        let header = |name: &str| request.headers()[name].to_str().unwrap();
        assert_eq!(
            header("spin-full-url"),
            "http://shop.example/foo/42/bar?q=1"
        );
        assert_eq!(header("spin-path-info"), "/bar");
        assert_eq!(header("spin-matched-route"), "/foo/:user_id/...");
        assert_eq!(header("spin-raw-component-route"), "/foo/:user_id/...");
        assert_eq!(header("spin-component-route"), "/foo/:user_id");
        assert_eq!(header("spin-base-path"), "/");
        assert_eq!(header("spin-client-addr"), "127.0.0.1:8777");
        assert_eq!(header("spin-path-match-user-id"), "42");
        assert_eq!(request.uri(), "http://shop.example/foo/42/bar?q=1");
    }

    #[test]
    fn a_client_cannot_forge_them() {
        let request = prepared(&[
            ("host", "shop.example"),
            ("spin-client-addr", "10.0.0.1:1"),
            ("spin-client-addr", "10.0.0.2:1"),
            ("spin-path-match-role", "admin"),
        ]);
        let addresses: Vec<_> = request
            .headers()
            .get_all("spin-client-addr")
            .iter()
            .collect();
        assert_eq!(addresses, ["127.0.0.1:8777"]);
        assert!(!request.headers().contains_key("spin-path-match-role"));
    }

    #[test]
    fn connection_is_removed_and_the_rest_kept() {
        let request = prepared(&[
            ("host", "shop.example"),
            ("connection", "keep-alive"),
            ("accept", "text/plain"),
        ]);
        assert!(!request.headers().contains_key("connection"));
        assert_eq!(request.headers()["accept"], "text/plain");
        assert_eq!(request.headers()["host"], "shop.example");
    }

    #[test]
    fn a_request_without_host_is_refused() {
        let mut request = http::Request::get("/").body(()).unwrap();
        let route = RouteMatch::chained("c", "/");
        let client = "127.0.0.1:1".parse().unwrap();
        assert!(prepare(&mut request, &route, client).is_err());
    }
}
