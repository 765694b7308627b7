//! What every answer carries, what every request has to keep to, and what is written down of it.

use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::limits::door;
use crate::support::actor::send;
use crate::support::app::shared;
use crate::support::{App, Reply, until};

fn guarded(reply: &Reply, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(reply.header(name), value, "{what}: {name}");
    }
    let policy = reply.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{what}: {policy}"
    );
    let length = reply.header("content-length");
    assert!(
        reply.status == 204 || !length.is_empty(),
        "{what} has no length"
    );
}

#[tokio::test]
async fn every_answer_is_guarded_pages_and_refusals_included() {
    let app = shared();
    let client = app.stranger();
    for (path, status) in [
        ("/", 200),
        ("/docs", 200),
        ("/docs.css", 200),
        ("/docs.js", 200),
        ("/openapi.json", 200),
        ("/healthz", 200),
        ("/mailbox", 200),
        ("/.well-known/jwks.json", 200),
        ("/v1/categories", 200),
        ("/v1/me", 401),
        ("/v1/products/none", 404),
        ("/nowhere", 404),
    ] {
        let reply = client.get(path).await;
        assert_eq!(reply.status, status, "{path}");
        guarded(&reply, path);
        assert_eq!(reply.header("strict-transport-security"), "", "{path}");
    }
    let posted = client.post("/v1/sessions", json!({"nonsense": 1})).await;
    assert_eq!(posted.status, 422);
    guarded(&posted, "a refused body");
    guarded(
        &send(client.request(Method::OPTIONS, "/v1/sessions")).await,
        "a preflight",
    );
}

#[tokio::test]
async fn pages_may_load_what_they_are_made_of() {
    let client = shared().stranger();
    let docs = client.get("/docs").await;
    let policy = docs.header("content-security-policy");
    for part in [
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    for (path, kind) in [("/docs.css", "text/css"), ("/docs.js", "text/javascript")] {
        assert!(docs.raw.contains(path));
        let reply = client.get(path).await;
        assert!(reply.header("content-type").starts_with(kind));
    }
}

#[tokio::test]
async fn behind_https_browsers_are_told_to_stay_there() {
    let reply = door().stranger().get("/v1/categories").await;
    assert_eq!(
        reply.header("strict-transport-security"),
        "max-age=31536000"
    );
}

#[tokio::test]
async fn json_is_read_to_a_depth_of_64() {
    let client = shared().stranger();
    let ask = async |depth: usize| {
        let body = format!(
            "{{\"identifier\":{}1{},\"password\":\"x\"}}",
            "[".repeat(depth),
            "]".repeat(depth)
        );
        let request = client.request(Method::POST, "/v1/sessions");
        send(
            request
                .header("content-type", "application/json")
                .body(body),
        )
        .await
    };
    ask(63).await.expect_problem(422, "validation_failed");
    for depth in [64, 127, 200, 100_000] {
        let reply = ask(depth).await;
        reply.expect_problem(400, "malformed_request");
        assert_eq!(reply.body["errors"][0]["code"], "too_deep");
    }
}

#[tokio::test]
async fn a_body_that_comes_byte_by_byte_is_given_up_after_ten_seconds() {
    let address = shared().url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("connected");
    let head = format!(
        "POST /v1/sessions HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: 100000\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let begun = Instant::now();
    let (mut reading, mut writing) = stream.into_split();
    let dripping = tokio::spawn(async move {
        while writing.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    let mut said = Vec::new();
    let mut buffer = [0_u8; 4096];
    let limit = Duration::from_secs(20);
    while !String::from_utf8_lossy(&said).contains("request_timeout") {
        let read = tokio::time::timeout(limit, reading.read(&mut buffer))
            .await
            .expect("an answer in time")
            .expect("an answer");
        assert!(read > 0, "{}", String::from_utf8_lossy(&said));
        said.extend_from_slice(&buffer[..read]);
    }
    dripping.abort();
    assert!(String::from_utf8_lossy(&said).starts_with("HTTP/1.1 408"));
    let took = begun.elapsed();
    assert!(
        took >= Duration::from_secs(9) && took < Duration::from_secs(15),
        "{took:?}"
    );
}

/// Everything that the app's processes have written.
fn written(directory: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.push_str(&written(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            all.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    all
}

/// The line of a request, by its id.
async fn line(app: &App, id: &str) -> Value {
    let needle = format!("\"request_id\":\"{id}\"");
    until("the line is written", Duration::from_secs(10), || async {
        let all = written(&app.data_dir.join("logs"));
        let line = all.lines().find(|l| l.contains(&needle))?;
        serde_json::from_str(&line[line.find('{')?..]).ok()
    })
    .await
}

#[tokio::test]
async fn a_request_leaves_one_line_without_anything_that_is_nobodys_business() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let (id, secret) = (
        Uuid::new_v4().simple().to_string(),
        Uuid::new_v4().simple().to_string(),
    );
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let product = Uuid::new_v4();
    let request = ana
        .request(Method::GET, &format!("/v1/products/{product}?q={secret}"))
        .header("x-request-id", &id)
        .header("traceparent", trace)
        .header("user-agent", &secret);
    send(request).await.expect_problem(404, "not_found");
    let said = line(app, &id).await;
    for (name, value) in [
        ("module", json!("catalog")),
        ("method", json!("GET")),
        ("route", json!("/v1/products/{id}")),
        ("status", json!(404)),
        ("code", json!("not_found")),
        ("traceparent", json!(trace)),
        ("account_id", json!(ana.id)),
    ] {
        assert_eq!(said[name], value, "{name}: {said}");
    }
    assert!(said["ms"].is_number() && said["bytes"].is_number() && said["time"].is_string());

    // A body, and a path that is no route.
    let id = Uuid::new_v4().simple().to_string();
    let request = ana
        .request(Method::POST, &format!("/v1/nowhere/{secret}"))
        .header("x-request-id", &id)
        .json(&json!({"password": secret}));
    send(request).await;
    let said = line(app, &id).await;
    assert!(said["route"].is_null(), "{said}");

    let all = written(&app.data_dir.join("logs"));
    assert!(!all.contains(&secret) && !all.contains(&product.to_string()));
    let token = ana.token.clone().expect("signed in");
    assert!(!all.contains(&token));
}

#[tokio::test]
async fn nothing_is_written_down_when_it_is_not_wanted() {
    let app = App::with_variables("quiet", &[("log_requests", "off")], &[]);
    app.stranger().get("/v1/categories").await.expect(200);
    app.stranger().get("/nowhere").await.expect(404);
    assert!(!written(&app.data_dir.join("logs")).contains("\"request_id\""));
}
