//! How often somebody may ask, and what they are told of it.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::actor::{PASSWORD, send};
use crate::support::{Actor, App, Reply};

/// An app with limits that a test reaches, which hardly fill while it runs; with one shop that may call it
/// from a browser, and an address of https. For the tests of the door.
pub fn door() -> &'static App {
    static DOOR: OnceLock<App> = OnceLock::new();
    DOOR.get_or_init(|| {
        let variables = [
            ("rate_limits", "read=20/7200,write=8/7200,auth=6/7200"),
            ("cors_origins", "https://shop.example,http://localhost:5173"),
            ("public_url", "https://api.shop.example"),
        ];
        App::with_variables("door", &variables, &[])
    })
}

/// An app behind one proxy of ours, with limits that a test reaches.
fn behind_a_proxy() -> &'static App {
    static BEHIND: OnceLock<App> = OnceLock::new();
    BEHIND.get_or_init(|| {
        let variables = [
            ("rate_limits", "read=8/7200,write=4/7200,auth=6/7200"),
            ("trusted_proxies", "1"),
        ];
        App::with_variables("behind-a-proxy", &variables, &[])
    })
}

/// `r` and `t` of the answer's `RateLimit`.
fn level(reply: &Reply, class: &str) -> (u32, u32) {
    let text = reply.header("ratelimit");
    let mut parts = text.split(';');
    assert_eq!(
        parts.next(),
        Some(format!("\"{class}\"").as_str()),
        "{text}"
    );
    let mut number = |name: &str| {
        let part = parts.next().and_then(|p| p.strip_prefix(name));
        part.and_then(|n| n.parse().ok()).expect("a number")
    };
    (number("r="), number("t="))
}

fn refused(reply: &Reply) {
    reply.expect_problem(429, "rate_limited");
    let seconds: u64 = reply.header("retry-after").parse().expect("seconds");
    assert!((1..=1_200).contains(&seconds), "{seconds}");
    assert_eq!(reply.body["retry_after"], json!(seconds));
}

#[tokio::test]
async fn readers_who_are_not_signed_in_are_counted_by_address() {
    let reader = door().stranger();
    let mut before = 20;
    for _ in 0..20 {
        let reply = reader.get("/v1/categories").await;
        assert_eq!(reply.status, 200, "{}", reply.raw);
        assert_eq!(reply.header("ratelimit-policy"), "\"read\";q=20;w=7200");
        let (left, full_in) = level(&reply, "read");
        assert!(left < before, "{left} after {before}");
        assert!((1..=7_200).contains(&full_in));
        before = left;
    }
    assert_eq!(before, 0);
    for _ in 0..3 {
        let reply = reader.get("/v1/categories").await;
        refused(&reply);
        assert_eq!(level(&reply, "read").0, 0);
    }
    // What they say of where they come from changes nothing.
    for (name, value) in [
        ("x-forwarded-for", "198.51.100.7"),
        ("forwarded", "for=198.51.100.7"),
        ("spin-client-addr", "198.51.100.7:1"),
    ] {
        let request = reader.request(Method::GET, "/v1/categories");
        refused(&send(request.header(name, value)).await);
    }
    // Neither does a token that is none.
    let forged = reader.with_token("not.a.token").get("/v1/me").await;
    refused(&forged);
    door().stranger().get("/v1/categories").await.expect(200);
}

/// Asks as somebody whose requests come through the proxy with these lines of `x-forwarded-for`.
async fn through(proxy: &Actor, lines: &[&[u8]]) -> Reply {
    let request = proxy.request(Method::GET, "/v1/categories");
    let request = lines.iter().fold(request, |request, line| {
        let value = reqwest::header::HeaderValue::from_bytes(line).expect("a value");
        request.header("x-forwarded-for", value)
    });
    send(request).await
}

#[tokio::test]
async fn behind_a_proxy_everybody_is_who_the_proxy_saw_whatever_they_write_themselves() {
    let app = behind_a_proxy();
    let proxy = app.stranger();
    let policy = "\"read\";q=8;w=7200";
    // One reader, who says each time that they are somebody else, in words that are no ASCII too.
    let forged: [&[u8]; 4] = [
        b"203.0.113.7",
        b"198.51.100.1, 203.0.113.7",
        b"\xc3\xbf\xd0\x96, 203.0.113.7",
        b"caf\xc3\xa9,,203.0.113.7",
    ];
    for line in forged.into_iter().cycle().take(8) {
        let reply = through(&proxy, &[line]).await;
        assert_eq!(reply.status, 200, "{line:?}: {}", reply.raw);
        assert_eq!(reply.header("ratelimit-policy"), policy);
    }
    for line in forged {
        refused(&through(&proxy, &[line]).await);
    }
    refused(&through(&proxy, &[b"\xc3\xbf", b"203.0.113.7"]).await);
    // Another behind the same proxy, and the proxy itself, are others.
    let other = through(&proxy, &[b"203.0.113.7, 203.0.113.8"]).await;
    assert_eq!(other.status, 200, "{}", other.raw);
    proxy.get("/v1/categories").await.expect(200);
    // What the proxy wrote last counts, and nothing of it is an address: the proxy is who connected.
    let rubbish = through(&proxy, &[b"203.0.113.9, \xc3\xbf"]).await;
    assert_eq!(rubbish.status, 200, "{}", rubbish.raw);
    assert!(level(&rubbish, "read").0 < 7, "the proxy's own bucket");
}

#[tokio::test]
async fn reports_of_payment_providers_are_counted_as_reading() {
    let provider = door().stranger();
    // More than may be written, and none of them is heard.
    for _ in 0..12 {
        let path = "/v1/payment-providers/stripe/webhooks";
        let reply = provider.post(path, json!({})).await;
        assert_ne!(reply.status, 429, "{}", reply.raw);
        assert_eq!(reply.header("ratelimit-policy"), "\"read\";q=20;w=7200");
    }
}

#[tokio::test]
async fn who_is_refused_is_told_so_before_all_of_a_slow_body_has_come() {
    let app = door();
    let ana = Actor::register(app, "Ana").await;
    for _ in 0..8 {
        ana.post("/v1/me/contacts", json!({})).await;
    }
    refused(&ana.post("/v1/me/contacts", json!({})).await);
    let address = app.url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("connected");
    let token = ana.token.as_deref().expect("signed in");
    let head = format!(
        "POST /v1/me/contacts HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: 100000\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let begun = Instant::now();
    let mut said = Vec::new();
    let mut buffer = [0_u8; 4096];
    // Ten seconds are what a body may take.
    while !String::from_utf8_lossy(&said).contains("rate_limited") {
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut buffer))
            .await
            .expect("an answer in time")
            .expect("an answer");
        assert!(read > 0, "{}", String::from_utf8_lossy(&said));
        said.extend_from_slice(&buffer[..read]);
    }
    assert!(String::from_utf8_lossy(&said).starts_with("HTTP/1.1 429"));
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[tokio::test]
async fn an_account_is_counted_as_one_wherever_it_is() {
    let app = door();
    let ana = Actor::register(app, "Ana").await;
    let token = ana.token.clone().expect("signed in");
    let neighbour = app.stranger();
    let elsewhere = neighbour.with_token(&token);
    for _ in 0..10 {
        ana.get("/v1/me").await.expect(200);
        elsewhere.get("/v1/me").await.expect(200);
    }
    refused(&ana.get("/v1/me").await);
    refused(&elsewhere.get("/v1/me").await);
    // Others behind the same address are not bothered.
    neighbour.get("/v1/categories").await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_ask_at_once_no_more_are_let_through() {
    let reader = door().stranger();
    let asked = join_all((0..60).map(|_| reader.get("/v1/categories"))).await;
    // On a machine that is too busy for Redis to answer in time nobody is kept waiting; who was let through
    // so is not told how many are left.
    let (counted, uncounted): (Vec<_>, Vec<_>) = asked
        .iter()
        .partition(|r| !r.header("ratelimit").is_empty());
    assert!(uncounted.iter().all(|r| r.status == 200));
    let served = counted.iter().filter(|r| r.status == 200).count();
    assert!(served <= 20, "{served}");
    assert!(served + uncounted.len() >= 20, "{served}");
    counted
        .iter()
        .filter(|r| r.status != 200)
        .for_each(|r| refused(r));
}

#[tokio::test]
async fn what_is_refused_has_not_happened() {
    let app = door();
    let ana = Actor::register(app, "Ana").await;
    let contact = |number: u32| {
        json!({
            "receiver": format!("Ana {number}"), "phone": "+84 901 234 567",
            "address_lines": ["12 Hàng Bạc"], "city": "Hà Nội", "country": "VN",
        })
    };
    let mut answers = Vec::new();
    for number in 0..12 {
        answers.push(ana.post("/v1/me/contacts", contact(number)).await);
    }
    let (done, rest) = answers.split_at(8);
    assert!(done.iter().all(|r| r.status == 201), "{done:?}");
    rest.iter().for_each(refused);
    let list = ana.get("/v1/me/contacts").await.expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(8), "{list}");
}

#[tokio::test]
async fn trying_passwords_is_counted_apart_and_by_address_alone() {
    let app = door();
    let ana = Actor::register(app, "Ana").await;
    let robot = app.stranger();
    let wrong = json!({"identifier": ana.username, "password": "123456789"});
    for _ in 0..6 {
        let reply = robot.post("/v1/sessions", wrong.clone()).await;
        reply.expect_problem(401, "invalid_credentials");
        assert_eq!(reply.header("ratelimit-policy"), "\"auth\";q=6;w=7200");
    }
    refused(&robot.post("/v1/sessions", wrong.clone()).await);
    // Not even as somebody who is signed in.
    let token = ana.token.clone().expect("signed in");
    let signed_in = robot.with_token(&token);
    refused(&signed_in.post("/v1/sessions", wrong).await);
    // Other things they may still do, and sessions that exist go on.
    robot.get("/v1/categories").await.expect(200);
    let refresh = json!({"refresh_token": ana.refresh_token});
    robot
        .post("/v1/sessions/refresh", refresh)
        .await
        .expect(200);
    let right = json!({"identifier": ana.username, "password": PASSWORD});
    app.stranger().post("/v1/sessions", right).await.expect(201);
}

#[tokio::test]
async fn health_is_not_counted() {
    let probe = door().stranger();
    for _ in 0..40 {
        let reply = probe.get("/healthz").await;
        assert_eq!(reply.status, 200, "{}", reply.raw);
        assert_eq!(reply.header("ratelimit-policy"), "");
    }
    // The worker's is, since each time it asks Redis.
    let worker = door().stranger().get("/healthz/worker").await;
    assert_eq!(worker.header("ratelimit-policy"), "\"read\";q=20;w=7200");
}

#[tokio::test]
async fn without_redis_everything_goes_on_and_logins_are_still_locked() {
    let variables = [("rate_limits", "read=5/7200,write=5/7200,auth=40/7200")];
    let app = App::with_variables("limits-without-redis", &variables, &[]);
    let ana = Actor::register(&app, "Ana").await;
    app.signal("redis", libc::SIGSTOP);
    let reader = app.stranger();
    for _ in 0..12 {
        let begun = Instant::now();
        reader.get("/v1/categories").await.expect(200);
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "{:?}",
            begun.elapsed()
        );
    }
    let robot = app.stranger();
    let mut last = None;
    for _ in 0..11 {
        let wrong = json!({"identifier": ana.username, "password": "123456789"});
        last = Some(robot.post("/v1/sessions", wrong).await);
    }
    last.expect("a reply")
        .expect_problem(429, "too_many_logins");
    app.signal("redis", libc::SIGCONT);
}
