//! Customers, and the methods that belong to them.

use std::sync::{Arc, Mutex};

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use uuid::Uuid;

use super::api::{Answer, Shared, authorised, form, refuse, remember, searched};
use super::{Books, Method, Stripe};

pub fn routes() -> Router<Arc<Mutex<Books>>> {
    Router::new()
        .route("/v1/customers", post(create))
        .route("/v1/customers/search", get(search))
        .route("/v1/payment_methods/{id}", get(read))
        .route("/v1/payment_methods/{id}/attach", post(attach))
}

impl Stripe {
    /// Somebody enters a card in the shop's page, one that pays or not: Stripe's name for it.
    pub fn card(&self, good: bool) -> String {
        let id = format!("pm_{}", Uuid::new_v4().simple());
        let method = Method {
            customer: None,
            good,
        };
        let mut books = self.books.lock().expect("no panic");
        books.methods.insert(id.clone(), method);
        id
    }

    /// The customers that were made for an account.
    pub fn customers_of(&self, account: Uuid) -> Vec<String> {
        let books = self.books.lock().expect("no panic");
        books
            .customers
            .iter()
            .filter(|customer| customer["metadata"]["account"] == account.to_string())
            .map(|customer| customer["id"].as_str().expect("an id").to_owned())
            .collect()
    }

    /// Whose a card is.
    pub fn owner_of(&self, card: &str) -> Option<String> {
        self.books.lock().expect("no panic").methods[card]
            .customer
            .clone()
    }

    /// Days go by: keys are forgotten, and the search has caught up.
    pub fn days_later(&self) {
        let mut books = self.books.lock().expect("no panic");
        books.keys.clear();
        books.indexed = books.customers.len();
    }
}

async fn create(State(books): Shared, headers: HeaderMap, body: String) -> Answer {
    let mut books = books.lock().expect("no panic");
    let known = ["metadata[account]"];
    let (key, fields) = match form(&mut books, &headers, "/v1/customers", &body, &known) {
        Ok(read) => read,
        Err(answer) => return answer,
    };
    let customer = json!({
        "id": format!("cus_{}", Uuid::new_v4().simple()), "object": "customer",
        "metadata": {"account": fields.get("metadata[account]")},
    });
    books.customers.push(customer.clone());
    remember(&mut books, &key, StatusCode::OK, customer)
}

async fn search(State(books): Shared, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let mut books = books.lock().expect("no panic");
    let account = match searched(&mut books, &headers, query, "account") {
        Ok(account) => account,
        Err(answer) => return answer,
    };
    let found: Vec<Value> = books
        .customers
        .iter()
        .take(books.indexed)
        .filter(|customer| customer["metadata"]["account"] == account.as_str())
        .cloned()
        .collect();
    let answer = json!({"object": "search_result", "data": found, "has_more": false});
    (StatusCode::OK, Json(answer))
}

async fn read(State(books): Shared, headers: HeaderMap, Path(id): Path<String>) -> Answer {
    let mut books = books.lock().expect("no panic");
    if !authorised(&headers) {
        return refuse(&mut books, 401, "invalid_request_error", "Invalid API Key");
    }
    match books.methods.get(&id) {
        Some(method) => (StatusCode::OK, Json(shown(&id, method))),
        None => no_such(&mut books),
    }
}

async fn attach(
    State(books): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: String,
) -> Answer {
    let mut books = books.lock().expect("no panic");
    let path = format!("/v1/payment_methods/{id}/attach");
    let (key, fields) = match form(&mut books, &headers, &path, &body, &["customer"]) {
        Ok(read) => read,
        Err(answer) => return answer,
    };
    let customer = fields.get("customer").cloned().unwrap_or_default();
    if !books
        .customers
        .iter()
        .any(|it| it["id"] == customer.as_str())
    {
        return refuse(&mut books, 400, "invalid_request_error", "No such customer");
    }
    let answer = match books.methods.get_mut(&id) {
        None => return no_such(&mut books),
        // Whoever it belongs to: the documentation does not say that the same one is welcome.
        Some(method) if method.customer.is_some() => {
            let text = "The payment method you provided has already been attached to a customer.";
            return refuse(&mut books, 400, "invalid_request_error", text);
        }
        Some(method) => {
            method.customer = Some(customer);
            shown(&id, method)
        }
    };
    remember(&mut books, &key, StatusCode::OK, answer)
}

fn no_such(books: &mut Books) -> Answer {
    refuse(books, 404, "invalid_request_error", "No such PaymentMethod")
}

fn shown(id: &str, method: &Method) -> Value {
    json!({"id": id, "object": "payment_method", "type": "card", "customer": method.customer})
}
