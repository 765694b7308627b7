//! Pages of other origins, and what their browsers are told.

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::header::HeaderMap;

use crate::limits::door;
use crate::openapi::document;
use crate::support::actor::send;
use crate::support::app::shared;

const SHOP: &str = "https://shop.example";

fn told(headers: &HeaderMap, name: &str) -> String {
    let all: Vec<_> = headers
        .get_all(name)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .collect();
    all.join(", ").to_lowercase()
}

#[tokio::test]
async fn a_preflight_is_answered_for_every_route_and_allows_whom_it_should() {
    let client = door().stranger();
    for (path, item) in document()["paths"].as_object().expect("paths") {
        let path = path.replace(['{', '}'], "");
        for method in item.as_object().expect("methods").keys() {
            let method = method.to_uppercase();
            for (origin, may) in [(SHOP, true), ("https://evil.example", false)] {
                let request = client
                    .request(Method::OPTIONS, &path)
                    .header("origin", origin)
                    .header("access-control-request-method", &method)
                    .header(
                        "access-control-request-headers",
                        "authorization,idempotency-key",
                    );
                let reply = send(request).await;
                assert_eq!(reply.status, 204, "{method} {path}");
                let allowed = reply.header("access-control-allow-origin");
                assert_eq!(allowed, if may { SHOP } else { "" }, "{method} {path}");
                let methods = told(&reply.headers, "access-control-allow-methods");
                let headers = told(&reply.headers, "access-control-allow-headers");
                assert_eq!(methods.contains(&method.to_lowercase()), may, "{path}");
                assert_eq!(headers.contains("idempotency-key"), may);
            }
        }
    }
}

#[tokio::test]
async fn every_header_that_a_route_takes_is_one_that_a_page_may_send() {
    let request = door()
        .stranger()
        .request(Method::OPTIONS, "/v1/products")
        .header("origin", SHOP);
    let reply = send(request).await;
    let allowed = told(&reply.headers, "access-control-allow-headers");
    let mut taken: BTreeSet<String> = ["authorization", "content-type"].map(str::to_owned).into();
    for item in document()["paths"].as_object().expect("paths").values() {
        for operation in item.as_object().expect("methods").values() {
            let parameters = operation["parameters"].as_array();
            for parameter in parameters.into_iter().flatten() {
                if parameter["in"] == "header" {
                    let name = parameter["name"].as_str().expect("a name");
                    taken.insert(name.to_lowercase());
                }
            }
        }
    }
    // Servers of providers send these, and no page.
    let of_servers = |name: &str| name.contains("signature") || name.contains("secret");
    for name in taken.iter().filter(|name| !of_servers(name)) {
        assert!(
            allowed.split(", ").any(|a| a == name),
            "{name} is not among {allowed}"
        );
    }
}

#[tokio::test]
async fn an_answer_names_the_origin_that_asked_and_no_other() {
    let client = door().stranger();
    for (origin, may) in [
        (SHOP, true),
        ("http://localhost:5173", true),
        ("http://localhost:5174", false),
        ("http://shop.example", false),
        ("https://shop.example.evil.example", false),
        ("null", false),
    ] {
        // Refusals are to be read by the page as well.
        for (path, status) in [("/v1/categories", 200), ("/v1/me", 401)] {
            let request = client.request(Method::GET, path).header("origin", origin);
            let reply = send(request).await;
            assert_eq!(reply.status, status);
            let allowed = reply.header("access-control-allow-origin");
            assert_eq!(allowed, if may { origin } else { "" }, "{origin}");
            assert!(told(&reply.headers, "vary").contains("origin"));
            assert_eq!(reply.header("access-control-allow-credentials"), "");
            let exposed = told(&reply.headers, "access-control-expose-headers");
            assert_eq!(exposed.contains("ratelimit"), may);
        }
    }
}

#[tokio::test]
async fn without_the_variable_no_page_of_elsewhere_may() {
    let client = shared().stranger();
    for method in [Method::OPTIONS, Method::GET] {
        let request = client
            .request(method, "/v1/categories")
            .header("origin", SHOP);
        let reply = send(request).await;
        assert!(reply.status < 300);
        assert!(
            !reply
                .headers
                .keys()
                .any(|name| name.as_str().starts_with("access-control-")),
            "{:?}",
            reply.headers
        );
    }
}
