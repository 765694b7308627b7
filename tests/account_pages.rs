//! The pages that the links in letters lead to, where nobody runs a site of their own.

use serde_json::json;

use crate::support::actor::{Actor, send};
use crate::support::app::{App, shared, text};
use crate::support::{Reply, mail};

const PAGES: [&str; 3] = ["/verify", "/reset-password", "/forgot-password"];

async fn page(app: &App, path: &str, language: &str) -> Reply {
    let request = app.stranger().request(reqwest::Method::GET, path);
    send(request.header("accept-language", language)).await
}

/// A link's path, and what stands behind its `#`.
fn parts(link: &str) -> (String, String) {
    let url = reqwest::Url::parse(link).expect("a link");
    assert_eq!(url.query(), None, "{link}: servers see it");
    let fragment = url.fragment().unwrap_or_default().to_owned();
    (url.path().to_owned(), fragment)
}

async fn is_verified(actor: &Actor) -> bool {
    actor.get("/v1/me").await.expect(200)["email_verified"] == true
}

#[tokio::test]
async fn pages_come_in_the_readers_language_and_may_load_only_what_is_the_shops() {
    let app = shared();
    for path in PAGES {
        for (language, tag) in [("vi-VN,vi;q=0.9", "vi"), ("en", "en"), ("fr", "en")] {
            let page = page(app, path, language).await;
            assert_eq!(page.status, 200, "{path}");
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
            assert_eq!(page.header("content-language"), tag, "{path}");
            assert!(page.raw.contains(&format!("<html lang=\"{tag}\">")));
            let varies: Vec<&str> = page
                .headers
                .get_all("vary")
                .iter()
                .filter_map(|value| value.to_str().ok())
                .collect();
            assert!(varies.contains(&"accept-language"), "{path}: {varies:?}");
            assert_eq!(page.header("referrer-policy"), "no-referrer");
            let policy = page.header("content-security-policy");
            for part in [
                "default-src 'none'",
                "script-src 'self'",
                "connect-src 'self'",
                "form-action 'none'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            ] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            for loaded in ["/account.css", "/account.js"] {
                assert!(page.raw.contains(loaded), "{path} without {loaded}");
            }
        }
    }
    for (path, kind) in [
        ("/account.css", "text/css; charset=utf-8"),
        ("/account.js", "text/javascript; charset=utf-8"),
    ] {
        let loaded = app.stranger().get(path).await;
        assert_eq!((loaded.status, loaded.header("content-type")), (200, kind));
    }
}

#[tokio::test]
async fn whoever_looks_at_the_link_before_its_reader_does_not_use_it_up() {
    let app = shared();
    let email = mail::address();
    let nina = mail::newcomer(app, "Nina", &email).await;
    let letter = mail::newest(app, &email, 1).await;
    let (path, fragment) = parts(text(&letter["link"]));
    assert_eq!(path, "/verify");
    assert!(text(&letter["link"]).starts_with(&app.url), "{letter}");
    let token = fragment.strip_prefix("token=").expect("a token");
    for method in [reqwest::Method::GET, reqwest::Method::HEAD] {
        let whole = format!("{path}?token={token}");
        for path in [&path, &whole] {
            let seen = send(app.stranger().request(method.clone(), path)).await;
            assert_eq!(seen.status, 200, "{method} {path}");
            assert!(!seen.raw.contains(token), "{method} {path}");
        }
    }
    assert!(!is_verified(&nina).await);

    // What the button does.
    let script = app.stranger().get("/account.js").await.raw;
    assert!(script.contains("\"/v1/verifications\""), "{script}");
    let pressed = json!({"token": token});
    let done = app.stranger().post("/v1/verifications", pressed).await;
    assert_eq!(done.status, 204, "{done:?}");
    assert!(is_verified(&nina).await);
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_what_the_pages_send() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let script = app.stranger().get("/account.js").await.raw;
    for route in ["\"/v1/password-resets\"", "\"/v1/password-resets/confirm\""] {
        assert!(script.contains(route), "{route}");
    }
    let asked = json!({"identifier": ana.email()});
    let asked = app.stranger().post("/v1/password-resets", asked).await;
    assert_eq!(asked.status, 202);
    let letter = mail::newest(app, &ana.email(), 1).await;
    let (path, fragment) = parts(text(&letter["link"]));
    assert_eq!(path, "/reset-password");
    assert_eq!(page(app, &path, "vi").await.status, 200);
    let token = fragment.strip_prefix("token=").expect("a token");
    let sent = json!({"token": token, "new_password": "staple gun sandwich"});
    let stranger = app.stranger();
    let done = stranger.post("/v1/password-resets/confirm", sent).await;
    assert_eq!(done.status, 204);

    // The letter about that leads to where one asks for another one.
    let told = mail::told(app, &ana.email(), "password_changed").await;
    let (path, fragment) = parts(text(&told["link"]));
    assert_eq!((path.as_str(), fragment.as_str()), ("/forgot-password", ""));
    assert_eq!(page(app, &path, "en").await.status, 200);
}

#[tokio::test]
async fn nobody_posts_to_a_page() {
    let app = shared();
    for path in PAGES {
        let refused = app.stranger().post(path, json!({"token": "x"})).await;
        refused.expect_problem(405, "method_not_allowed");
    }
}
