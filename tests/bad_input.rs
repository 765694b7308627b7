//! Rubbish at every door: each route of the OpenAPI document, each kind of bad input, the expected
//! problem document. Never a 5xx, never a trap.

pub mod operations;
mod parameters;

use std::sync::OnceLock;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use operations::operations;

use crate::accounts::bad_tokens;
use crate::support::actor::send;
use crate::support::app::App;
use crate::support::{Actor, Reply};

/// An app for walks over all operations: an administrator's rubbish may be a promotion for everybody, a
/// commission or a rate, and other tests count on theirs.
pub fn walked() -> &'static App {
    static APP: OnceLock<App> = OnceLock::new();
    APP.get_or_init(|| App::own("bad-input", &[]))
}

/// Every place in a value, as JSON pointers.
fn places(value: &Value, prefix: &str, found: &mut Vec<String>) {
    found.push(prefix.to_owned());
    match value {
        Value::Object(object) => object
            .iter()
            .for_each(|(k, v)| places(v, &format!("{prefix}/{k}"), found)),
        Value::Array(array) => array
            .iter()
            .enumerate()
            .for_each(|(n, v)| places(v, &format!("{prefix}/{n}"), found)),
        _ => {}
    }
}

#[track_caller]
fn refused(what: &str, reply: &Reply, statuses: &[u16]) {
    assert!(
        statuses.contains(&reply.status),
        "{what}: {} {}",
        reply.status,
        reply.raw
    );
    assert_eq!(
        reply.header("content-type"),
        "application/problem+json",
        "{what}: {}",
        reply.raw
    );
    assert!(
        !reply.code().is_empty() && reply.body["status"] == reply.status,
        "{what}: {}",
        reply.raw
    );
}

/// Somebody with every role, so that nothing hides behind a missing one.
async fn somebody(app: &App) -> Actor {
    let mut actor = app.someone("Walker").await;
    app.grant(&actor, "admin").await;
    actor.sign_in().await;
    actor
}

#[tokio::test]
async fn every_secured_route_refuses_missing_and_bad_tokens() {
    let app = walked();
    let good = app.someone("Walker").await;
    let mut tokens = bad_tokens(app, good.token.as_deref().expect("a token")).await;
    tokens.truncate(8);
    let id = Uuid::now_v7().to_string();
    for operation in operations().iter().filter(|o| o.secured) {
        let path = operation.path_with(&id);
        let none = send(operation.request(&app.stranger(), &path)).await;
        none.expect_problem(401, "unauthenticated");
        for token in &tokens {
            let thief = app.stranger().with_token(token);
            send(operation.request(&thief, &path))
                .await
                .expect_problem(401, "unauthenticated");
        }
    }
}

#[tokio::test]
async fn every_body_is_read_strictly() {
    let app = walked();
    let actor = somebody(app).await;
    let id = Uuid::now_v7().to_string();
    let mut walked = 0;
    for operation in operations() {
        let Some(good) = &operation.body else {
            continue;
        };
        walked += 1;
        let name = operation.name();
        let path = operation.path_with(&id);
        let raw = |body: Vec<u8>| {
            let request = operation
                .request(&actor, &path)
                .header("content-type", "application/json")
                .body(body);
            async move { send(request).await }
        };
        for (what, body) in [
            ("cut JSON", b"{\"a\":".to_vec()),
            ("no JSON", b"hello".to_vec()),
            ("nothing", Vec::new()),
            ("two values", format!("{good}{good}").into_bytes()),
            ("invalid UTF-8", b"{\"a\":\"\xff\xfe\"}".to_vec()),
        ] {
            refused(&format!("{name}: {what}"), &raw(body).await, &[400, 422]);
        }
        refused(
            &format!("{name}: deep arrays"),
            &raw(vec![b'['; 50_000]).await,
            &[400, 422],
        );
        let deep = format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
        refused(
            &format!("{name}: deep objects"),
            &raw(deep.into_bytes()).await,
            &[400, 422],
        );
        for value in [json!([]), json!("text"), json!(5), json!(null), json!(true)] {
            refused(
                &format!("{name}: {value}"),
                &raw(value.to_string().into_bytes()).await,
                &[422],
            );
        }
        let mut unknown = good.clone();
        unknown["no_such_field"] = json!(1);
        let reply = raw(unknown.to_string().into_bytes()).await;
        reply.expect_problem(422, "validation_failed");
        assert!(reply.raw.contains("no_such_field"), "{name}: {}", reply.raw);
        let large = format!("{{\"no_such_field\":\"{}\"}}", "x".repeat(2 << 20));
        raw(large.into_bytes())
            .await
            .expect_problem(413, "body_too_large");
        let form = operation
            .request(&actor, &path)
            .header("content-type", "text/plain")
            .body(good.to_string());
        send(form)
            .await
            .expect_problem(415, "unsupported_media_type");
    }
    assert!(walked >= 15, "only {walked} operations take a body");
}

#[tokio::test]
async fn every_field_survives_every_rubbish() {
    let app = walked();
    let actor = somebody(app).await;
    let id = Uuid::now_v7().to_string();
    let rubbish = [
        json!(null),
        json!(-1),
        json!(0),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e308),
        json!(1.5),
        json!(""),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("'; DROP TABLE account.account; --"),
        json!("\u{202e}\u{1f4a9}"),
        json!("x".repeat(100_000)),
        json!({}),
        json!([]),
        json!([[[]]]),
        json!({"a": {"b": "\u{0}"}}),
    ];
    for operation in operations() {
        let Some(good) = &operation.body else {
            continue;
        };
        let path = operation.path_with(&id);
        let mut found = Vec::new();
        places(good, "", &mut found);
        for place in found {
            for value in &rubbish {
                let mut body = good.clone();
                *body.pointer_mut(&place).expect("the place is there") = value.clone();
                let reply = send(operation.request(&actor, &path).json(&body)).await;
                let short: String = value.to_string().chars().take(40).collect();
                let what = format!("{} with {short} at {place:?}", operation.name());
                assert!(reply.status < 500, "{what}: {}", reply.raw);
                if reply.status >= 400 {
                    refused(
                        &what,
                        &reply,
                        &[400, 401, 403, 404, 409, 410, 412, 413, 422, 428, 429],
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn ids_that_are_none_and_ids_of_others_name_nothing() {
    let app = walked();
    let actor = somebody(app).await;
    for operation in operations().iter().filter(|o| o.has_id()) {
        for id in [
            "x",
            "0",
            "-1",
            "%00",
            "%ff%fe",
            "00000000-0000-0000-0000-00000000000g",
            &"9".repeat(300),
            "..%2f..%2fetc",
        ] {
            let path = operation.path_with(id);
            let request = operation.request(&actor, &path);
            let request = match &operation.body {
                Some(body) => request.json(body),
                None => request,
            };
            let what = format!("{} with {id:?}", operation.name());
            let reply = send(request).await;
            refused(&what, &reply, &[400, 404]);
        }
        let foreign = send(match &operation.body {
            Some(body) => operation
                .request(&actor, &operation.path_with(&Uuid::now_v7().to_string()))
                .json(body),
            None => operation.request(&actor, &operation.path_with(&Uuid::now_v7().to_string())),
        })
        .await;
        assert!(
            foreign.status < 500,
            "{}: {}",
            operation.name(),
            foreign.raw
        );
    }
}

#[tokio::test]
async fn lists_refuse_bad_limits_and_cursors() {
    let app = walked();
    let actor = somebody(app).await;
    let id = Uuid::now_v7().to_string();
    let mut walked = 0;
    for operation in operations() {
        if !operation.parameters.iter().any(|p| p["name"] == "cursor") {
            continue;
        }
        walked += 1;
        let path = operation.path_with(&id);
        let long = "A".repeat(5_000);
        for query in [
            "limit=0",
            "limit=101",
            "limit=-1",
            "limit=abc",
            "limit=1e3",
            "limit=99999999999999999999",
            "limit=%00",
            "cursor=",
            "cursor=rubbish",
            "cursor=%00",
            "cursor=eyJ2IjoyLCJrIjoxfQ",
            "cursor=eyJ2IjoxLCJrIjoxfQ",
            &format!("cursor={long}"),
        ] {
            let reply = actor.get(&format!("{path}?{query}")).await;
            let short: String = query.chars().take(40).collect();
            refused(&format!("{} ?{short}", operation.name()), &reply, &[422]);
        }
    }
    assert!(walked >= 6, "only {walked} lists");
}

#[tokio::test]
async fn conditional_changes_need_a_tag_of_ours() {
    let app = walked();
    let actor = somebody(app).await;
    let id = Uuid::now_v7().to_string();
    let mut walked = 0;
    for operation in operations().iter().filter(|o| o.needs_if_match()) {
        walked += 1;
        let path = operation.path_with(&id);
        let with = |tag: Option<&'static str>| {
            let mut request = actor.request(operation.method.clone(), &path);
            if let Some(tag) = tag {
                request = request.header("if-match", tag);
            }
            match &operation.body {
                Some(body) => request.json(body),
                None => request,
            }
        };
        send(with(None))
            .await
            .expect_problem(428, "precondition_required");
        for tag in ["rubbish", "\"abc\"", "*", "\"99999999999999999999999\""] {
            send(with(Some(tag)))
                .await
                .expect_problem(412, "stale_version");
        }
    }
    assert!(walked >= 4, "only {walked} conditional operations");
}

#[tokio::test]
async fn odd_keys_methods_and_paths_are_problems_too() {
    let app = walked();
    let actor = somebody(app).await;
    let long = "k".repeat(256);
    for key in [long.as_str(), ""] {
        let request = actor
            .request(Method::POST, "/v1/checkouts")
            .header("idempotency-key", key)
            .json(&crate::support::goods::checkout(&[(
                "018f0000-0000-7000-8000-000000000000",
                1,
            )]));
        send(request)
            .await
            .expect_problem(400, "idempotency_key_required");
    }
    for path in [
        "/nowhere",
        "/v1",
        "/v1/nowhere",
        "/v1/products/a/b/c/d",
        "/v1/../../etc/passwd",
    ] {
        actor.get(path).await.expect_problem(404, "not_found");
    }
    for operation in operations().iter().filter(|o| o.path.starts_with("/v1/")) {
        let path = operation.path_with(&Uuid::now_v7().to_string());
        let reply =
            send(actor.request(Method::from_bytes(b"TRACE").expect("a method"), &path)).await;
        assert!(
            reply.status == 405 || reply.status == 404,
            "TRACE {path}: {}",
            reply.raw
        );
    }
}
