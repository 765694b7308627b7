use axum::routing::{get, post};
use futures::executor::block_on;

use super::*;
use crate::http::cors::Origins;
use crate::http::{Answer, Json};

fn routes() -> axum::Router {
    axum::Router::new()
        .route("/things/{id}", get(async || Answer::json(&json!({"a": 1}))))
        .route(
            "/things",
            post(async |Json(_): Json<Thing>| Answer::no_content()),
        )
}

#[derive(serde::Deserialize, garde::Validate)]
#[garde(allow_unvalidated)]
struct Thing {
    #[serde(rename = "a")]
    _a: Value,
}

static MODULE: Module = Module {
    name: "test",
    db: crate::pg::Db::new("test_db"),
    router: routes,
    problems: &[],
};

fn ask(
    settings: &Settings,
    request: http::request::Builder,
    body: &str,
) -> http::Response<Full<Bytes>> {
    let request = request
        .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
        .expect("a request");
    block_on(serve(settings, &MODULE, request))
}

fn problem(response: http::Response<Full<Bytes>>) -> Value {
    let bytes = block_on(response.into_body().collect())
        .expect("a body")
        .to_bytes();
    serde_json::from_slice(&bytes).expect("a problem")
}

#[test]
fn every_answer_is_guarded_and_has_a_length_and_an_id() {
    let settings = Settings {
        https: true,
        log: true,
        ..Settings::default()
    };
    for (path, status) in [("/things/1", 200), ("/nowhere", 404)] {
        let response = ask(&settings, http::Request::get(path), "");
        assert_eq!(response.status(), status);
        for name in [
            "x-content-type-options",
            "referrer-policy",
            "x-frame-options",
            "content-security-policy",
            "strict-transport-security",
            "content-length",
            "x-request-id",
            "cache-control",
        ] {
            assert!(response.headers().contains_key(name), "{path}: {name}");
        }
    }
}

#[test]
fn a_preflight_is_answered_for_every_path_and_allows_those_who_are_named() {
    let settings = Settings {
        origins: Origins::parse("https://shop.example").expect("origins"),
        ..Settings::default()
    };
    for (origin, allowed) in [
        ("https://shop.example", true),
        ("https://other.example", false),
    ] {
        let request = http::Request::options("/anything/at/all")
            .header("origin", origin)
            .header("access-control-request-method", "PUT");
        let response = ask(&settings, request, "");
        assert_eq!(response.status(), 204);
        let told = response
            .headers()
            .contains_key("access-control-allow-methods");
        assert_eq!(told, allowed, "{origin}");
    }
}

#[test]
fn a_body_that_is_too_deep_or_too_large_is_refused() {
    let settings = Settings::default();
    let send = |body: String| {
        let request = http::Request::post("/things").header("content-type", "application/json");
        problem(ask(&settings, request, &body))
    };
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(64), "]".repeat(64));
    assert_eq!(send(deep)["errors"][0]["code"], "too_deep");
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(send(large)["code"], "body_too_large");
}

#[test]
fn what_is_no_trace_context_is_not_passed_on() {
    let passed = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(
            "traceparent",
            HeaderValue::from_str(value).expect("a value"),
        );
        traceparent(&headers).is_some()
    };
    let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert!(passed(good));
    for value in [
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-\"}",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "0-00af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319cab7ad6b7169203331-01",
        "00-0af7651916cd43dd-448eb211c80319c-b7ad6b7169203331-01",
    ] {
        assert!(!passed(value), "{value}");
    }
    assert!(!passed(&"-".repeat(55)));
}

#[test]
fn who_is_refused_does_not_have_to_send_all_of_it_and_everybody_else_does() {
    let level = crate::http::limits::Level {
        left: 0,
        full_in_ms: 1,
    };
    let said = |verdict| std::future::ready((Identity::Nobody, (), Some(verdict)));
    let wait = Verdict::Wait { ms: 1, level };
    let whole = || std::future::ready(Ok(Bytes::from_static(b"x")));
    // A body that is there is there.
    for verdict in [wait, Verdict::Go(None)] {
        let ((_, (), told), body) = block_on(admitted(said(verdict), whole()));
        assert_eq!(
            (told, body.ok().as_deref()),
            (Some(verdict), Some(&b"x"[..]))
        );
    }
    // One that is late is waited for by whoever may go.
    let mut polls = 0;
    let late = std::future::poll_fn(|cx| {
        polls += 1;
        cx.waker().wake_by_ref();
        if polls < 5 {
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(Ok(Bytes::from_static(b"x")))
    });
    let (_, body) = block_on(admitted(said(Verdict::Go(None)), late));
    assert_eq!(body.ok().as_deref(), Some(&b"x"[..]));
}
