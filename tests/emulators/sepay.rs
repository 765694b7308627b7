//! SePay's payment gateway: the form, the IPN, and the API for orders.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Faults, Sha256, hmac_bytes, serve};

pub const MERCHANT: &str = "SP-TEST-EMULATED";
pub const SECRET_KEY: &str = "spsk_test_emulated";
pub const IPN_SECRET: &str = "ipn-emulated";

/// The fields that are signed, where they are there, in the order of the form.
const SIGNED: [&str; 11] = [
    "merchant",
    "operation",
    "payment_method",
    "order_amount",
    "currency",
    "order_invoice_number",
    "order_description",
    "customer_id",
    "success_url",
    "error_url",
    "cancel_url",
];

#[derive(Debug, Default)]
struct Books {
    /// By invoice number.
    orders: HashMap<String, Value>,
    refused: Vec<String>,
}

/// The emulator.
#[derive(Debug, Clone)]
pub struct Sepay {
    pub url: String,
    books: Arc<Mutex<Books>>,
}

type Answer = (StatusCode, Json<Value>);
type Shared = State<Arc<Mutex<Books>>>;

impl Sepay {
    pub fn start() -> Self {
        let books = Arc::new(Mutex::new(Books::default()));
        let router = Router::new()
            .route("/v1/checkout/init", post(init))
            .route("/v1/order/detail/{invoice}", get(detail))
            .route("/v1/order/cancel", post(cancel))
            .with_state(books.clone());
        Self {
            url: serve(router, Faults::default()),
            books,
        }
    }

    /// The buyer transfers so much, perhaps once more, perhaps by an order that is cancelled. What the IPN has
    /// for a body.
    pub fn pay(&self, invoice: &str, amount: i64) -> Value {
        let mut books = self.books.lock().expect("no panic");
        let order = books.orders.get_mut(invoice).expect("an order");
        if order["order_status"] != "CANCELLED" {
            order["order_status"] = "CAPTURED".into();
        }
        let transaction = json!({
            "id": Uuid::new_v4(), "payment_method": "BANK_TRANSFER",
            "transaction_id": Uuid::new_v4().simple().to_string(), "transaction_type": "PAYMENT",
            "transaction_date": "2025-09-01 00:00:15", "transaction_status": "APPROVED",
            "transaction_amount": amount.to_string(), "transaction_currency": "VND",
        });
        order["transactions"]
            .as_array_mut()
            .expect("a list")
            .push(transaction.clone());
        json!({
            "timestamp": chrono::Utc::now().timestamp(), "notification_type": "ORDER_PAID",
            "order": order, "transaction": transaction, "customer": null,
        })
    }

    /// What came in for an order.
    pub fn took(&self, invoice: &str) -> i64 {
        let books = self.books.lock().expect("no panic");
        books.orders[invoice]["transactions"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|t| t["transaction_amount"].as_str()?.parse::<i64>().ok())
            .sum()
    }

    pub fn status(&self, invoice: &str) -> Option<String> {
        let books = self.books.lock().expect("no panic");
        books.orders.get(invoice)?["order_status"]
            .as_str()
            .map(str::to_owned)
    }

    /// What was refused so far.
    pub fn refusals(&self) -> Vec<String> {
        self.books.lock().expect("no panic").refused.clone()
    }
}

fn refuse(books: &mut Books, status: StatusCode, message: &str) -> Answer {
    books.refused.push(message.to_owned());
    (status, Json(json!({"message": message})))
}

async fn init(State(books): Shared, headers: HeaderMap, body: String) -> Answer {
    let mut books = books.lock().expect("no panic");
    let media = headers.get("content-type").and_then(|v| v.to_str().ok());
    if media != Some("application/x-www-form-urlencoded") {
        return refuse(&mut books, StatusCode::BAD_REQUEST, "not a form");
    }
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let field = |name: &str| {
        fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    let text = fields
        .iter()
        .filter(|(name, _)| SIGNED.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join(",");
    if field("signature") != BASE64.encode(hmac_bytes::<Sha256>(SECRET_KEY, &text)) {
        return refuse(
            &mut books,
            StatusCode::BAD_REQUEST,
            "the signature is wrong",
        );
    }
    let amount: i64 = field("order_amount").parse().unwrap_or_default();
    let invoice = field("order_invoice_number");
    if field("merchant") != MERCHANT
        || field("operation") != "PURCHASE"
        || field("currency") != "VND"
        || field("order_description").is_empty()
        || invoice.is_empty()
        || amount < 1
    {
        return refuse(
            &mut books,
            StatusCode::BAD_REQUEST,
            "a field is missing or wrong",
        );
    }
    let order = json!({
        "id": Uuid::new_v4(), "order_id": format!("SEPAY-{}", Uuid::new_v4().simple()),
        "order_invoice_number": invoice, "order_status": "AUTHENTICATION_NOT_NEEDED",
        "order_amount": format!("{amount}.00"), "order_currency": "VND",
        "order_description": field("order_description"), "transactions": [],
        "success_url": field("success_url"),
    });
    let order = books.orders.entry(invoice).or_insert(order).clone();
    (StatusCode::OK, Json(order))
}

fn authorised(headers: &HeaderMap) -> bool {
    let pair = BASE64.encode(format!("{MERCHANT}:{SECRET_KEY}"));
    headers.get("authorization").and_then(|v| v.to_str().ok()) == Some(&format!("Basic {pair}"))
}

async fn detail(State(books): Shared, headers: HeaderMap, Path(invoice): Path<String>) -> Answer {
    let mut books = books.lock().expect("no panic");
    if !authorised(&headers) {
        return refuse(&mut books, StatusCode::UNAUTHORIZED, "who is that?");
    }
    match books.orders.get(&invoice) {
        Some(order) => (StatusCode::OK, Json(json!({"data": order}))),
        None => (StatusCode::NOT_FOUND, Json(json!({"message": "not found"}))),
    }
}

async fn cancel(State(books): Shared, headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    let mut books = books.lock().expect("no panic");
    if !authorised(&headers) {
        return refuse(&mut books, StatusCode::UNAUTHORIZED, "who is that?");
    }
    let invoice = body["order_invoice_number"].as_str().unwrap_or_default();
    match books.orders.get_mut(invoice) {
        Some(order) if order["order_status"] == "AUTHENTICATION_NOT_NEEDED" => {
            order["order_status"] = "CANCELLED".into();
            (StatusCode::OK, Json(json!({"message": "cancelled"})))
        }
        Some(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Json(json!({"message": "it cannot be cancelled"})),
        ),
        None => (StatusCode::NOT_FOUND, Json(json!({"message": "not found"}))),
    }
}
