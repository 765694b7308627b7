//! Names that look like others, and bodies and paths that hold more than they should.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{login, with};
use crate::bad_input::operations::{self, Operation};
use crate::roles::staff;
use crate::support::actor::{PASSWORD, send};
use crate::support::app::{shared, text};

#[tokio::test]
async fn look_alike_identifiers() {
    let app = shared();
    let ana = app.someone("Ana").await;
    let register = |field: &'static str, value: String| {
        let body = json!({"password": PASSWORD, "name": "Twin", "country": "VN", "locale": "en"});
        let body = with(&body, field, json!(value));
        async move { app.stranger().post("/v1/accounts", body).await }
    };
    let name = ana.username.clone();
    // The same to the store.
    for same in [
        name.to_uppercase(),
        format!(" {name} "),
        format!("\t{name}"),
    ] {
        let reply = register("username", same.clone()).await;
        assert!(
            reply.code() == "username_taken" || reply.code() == "validation_failed",
            "{same:?}: {reply:?}"
        );
    }
    // The same to the eye.
    for twin in [
        name.replacen('a', "\u{430}", 1),
        name.replacen('a', "\u{ff41}", 1),
        name.replacen('a', "\u{e1}", 1),
        name.replacen('a', "a\u{301}", 1),
        format!("{name}\u{200b}"),
        format!("\u{202e}{name}"),
        format!("{name}\u{0}"),
        name.replace('-', "\u{2010}"),
    ] {
        register("username", twin.clone())
            .await
            .expect_problem(422, "validation_failed");
        let reply = login(&app.stranger(), &twin, PASSWORD).await;
        assert!((400..500).contains(&reply.status), "{twin:?}: {reply:?}");
    }
    for twin in [
        ana.email().replacen('a', "\u{430}", 1),
        ana.email().replace('@', "\u{ff20}"),
        ana.email().replace(".com", ".\u{441}om"),
        ana.email().replace("example", "ex\u{e4}mple"),
        format!("{}\u{200b}", ana.email()),
        format!("x@y.example,{}", ana.email()),
        format!("{}\r\nbcc: x@y.example", ana.email()),
    ] {
        register("email", twin.clone())
            .await
            .expect_problem(422, "validation_failed");
    }
    for twin in [
        "+８４９１２３４５６７８",
        "+84\u{200b}912345678",
        "+٨٤912345678",
    ] {
        register("phone", twin.to_owned())
            .await
            .expect_problem(422, "validation_failed");
    }
    // Its case does not make another address, nor another account.
    let me = login(&app.stranger(), &ana.email().to_uppercase(), PASSWORD)
        .await
        .expect(201);
    assert_eq!(text(&me["account"]["id"]), ana.id.to_string());
}

/// What nobody may say of themselves, or of what is theirs.
const PRIVILEGED: &[&str] = &[
    "id",
    "account_id",
    "actor_id",
    "owner_id",
    "seller_id",
    "buyer_id",
    "role",
    "roles",
    "is_admin",
    "admin",
    "status",
    "state",
    "verified",
    "email_verified",
    "email_verified_at",
    "phone_verified",
    "password_hash",
    "version",
    "created_at",
    "updated_at",
    "suspended_until",
    "balance",
    "total",
    "discount",
    "sold",
    "rating",
    "__proto__",
    "constructor",
    "$set",
];

/// The names of the fields that a body of the document may have, at its top.
fn known_fields(document: &Value, operation: &Operation) -> Vec<String> {
    let method = operation.method.as_str().to_lowercase();
    let schema = &document["paths"][&operation.path][&method]["requestBody"]["content"]["application/json"]
        ["schema"];
    let mut found = Vec::new();
    gather(document, schema, &mut found);
    found
}

fn gather(document: &Value, schema: &Value, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#'));
        return gather(document, target.expect("the schema"), found);
    }
    for part in ["allOf", "oneOf", "anyOf"] {
        for one in schema[part].as_array().into_iter().flatten() {
            gather(document, one, found);
        }
    }
    let properties = schema["properties"].as_object();
    found.extend(
        properties
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone()),
    );
}

#[tokio::test]
async fn mass_assignment() {
    let app = shared();
    let admin = staff(app, "Ada", "admin").await;
    let document = crate::openapi::document();
    let id = Uuid::now_v7().to_string();
    let mut walked = 0;
    for operation in operations::operations() {
        let Some(good) = &operation.body else {
            continue;
        };
        let known = known_fields(&document, &operation);
        let path = operation.path_with(&id);
        for field in PRIVILEGED.iter().filter(|f| !known.iter().any(|k| k == *f)) {
            walked += 1;
            let body = with(good, field, json!("admin"));
            let reply = send(operation.request(&admin, &path).json(&body)).await;
            reply.expect_problem(422, "validation_failed");
            assert!(
                reply.body["errors"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|e| e["code"] == "unknown_field")),
                "{} took {field}: {}",
                operation.name(),
                reply.raw
            );
        }
    }
    assert!(walked > 1_000, "only {walked} fields");
}

#[tokio::test]
async fn line_breaks_and_paths_in_what_is_sent() {
    let app = shared();
    let ana = app.someone("Ana").await;
    for path in [
        "/v1/accounts/%0d%0aset-cookie:%20a=b",
        "/v1/accounts/x%0d%0a%0d%0a%3Chtml%3E",
        "/v1/me/contacts/..%2f..%2faudit",
        "/v1/accounts/%2e%2e/%2e%2e/etc/passwd",
        "/v1/accounts/..%5c..%5cwindows",
        "/v1//audit",
        "/v1/./audit",
    ] {
        let reply = ana.get(path).await;
        assert!((400..500).contains(&reply.status), "{path}: {reply:?}");
        assert_eq!(reply.header("set-cookie"), "", "{path}");
    }
    // A request id is answered as it came only where it is plain.
    for (sent, answered) in [("abc-1_2", true), ("a b", false), ("a;b=<script>", false)] {
        let request = ana
            .request(Method::GET, "/v1/me")
            .header("x-request-id", sent);
        assert_eq!(send(request).await.header("x-request-id") == sent, answered);
    }
}
