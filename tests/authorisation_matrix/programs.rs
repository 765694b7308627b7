//! Programs, by the API key of an administrator: they get no more than anybody, nothing that is for a person,
//! and nothing that their scope does not open.

use reqwest::Method;
use serde_json::json;

use super::cast::{Cast, Who};
use super::table::{Cell, rows};
use super::things::Things;
use super::{ask, operation};
use crate::bad_input::operations::operations;
use crate::bad_input::walked;
use crate::support::actor::{PASSWORD, send};
use crate::support::app::text;
use crate::support::{Actor, App};

/// A program with these scopes.
async fn program(app: &App, owner: &Actor, scopes: &[&str]) -> Actor {
    let body = json!({"name": "matrix", "scopes": scopes, "password": PASSWORD});
    let made = owner.post("/v1/me/api-keys", body).await.expect(201);
    let request = app
        .stranger()
        .request(Method::POST, "/v1/api-keys/token")
        .header("authorization", format!("Bearer {}", text(&made["key"])));
    let token = send(request).await.expect(200);
    app.stranger().with_token(text(&token["access_token"]))
}

/// The operations that are for a person, as the document says.
fn for_persons() -> Vec<String> {
    let document = crate::openapi::document();
    let mut names = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            let refused = operation["responses"]["403"]["description"].as_str();
            if refused.is_some_and(|codes| codes.contains("person_required")) {
                names.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    names
}

#[tokio::test]
async fn no_program_gets_more_than_anybody_or_what_is_for_a_person() {
    let app = walked();
    let cast = Cast::assemble(app).await;
    let things = Things::make(app, &cast).await;
    let admin = cast.actor(Who::Admin);
    let both = program(app, admin, &["read", "write"]).await;
    let reads = program(app, admin, &["read"]).await;
    let writes = program(app, admin, &["write"]).await;
    let (rows, operations, persons) = (rows(), operations(), for_persons());
    assert!(persons.len() >= 25, "{persons:?}");

    let mut wrong = Vec::new();
    for row in &rows {
        let operation =
            operation(row, &operations).unwrap_or_else(|| panic!("{}: no operation", row.name));
        if !operation.secured {
            continue;
        }
        let reading = operation.method.is_safe();
        let unfit = if reading { &writes } else { &reads };
        let reply = ask(row, operation, unfit, &things).await;
        if (reply.status, reply.code()) != (403, "insufficient_scope") {
            wrong.push(format!("{} beyond its scope: {}", row.name, reply.raw));
        }

        let cell = row.cell(Who::Other);
        let person = persons.contains(&operation.name());
        // What anybody may change is none of this test's matter.
        if cell == Cell::Allowed && !person && !reading {
            continue;
        }
        let reply = ask(row, operation, &both, &things).await;
        let good = match (reply.status, reply.code()) {
            (403, "person_required") => person,
            (403, "forbidden") => cell == Cell::Forbidden,
            _ => !person && cell.agrees(&reply),
        };
        if !good {
            wrong.push(format!("{} by a program: {}", row.name, reply.raw));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
