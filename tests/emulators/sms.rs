//! Carriers of short messages: Twilio and Vonage.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use uuid::Uuid;

use super::carrier::{self, Message};

pub const TWILIO_SID: &str = "ACemulated";
pub const TWILIO_TOKEN: &str = "twilio-emulated";
pub const VONAGE_KEY: &str = "vonage-key";
pub const VONAGE_SECRET: &str = "vonage-emulated";
pub const FROM: &str = "Stoa";

/// A message that was taken.
#[derive(Debug, Clone)]
pub struct Sms {
    /// In E.164.
    pub to: String,
    pub text: String,
    pub id: String,
}

impl Message for Sms {
    fn to(&self) -> &str {
        &self.to
    }
}

type Shared = carrier::Shared<Sms>;
type Answer = (StatusCode, Json<Value>);

/// An emulator of either.
pub type Carrier = carrier::Carrier<Sms>;

impl Carrier {
    pub fn twilio() -> Self {
        Self::start(|books| {
            Router::new()
                .route("/2010-04-01/Accounts/{sid}/Messages.json", post(twilio))
                .with_state(books)
        })
    }

    pub fn vonage() -> Self {
        Self::start(|books| {
            Router::new()
                .route("/sms/json", post(vonage))
                .with_state(books)
        })
    }
}

/// The fields of a form.
fn fields(headers: &HeaderMap, body: &str) -> Option<HashMap<String, String>> {
    let media = headers.get("content-type").and_then(|v| v.to_str().ok());
    (media == Some("application/x-www-form-urlencoded")).then(|| {
        url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect()
    })
}

async fn twilio(
    State(books): State<Shared>,
    Path(sid): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Answer {
    let mut books = books.lock().expect("no panic");
    let books = &mut *books;
    let mut refuse = |status: u16, code: u32, message: &str| -> Answer {
        books.refused.push(format!("{code}: {message}"));
        let status = StatusCode::from_u16(status).expect("a status");
        let body = json!({"code": code, "message": message, "status": status.as_u16(),
                          "more_info": "https://www.twilio.com/docs/errors"});
        (status, Json(body))
    };
    let pair = BASE64.encode(format!("{TWILIO_SID}:{TWILIO_TOKEN}"));
    let sent = headers.get("authorization").and_then(|v| v.to_str().ok());
    if sent != Some(&format!("Basic {pair}")) || sid != TWILIO_SID {
        return refuse(401, 20003, "Authenticate");
    }
    let Some(fields) = fields(&headers, &body) else {
        return refuse(400, 21604, "A 'To' phone number is required.");
    };
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    if field("From") != FROM {
        return refuse(400, 21606, "The 'From' phone number is not yours.");
    }
    if field("Body").is_empty() || field("Body").chars().count() > 1_600 {
        return refuse(400, 21602, "Message body is required.");
    }
    let to = field("To");
    if !to.starts_with('+') || books.bad.contains(&to) {
        let body = json!({"code": 21211, "message": format!("Invalid 'To' Phone Number: {to}"),
                          "status": 400, "more_info": "https://www.twilio.com/docs/errors/21211"});
        return (StatusCode::BAD_REQUEST, Json(body));
    }
    let id = format!("SM{}", Uuid::new_v4().simple());
    books.taken.push(Sms {
        to: to.clone(),
        text: field("Body"),
        id: id.clone(),
    });
    let body = json!({"sid": id, "to": to, "status": "queued", "error_code": null});
    (StatusCode::CREATED, Json(body))
}

/// Whatever happens, it answers 200.
async fn vonage(State(books): State<Shared>, headers: HeaderMap, body: String) -> Answer {
    let mut books = books.lock().expect("no panic");
    let books = &mut *books;
    let answer = |status: &str, more: Value| -> Answer {
        let mut message = json!({"status": status});
        if let (Some(message), Some(more)) = (message.as_object_mut(), more.as_object()) {
            message.extend(more.clone());
        }
        let body = json!({"message-count": "1", "messages": [message]});
        (StatusCode::OK, Json(body))
    };
    let fields = fields(&headers, &body).unwrap_or_default();
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let wrong = if field("api_key") != VONAGE_KEY || field("api_secret") != VONAGE_SECRET {
        Some(("4", "Bad credentials"))
    } else if field("from") != FROM {
        Some(("15", "Illegal sender address"))
    } else if field("text").is_empty() {
        Some(("2", "Missing text param"))
    } else if !field("text").is_ascii() && field("type") != "unicode" {
        Some(("6", "It would arrive as question marks"))
    } else if field("to").is_empty() || !field("to").bytes().all(|b| b.is_ascii_digit()) {
        Some(("3", "to address is not numeric"))
    } else {
        None
    };
    if let Some((status, text)) = wrong {
        books.refused.push(format!("{status}: {text}"));
        return answer(status, json!({"error-text": text}));
    }
    let to = format!("+{}", field("to"));
    if books.bad.contains(&to) {
        return answer("33", json!({"error-text": format!("{to} is de-activated")}));
    }
    let id = Uuid::new_v4().simple().to_string();
    books.taken.push(Sms {
        to,
        text: field("text"),
        id: id.clone(),
    });
    answer("0", json!({"message-id": id, "to": field("to")}))
}
