//! Carriers of e-mail: Resend and SendGrid.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use uuid::Uuid;

use super::carrier::{self, Message};

pub const RESEND_KEY: &str = "re_emulated";
pub const SENDGRID_KEY: &str = "SG.emulated";
pub const FROM: &str = "Stoa <no-reply@shop.example>";

/// An e-mail that was taken: to whom, what it says, and what it was called.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Resend's Idempotency-Key, SendGrid's custom argument.
    pub key: String,
    pub id: String,
}

impl Message for Mail {
    fn to(&self) -> &str {
        &self.to
    }
}

type Shared = carrier::Shared<Mail>;

/// An emulator of either.
pub type Carrier = carrier::Carrier<Mail>;

impl Carrier {
    pub fn resend() -> Self {
        Self::start(|books| {
            Router::new()
                .route("/emails", post(resend))
                .with_state(books)
        })
    }

    pub fn sendgrid() -> Self {
        Self::start(|books| {
            Router::new()
                .route("/v3/mail/send", post(sendgrid))
                .with_state(books)
        })
    }
}

fn is_key(headers: &HeaderMap, key: &str) -> bool {
    headers.get("authorization").and_then(|v| v.to_str().ok()) == Some(&format!("Bearer {key}"))
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn resend(
    State(books): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let mut books = books.lock().expect("no panic");
    let books = &mut *books;
    let mut refuse = |status: u16, name: &str, message: &str| {
        books.refused.push(format!("{name}: {message}"));
        let status = StatusCode::from_u16(status).expect("a status");
        let body = json!({"statusCode": status.as_u16(), "name": name, "message": message});
        (status, Json(body)).into_response()
    };
    if !headers.contains_key("authorization") {
        return refuse(401, "missing_api_key", "Missing API key");
    }
    if !is_key(&headers, RESEND_KEY) {
        return refuse(403, "invalid_api_key", "API key is invalid");
    }
    if body["from"] != FROM {
        return refuse(422, "invalid_from_address", "Invalid `from` field.");
    }
    let to = body["to"].as_array().cloned().unwrap_or_default();
    let [to] = to.as_slice() else {
        return refuse(422, "validation_error", "The `to` field must be one here.");
    };
    let text = |name: &str| word(&body[name]);
    if [text("subject"), text("text"), text("html")].contains(&String::new()) {
        return refuse(422, "missing_required_field", "Something is missing.");
    }
    let tags = body["tags"].as_array().cloned().unwrap_or_default();
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    };
    if !tags
        .iter()
        .all(|tag| plain(&word(&tag["name"])) && plain(&word(&tag["value"])))
    {
        return refuse(422, "validation_error", "Tags should only contain letters.");
    }
    let key = headers
        .get("idempotency-key")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    if !(1..=256).contains(&key.len()) {
        return refuse(400, "invalid_idempotency_key", "1 to 256 characters");
    }
    if let Some((sent, id)) = books.keys.get(&key) {
        if *sent == body {
            return Json(json!({"id": id})).into_response();
        }
        return refuse(409, "invalid_idempotent_request", "Another payload.");
    }
    if books.bad.contains(&word(to)) {
        let message = format!("Invalid `to` field: {} is no address.", word(to));
        let body = json!({"statusCode": 422, "name": "validation_error", "message": message});
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response();
    }
    let id = Uuid::new_v4().to_string();
    books.taken.push(Mail {
        to: word(to),
        subject: text("subject"),
        text: text("text"),
        html: text("html"),
        key: key.clone(),
        id: id.clone(),
    });
    books.keys.insert(key, (body, id.clone()));
    Json(json!({"id": id})).into_response()
}

async fn sendgrid(
    State(books): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let mut books = books.lock().expect("no panic");
    let books = &mut *books;
    let mut refuse = |status: u16, field: Option<&str>, message: &str| {
        books.refused.push(format!("{field:?}: {message}"));
        let status = StatusCode::from_u16(status).expect("a status");
        let body = json!({"errors": [{"message": message, "field": field, "help": null}]});
        (status, Json(body)).into_response()
    };
    if !is_key(&headers, SENDGRID_KEY) {
        return refuse(401, None, "The provided authorization grant is invalid");
    }
    if body["from"] != json!({"email": "no-reply@shop.example", "name": "Stoa"}) {
        return refuse(403, Some("from"), "not a verified Sender Identity");
    }
    let content = &body["content"];
    if content[0]["type"] != "text/plain" || content[1]["type"] != "text/html" {
        return refuse(400, Some("content"), "text/plain comes first");
    }
    for tracking in ["click_tracking", "open_tracking"] {
        if body["tracking_settings"][tracking]["enable"] != false {
            return refuse(400, Some("tracking_settings"), "its links are secret");
        }
    }
    let person = &body["personalizations"][0];
    let to = word(&person["to"][0]["email"]);
    if to.is_empty() || word(&body["subject"]).is_empty() {
        return refuse(400, Some("subject"), "The subject is required.");
    }
    if books.bad.contains(&to) {
        let body = json!({"errors": [{
            "message": format!("{to} is not a valid email address."),
            "field": "personalizations.0.to.0.email", "help": null,
        }]});
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    let id = Uuid::new_v4().simple().to_string();
    books.taken.push(Mail {
        to,
        subject: word(&body["subject"]),
        text: word(&content[0]["value"]),
        html: word(&content[1]["value"]),
        key: word(&person["custom_args"]["message_id"]),
        id: id.clone(),
    });
    (StatusCode::ACCEPTED, [("x-message-id", id)]).into_response()
}
