//! Rubbish in paths and queries, and at the doors of the payment providers.

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use super::operations::{good_query, operations, word};
use super::{refused, somebody, walked};
use crate::support::actor::send;

#[tokio::test]
async fn words_in_paths_may_be_rubbish() {
    let app = walked();
    let actor = somebody(app).await;
    let id = Uuid::now_v7().to_string();
    let mut walked = 0;
    for operation in operations() {
        for name in operation.names().iter().filter(|name| word(name).is_some()) {
            walked += 1;
            for rubbish in [
                "x",
                "%00",
                "a%00b",
                "%ff%fe",
                "%20",
                "..%2f..%2fetc",
                "%F0%9F%92%A9",
                "'; DROP TABLE payment.wallet; --",
                &"9".repeat(3_000),
            ] {
                let path = operation.path_of(|other| {
                    let good = word(other).unwrap_or(&id);
                    if other == *name { rubbish } else { good }.to_owned()
                });
                let request = operation.request(&actor, &path);
                let reply = send(match &operation.body {
                    Some(body) => request.json(body),
                    None => request,
                })
                .await;
                let short: String = rubbish.chars().take(40).collect();
                let what = format!("{} with {short:?} as {name}", operation.name());
                assert!(reply.status < 500, "{what}: {}", reply.raw);
                if reply.status >= 400 {
                    refused(
                        &what,
                        &reply,
                        &[400, 401, 404, 405, 409, 412, 413, 422, 428],
                    );
                }
            }
        }
    }
    assert!(walked >= 8, "only {walked} words in paths");
}

#[tokio::test]
async fn webhooks_believe_nobody() {
    let app = walked();
    let stranger = app.stranger();
    for provider in ["sandbox", "stripe", "vnpay", "sepay", "nowhere"] {
        let path = format!("/v1/payment-providers/{provider}/webhooks");
        for (kind, body) in [
            ("application/json", b"{}".to_vec()),
            ("application/json", b"{\"id\":".to_vec()),
            ("application/json", vec![b'['; 50_000]),
            ("application/json", vec![b'x'; 2 << 20]),
            (
                "application/x-www-form-urlencoded",
                b"a=%ff&a=%00&=".to_vec(),
            ),
            ("text/plain", b"\xff\xfe\x00".to_vec()),
            ("text/plain", Vec::new()),
        ] {
            for signature in ["", "t=1,v1=00", "\u{f8}", &"f".repeat(4_000)] {
                let mut request = stranger
                    .request(
                        Method::POST,
                        &format!("{path}?vnp_SecureHash=00&vnp_TxnRef=%00"),
                    )
                    .header("content-type", kind)
                    .body(body.clone());
                for name in [
                    "stripe-signature",
                    "stoa-signature",
                    "authorization",
                    "x-secret-key",
                ] {
                    let value = reqwest::header::HeaderValue::from_bytes(signature.as_bytes());
                    request = request.header(name, value.expect("a header"));
                }
                let reply = send(request).await;
                // Off, or not signed; one answers in its provider's own form, with its own word for no.
                assert!(
                    reply.status < 500 || reply.status == 503,
                    "{provider}: {}",
                    reply.raw
                );
                assert!(
                    reply.status >= 400 || !["sandbox", "stripe"].contains(&provider),
                    "{provider} believed {} bytes: {}",
                    body.len(),
                    reply.raw
                );
            }
        }
    }
}

#[tokio::test]
async fn queries_refuse_what_is_none_of_theirs() {
    let app = walked();
    let actor = somebody(app).await;
    let id = Uuid::now_v7().to_string();
    let document = crate::openapi::document();
    let mut walked = 0;
    for operation in operations() {
        let asked: Vec<&Value> = operation
            .parameters
            .iter()
            .filter(|p| p["in"] == "query" && p["name"] != "limit" && p["name"] != "cursor")
            .collect();
        for parameter in &asked {
            let name = parameter["name"].as_str().expect("a name");
            // What it needs besides is there and good.
            let mut others = good_query(&document, &operation.parameters, Some(name));
            if !others.is_empty() {
                others.insert(0, '&');
            }
            let closed = is_closed(&document, &parameter["schema"]);
            walked += usize::from(closed);
            for value in [
                "no_such_thing",
                "%00",
                "a%00b",
                "%ff%fe",
                "%27%3B--",
                "%F0%9F%92%A9",
                "-99999999999999999999",
                &"x".repeat(5_000),
            ] {
                let path = format!("{}?{name}={value}{others}", operation.path_with(&id));
                let request = operation.request(&actor, &path);
                let reply = send(match &operation.body {
                    Some(body) => request.json(body),
                    None => request,
                })
                .await;
                let short: String = value.chars().take(40).collect();
                let what = format!("{} ?{name}={short}", operation.name());
                assert!(reply.status < 500, "{what}: {}", reply.raw);
                if closed || reply.status >= 400 {
                    refused(&what, &reply, &[400, 404, 422]);
                }
            }
        }
    }
    assert!(walked >= 20, "only {walked} parameters of few values");
}

/// Whether a schema takes few values, and so none of the rubbish.
fn is_closed(document: &Value, schema: &Value) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document
            .pointer(reference.trim_start_matches('#'))
            .expect("the schema exists");
        return is_closed(document, target);
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        if let Some(options) = schema[choice].as_array() {
            return options.iter().any(|option| is_closed(document, option));
        }
    }
    let is = |kind: &str| {
        schema["type"] == kind
            || schema["type"]
                .as_array()
                .is_some_and(|kinds| kinds.iter().any(|k| k == kind))
    };
    let form = schema["format"].as_str().unwrap_or_default();
    schema["enum"].is_array()
        || is("boolean")
        || is("integer")
        || (is("string") && ["uuid", "date", "date-time"].contains(&form))
}
