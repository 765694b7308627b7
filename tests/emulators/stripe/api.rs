//! What Stripe answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Books, KEY, Method, keeping};

/// Whole units; hundredths that are whole units; thousandths that are hundredths.
const ZERO: [&str; 15] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
    "xof", "xpf",
];
const BY_100: [&str; 2] = ["isk", "ugx"];
const BY_10: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

pub type Answer = (StatusCode, Json<Value>);
pub type Shared = State<Arc<Mutex<Books>>>;

pub fn router(books: Arc<Mutex<Books>>) -> Router {
    Router::new()
        .route("/v1/payment_intents", post(create))
        .route("/v1/payment_intents/search", get(search))
        .route("/v1/payment_intents/{id}", get(read))
        .route("/v1/payment_intents/{id}/cancel", post(cancel))
        .route("/v1/refunds", post(refund).get(refunds))
        .merge(keeping::routes())
        .with_state(books)
}

pub fn refuse(books: &mut Books, status: u16, kind: &str, message: &str) -> Answer {
    books.refused.push(message.to_owned());
    (
        StatusCode::from_u16(status).expect("a status"),
        Json(json!({"error": {"type": kind, "message": message}})),
    )
}

/// A refusal of a request by its code.
fn refuse_as(books: &mut Books, code: &str, message: &str) -> Answer {
    books.refused.push(code.to_owned());
    let error = json!({"type": "invalid_request_error", "code": code, "message": message});
    (StatusCode::BAD_REQUEST, Json(json!({"error": error})))
}

pub fn authorised(headers: &HeaderMap) -> bool {
    headers.get("authorization").and_then(|v| v.to_str().ok()) == Some(&format!("Bearer {KEY}"))
}

/// Reads a form whose fields are all known, with its Idempotency-Key: answers what was answered before,
/// and refuses a key that was another request's.
pub fn form(
    books: &mut Books,
    headers: &HeaderMap,
    path: &str,
    body: &str,
    known: &[&str],
) -> Result<(String, HashMap<String, String>), Answer> {
    if !authorised(headers) {
        return Err(refuse(
            books,
            401,
            "invalid_request_error",
            "Invalid API Key",
        ));
    }
    let media = headers.get("content-type").and_then(|v| v.to_str().ok());
    if media != Some("application/x-www-form-urlencoded") {
        return Err(refuse(books, 415, "invalid_request_error", "not a form"));
    }
    let Some(key) = headers.get("idempotency-key").and_then(|v| v.to_str().ok()) else {
        return Err(refuse(
            books,
            400,
            "invalid_request_error",
            "no Idempotency-Key",
        ));
    };
    let whole = format!("{path}\n{body}");
    if let Some((request, status, answer)) = books.keys.get(key).cloned() {
        return Err(if request == whole {
            (status, Json(answer))
        } else {
            refuse(
                books,
                400,
                "idempotency_error",
                "this key was used for another request",
            )
        });
    }
    let fields: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    for name in fields.keys() {
        if !known.contains(&name.as_str()) {
            let message = format!("Received unknown parameter: {name}");
            return Err(refuse(books, 400, "invalid_request_error", &message));
        }
    }
    Ok((format!("{key}\n{whole}"), fields))
}

pub fn remember(books: &mut Books, key: &str, status: StatusCode, answer: Value) -> Answer {
    let (key, request) = key.split_once('\n').expect("a key and a request");
    books
        .keys
        .insert(key.to_owned(), (request.to_owned(), status, answer.clone()));
    (status, Json(answer))
}

/// The amount, if it is one in that currency.
fn amount(fields: &HashMap<String, String>, currency: &str) -> Option<i64> {
    let amount: i64 = fields.get("amount")?.parse().ok()?;
    let step = if BY_100.contains(&currency) {
        100
    } else if BY_10.contains(&currency) {
        10
    } else {
        1
    };
    let least = if ZERO.contains(&currency) { 1 } else { step };
    (amount >= least && amount % step == 0).then_some(amount)
}

async fn create(State(books): Shared, headers: HeaderMap, body: String) -> Answer {
    let mut books = books.lock().expect("no panic");
    let known = [
        "amount",
        "currency",
        "description",
        "metadata[leg]",
        "metadata[session]",
        "customer",
        "automatic_payment_methods[enabled]",
        "automatic_payment_methods[allow_redirects]",
        "payment_method",
        "confirm",
        "return_url",
    ];
    let (key, fields) = match form(&mut books, &headers, "/v1/payment_intents", &body, &known) {
        Ok(read) => read,
        Err(answer) => return answer,
    };
    let currency = fields.get("currency").cloned().unwrap_or_default();
    if currency.len() != 3 || currency != currency.to_lowercase() {
        return refuse(&mut books, 400, "invalid_request_error", "Invalid currency");
    }
    let Some(amount) = amount(&fields, &currency) else {
        return refuse(&mut books, 400, "invalid_request_error", "Invalid amount");
    };
    let confirm = fields.get("confirm").is_some_and(|v| v == "true");
    if confirm != fields.contains_key("payment_method")
        || (fields.contains_key("return_url") && !confirm)
    {
        return refuse(
            &mut books,
            400,
            "invalid_request_error",
            "nothing to confirm",
        );
    }
    let id = format!("pi_{}", Uuid::new_v4().simple());
    let mut intent = json!({
        "id": id, "object": "payment_intent", "amount": amount, "amount_received": 0,
        "currency": currency, "client_secret": format!("{id}_secret_x"),
        "status": "requires_payment_method", "last_payment_error": null, "next_action": null,
        "metadata": {"leg": fields.get("metadata[leg]"), "session": fields.get("metadata[session]")},
    });
    let mut status = StatusCode::OK;
    let mut answer = None;
    // A card is its customer's, and nobody else's.
    let method = fields.get("payment_method").map(|id| {
        let of = |method: &&Method| method.customer.as_ref() == fields.get("customer");
        let kept = books.methods.get(id).filter(of);
        kept.filter(|method| method.customer.is_some()).cloned()
    });
    match method {
        None => {}
        Some(Some(method)) if method.good => {
            intent["status"] = "succeeded".into();
            intent["amount_received"] = amount.into();
        }
        Some(Some(_)) => {
            let error = json!({
                "type": "card_error", "code": "card_declined", "message": "Your card was declined.",
            });
            intent["last_payment_error"] = error.clone();
            status = StatusCode::PAYMENT_REQUIRED;
            answer = Some(json!({"error": error}));
        }
        Some(None) => {
            return refuse(
                &mut books,
                400,
                "invalid_request_error",
                "No such PaymentMethod",
            );
        }
    }
    books.intents.insert(id, intent.clone());
    remember(&mut books, &key, status, answer.unwrap_or(intent))
}

async fn read(State(books): Shared, headers: HeaderMap, Path(id): Path<String>) -> Answer {
    let mut books = books.lock().expect("no panic");
    if !authorised(&headers) {
        return refuse(&mut books, 401, "invalid_request_error", "Invalid API Key");
    }
    match books.intents.get(&id).cloned() {
        Some(intent) => (StatusCode::OK, Json(intent)),
        None => refuse(
            &mut books,
            404,
            "invalid_request_error",
            "No such payment_intent",
        ),
    }
}

/// What a search is after, which is always something of the metadata.
pub fn searched(
    books: &mut Books,
    headers: &HeaderMap,
    query: Option<String>,
    name: &str,
) -> Result<String, Answer> {
    if !authorised(headers) {
        return Err(refuse(
            books,
            401,
            "invalid_request_error",
            "Invalid API Key",
        ));
    }
    let wanted = parameter(&query.unwrap_or_default(), "query");
    wanted
        .strip_prefix(&format!("metadata['{name}']:'"))
        .and_then(|rest| rest.strip_suffix('\''))
        .map(str::to_owned)
        .ok_or_else(|| {
            refuse(
                books,
                400,
                "invalid_request_error",
                "cannot parse the query",
            )
        })
}

fn parameter(query: &str, name: &str) -> String {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

async fn search(State(books): Shared, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let mut books = books.lock().expect("no panic");
    let leg = match searched(&mut books, &headers, query, "leg") {
        Ok(leg) => leg,
        Err(answer) => return answer,
    };
    let found: Vec<&Value> = books
        .intents
        .values()
        .filter(|intent| intent["metadata"]["leg"] == leg.as_str())
        .collect();
    let answer = json!({"object": "search_result", "data": found, "has_more": false});
    (StatusCode::OK, Json(answer))
}

async fn cancel(
    State(books): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: String,
) -> Answer {
    let mut books = books.lock().expect("no panic");
    let path = format!("/v1/payment_intents/{id}/cancel");
    let (key, _) = match form(&mut books, &headers, &path, &body, &["cancellation_reason"]) {
        Ok(read) => read,
        Err(answer) => return answer,
    };
    let answer = match books.intents.get_mut(&id) {
        None => {
            return refuse(
                &mut books,
                404,
                "invalid_request_error",
                "No such payment_intent",
            );
        }
        Some(intent) if intent["status"] != "requires_payment_method" => {
            let kind = "invalid_request_error";
            let (status, Json(answer)) = refuse(&mut books, 400, kind, "it cannot be canceled");
            // What was tried is answered so for a day.
            return remember(&mut books, &key, status, answer);
        }
        Some(intent) => {
            intent["status"] = "canceled".into();
            intent.clone()
        }
    };
    remember(&mut books, &key, StatusCode::OK, answer)
}

async fn refund(State(books): Shared, headers: HeaderMap, body: String) -> Answer {
    let mut books = books.lock().expect("no panic");
    let known = [
        "payment_intent",
        "amount",
        "reason",
        "metadata[leg]",
        "metadata[refund_leg]",
        "metadata[reason]",
    ];
    let (key, fields) = match form(&mut books, &headers, "/v1/refunds", &body, &known) {
        Ok(read) => read,
        Err(answer) => return answer,
    };
    let id = fields.get("payment_intent").cloned().unwrap_or_default();
    let Some(intent) = books.intents.get(&id).cloned() else {
        return refuse(
            &mut books,
            404,
            "invalid_request_error",
            "No such payment_intent",
        );
    };
    let currency = intent["currency"].as_str().unwrap_or_default();
    let Some(amount) = amount(&fields, currency) else {
        return refuse(&mut books, 400, "invalid_request_error", "Invalid amount");
    };
    let given: i64 = books
        .refunds
        .iter()
        .filter(|refund| refund["payment_intent"] == id && refund["status"] != "failed")
        .filter_map(|refund| refund["amount"].as_i64())
        .sum();
    let received = intent["amount_received"].as_i64().unwrap_or_default();
    if books.disputed.contains(&id) {
        return refuse_as(&mut books, "charge_disputed", "it has been charged back");
    } else if given == received {
        return refuse_as(&mut books, "charge_already_refunded", "nothing is left");
    } else if given + amount > received {
        return refuse(
            &mut books,
            400,
            "invalid_request_error",
            "more than is left of the charge",
        );
    }
    let refund = json!({
        "id": format!("re_{}", Uuid::new_v4().simple()), "object": "refund", "amount": amount,
        "currency": currency, "payment_intent": id, "status": "succeeded", "failure_reason": null,
        "metadata": {
            "leg": fields.get("metadata[leg]"), "refund_leg": fields.get("metadata[refund_leg]"),
        },
    });
    books.refunds.push(refund.clone());
    remember(&mut books, &key, StatusCode::OK, refund)
}

async fn refunds(State(books): Shared, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let mut books = books.lock().expect("no panic");
    if !authorised(&headers) {
        return refuse(&mut books, 401, "invalid_request_error", "Invalid API Key");
    }
    let query = query.unwrap_or_default();
    let (id, after) = (
        parameter(&query, "payment_intent"),
        parameter(&query, "starting_after"),
    );
    if !books.intents.contains_key(&id) {
        let kind = "invalid_request_error";
        return refuse(&mut books, 404, kind, "No such payment_intent");
    }
    // The newest first, and in the shortest pages that there are.
    let mut rest = books
        .refunds
        .iter()
        .rev()
        .filter(|refund| refund["payment_intent"] == id.as_str())
        .skip_while(|refund| !after.is_empty() && refund["id"] != after.as_str())
        .skip(usize::from(!after.is_empty()));
    let page: Vec<&Value> = rest.next().into_iter().collect();
    let answer = json!({"object": "list", "data": page, "has_more": rest.next().is_some()});
    (StatusCode::OK, Json(answer))
}
