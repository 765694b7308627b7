//! VNPAY 2.1.0: the page that a signed URL leads to, the IPN, and the merchant API.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use chrono::{Duration, NaiveDateTime, Utc};
use serde_json::{Map, Value, json};

use super::{Faults, Sha512, hmac_hex, serve};

pub const TMN_CODE: &str = "DEMOV210";
pub const HASH_SECRET: &str = "EMULATEDEMULATEDEMULATEDEMULATED";

/// A payment that a buyer's browser has brought.
#[derive(Debug, Clone)]
struct Payment {
    fields: BTreeMap<String, String>,
    number: u64,
    /// Hundredths of a dong.
    amount: i64,
    /// `None`: the buyer has not decided.
    paid: Option<bool>,
    /// Of each refund: its number, and hundredths of a dong.
    refunds: Vec<(u64, i64)>,
}

#[derive(Debug, Default)]
struct Books {
    payments: HashMap<String, Payment>,
    requests: HashSet<String>,
    refused: Vec<String>,
    numbers: u64,
}

/// The emulator.
#[derive(Debug, Clone)]
pub struct Vnpay {
    pub url: String,
    pub faults: Faults,
    books: Arc<Mutex<Books>>,
}

impl Vnpay {
    pub fn start() -> Self {
        let books = Arc::new(Mutex::new(Books {
            numbers: 14_000_000,
            ..Books::default()
        }));
        let router = Router::new()
            .route("/merchant_webapi/api/transaction", post(transaction))
            .with_state(books.clone());
        let faults = Faults::default();
        Self {
            url: serve(router, faults.clone()),
            faults,
            books,
        }
    }

    /// The buyer opens the page. The reference of the payment, or why VNPAY shows an error instead.
    pub fn visit(&self, pay_url: &str) -> Result<String, String> {
        let query = pay_url.split_once('?').ok_or("no query")?.1;
        let mut fields: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let hash = fields.remove("vnp_SecureHash").ok_or("no hash")?;
        if hash != hash_of(&fields) {
            return Err("70: the hash is wrong".into());
        }
        let field = |name: &str| fields.get(name).cloned().ok_or(format!("03: no {name}"));
        for (name, value) in [
            ("vnp_Version", "2.1.0"),
            ("vnp_Command", "pay"),
            ("vnp_CurrCode", "VND"),
            ("vnp_TmnCode", TMN_CODE),
        ] {
            if field(name)? != value {
                return Err(format!("03: {name}"));
            }
        }
        for name in [
            "vnp_IpAddr",
            "vnp_Locale",
            "vnp_OrderInfo",
            "vnp_OrderType",
            "vnp_ReturnUrl",
        ] {
            field(name)?;
        }
        let now = (Utc::now() + Duration::hours(7)).naive_utc();
        if time(&field("vnp_CreateDate")?)? > now + Duration::minutes(1) {
            return Err("03: made in the future".into());
        }
        if time(&field("vnp_ExpireDate")?)? < now {
            return Err("15: it has expired".into());
        }
        let reference = field("vnp_TxnRef")?;
        let plain = |c: char| c.is_ascii_alphanumeric();
        if reference.is_empty() || reference.len() > 100 || !reference.chars().all(plain) {
            return Err("03: vnp_TxnRef".into());
        }
        let amount: i64 = field("vnp_Amount")?.parse().map_err(|_| "03: vnp_Amount")?;
        if amount <= 0 || amount % 100 != 0 || amount.to_string().len() > 12 {
            return Err("03: vnp_Amount".into());
        }
        let mut books = self.books.lock().expect("no panic");
        books.numbers += 1;
        let number = books.numbers;
        books.payments.entry(reference.clone()).or_insert(Payment {
            fields,
            number,
            amount,
            paid: None,
            refunds: Vec::new(),
        });
        Ok(reference)
    }

    /// The buyer decides. What the IPN and the return to the shop have for a query.
    pub fn decide(&self, reference: &str, pays: bool) -> String {
        let mut books = self.books.lock().expect("no panic");
        let payment = books.payments.get_mut(reference).expect("a payment");
        payment.paid = Some(pays);
        let code = if pays { "00" } else { "24" };
        let status = if pays { "00" } else { "02" };
        let number = if pays { payment.number } else { 0 };
        let mut fields: BTreeMap<String, String> = [
            ("vnp_Amount", payment.amount.to_string()),
            ("vnp_BankCode", "NCB".into()),
            ("vnp_CardType", "ATM".into()),
            ("vnp_OrderInfo", payment.fields["vnp_OrderInfo"].clone()),
            ("vnp_PayDate", stamp()),
            ("vnp_ResponseCode", code.into()),
            ("vnp_TmnCode", TMN_CODE.into()),
            ("vnp_TransactionNo", number.to_string()),
            ("vnp_TransactionStatus", status.into()),
            ("vnp_TxnRef", reference.into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        if pays {
            fields.insert("vnp_BankTranNo".into(), format!("VNP{number}"));
        }
        signed(&fields)
    }

    /// Where the buyer goes back to, with that query.
    pub fn return_url(&self, reference: &str, query: &str) -> String {
        let books = self.books.lock().expect("no panic");
        let url = &books.payments[reference].fields["vnp_ReturnUrl"];
        let joint = if url.contains('?') { '&' } else { '?' };
        format!("{url}{joint}{query}")
    }

    /// What a payment took and what was given back of it, in dong.
    pub fn took_and_gave(&self, reference: &str) -> (i64, i64) {
        let books = self.books.lock().expect("no panic");
        let payment = &books.payments[reference];
        let took = if payment.paid == Some(true) {
            payment.amount
        } else {
            0
        };
        let gave: i64 = payment.refunds.iter().map(|(_, amount)| amount).sum();
        (took / 100, gave / 100)
    }

    /// What was refused so far.
    pub fn refusals(&self) -> Vec<String> {
        self.books.lock().expect("no panic").refused.clone()
    }
}

/// The query with its hash.
pub fn signed(fields: &BTreeMap<String, String>) -> String {
    format!("{}&vnp_SecureHash={}", query_of(fields), hash_of(fields))
}

/// In order of the names, encoded as PHP does it.
fn query_of(fields: &BTreeMap<String, String>) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
        // PHP leaves no star as it is.
        .replace('*', "%2A")
}

fn hash_of(fields: &BTreeMap<String, String>) -> String {
    hmac_hex::<Sha512>(HASH_SECRET, &query_of(fields))
}

fn time(text: &str) -> Result<NaiveDateTime, String> {
    NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").map_err(|e| format!("03: {text}: {e}"))
}

fn stamp() -> String {
    (Utc::now() + Duration::hours(7))
        .format("%Y%m%d%H%M%S")
        .to_string()
}

async fn transaction(
    State(books): State<Arc<Mutex<Books>>>,
    Json(order): Json<Map<String, Value>>,
) -> Json<Value> {
    let mut books = books.lock().expect("no panic");
    let text = |name: &str| {
        order
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let command = text("vnp_Command");
    let names: &[&str] = match command.as_str() {
        "querydr" => &[
            "vnp_RequestId",
            "vnp_Version",
            "vnp_Command",
            "vnp_TmnCode",
            "vnp_TxnRef",
            "vnp_TransactionDate",
            "vnp_CreateDate",
            "vnp_IpAddr",
            "vnp_OrderInfo",
        ],
        _ => &[
            "vnp_RequestId",
            "vnp_Version",
            "vnp_Command",
            "vnp_TmnCode",
            "vnp_TransactionType",
            "vnp_TxnRef",
            "vnp_Amount",
            "vnp_TransactionNo",
            "vnp_TransactionDate",
            "vnp_CreateBy",
            "vnp_CreateDate",
            "vnp_IpAddr",
            "vnp_OrderInfo",
        ],
    };
    let joined = names
        .iter()
        .map(|name| text(name))
        .collect::<Vec<_>>()
        .join("|");
    let outcome = if text("vnp_SecureHash") != hmac_hex::<Sha512>(HASH_SECRET, &joined) {
        Err(("97", "Invalid signature"))
    } else if text("vnp_TmnCode") != TMN_CODE || text("vnp_Version") != "2.1.0" {
        Err(("02", "Invalid TmnCode"))
    } else if text("vnp_RequestId").is_empty() || text("vnp_RequestId").len() > 32 {
        Err(("03", "Invalid vnp_RequestId"))
    } else if !books.requests.insert(text("vnp_RequestId")) {
        Err(("94", "Duplicate request"))
    } else {
        match books.payments.get(&text("vnp_TxnRef")) {
            Some(known) if known.fields["vnp_CreateDate"] == text("vnp_TransactionDate") => Ok(()),
            _ => Err(("91", "Transaction not found")),
        }
    };
    let outcome = match (outcome, command.as_str()) {
        (Ok(()), "refund") => give_back(&mut books, &text),
        (outcome, _) => outcome,
    };
    if let Err((code, message)) = outcome
        && code != "91"
    {
        books.refused.push(format!("{command} {code}: {message}"));
    }
    Json(answer(&books, &command, &text("vnp_TxnRef"), outcome))
}

fn give_back(
    books: &mut Books,
    text: &impl Fn(&str) -> String,
) -> Result<(), (&'static str, &'static str)> {
    books.numbers += 1;
    let number = books.numbers;
    let payment = books
        .payments
        .get_mut(&text("vnp_TxnRef"))
        .expect("found before");
    let given: i64 = payment.refunds.iter().map(|(_, amount)| amount).sum();
    let amount: i64 = text("vnp_Amount")
        .parse()
        .map_err(|_| ("03", "Invalid vnp_Amount"))?;
    let whole = text("vnp_TransactionType") == "02";
    if payment.paid != Some(true) {
        return Err(("95", "The transaction has not succeeded"));
    }
    if amount <= 0 || given + amount > payment.amount || whole != (amount == payment.amount) {
        return Err(("02", "Invalid amount"));
    }
    payment.refunds.push((number, amount));
    Ok(())
}

fn answer(
    books: &Books,
    command: &str,
    reference: &str,
    outcome: Result<(), (&str, &str)>,
) -> Value {
    let (code, message) = outcome.err().unwrap_or(("00", "Success"));
    let mut answer = json!({
        "vnp_ResponseId": uuid::Uuid::new_v4().simple().to_string(), "vnp_Command": command,
        "vnp_ResponseCode": code, "vnp_Message": message, "vnp_TmnCode": TMN_CODE,
        "vnp_TxnRef": reference, "vnp_Amount": "", "vnp_BankCode": "", "vnp_PayDate": "",
        "vnp_TransactionNo": "", "vnp_TransactionType": "", "vnp_TransactionStatus": "",
        "vnp_OrderInfo": "",
    });
    if let (Ok(()), Some(payment)) = (outcome, books.payments.get(reference)) {
        // The newest transaction of the payment.
        let (kind, number, amount, status) = match payment.refunds.last() {
            Some((number, amount)) if *amount == payment.amount => ("02", *number, *amount, "00"),
            Some((number, amount)) => ("03", *number, *amount, "00"),
            None => (
                "01",
                payment.number,
                payment.amount,
                match payment.paid {
                    Some(true) => "00",
                    Some(false) => "02",
                    None => "01",
                },
            ),
        };
        answer["vnp_TransactionType"] = kind.into();
        answer["vnp_TransactionNo"] = number.to_string().into();
        answer["vnp_Amount"] = amount.to_string().into();
        answer["vnp_TransactionStatus"] = status.into();
        answer["vnp_OrderInfo"] = payment.fields["vnp_OrderInfo"].clone().into();
        answer["vnp_BankCode"] = "NCB".into();
        answer["vnp_PayDate"] = stamp().into();
    }
    let mut names = vec![
        "vnp_ResponseId",
        "vnp_Command",
        "vnp_ResponseCode",
        "vnp_Message",
        "vnp_TmnCode",
        "vnp_TxnRef",
        "vnp_Amount",
        "vnp_BankCode",
        "vnp_PayDate",
        "vnp_TransactionNo",
        "vnp_TransactionType",
        "vnp_TransactionStatus",
        "vnp_OrderInfo",
    ];
    if command == "querydr" {
        names.extend(["vnp_PromotionCode", "vnp_PromotionAmount"]);
    }
    let joined = names
        .iter()
        .map(|name| answer[name].as_str().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("|");
    answer["vnp_SecureHash"] = hmac_hex::<Sha512>(HASH_SECRET, &joined).into();
    answer
}

/// The query of the example in VNPAY's documentation of version 2.1.0.
#[test]
fn the_query_is_encoded_as_in_vnpays_example() {
    let fields: BTreeMap<String, String> = [
        ("vnp_Amount", "1806000"),
        ("vnp_Command", "pay"),
        ("vnp_OrderInfo", "Thanh toan don hang :5"),
        ("vnp_ReturnUrl", "https://domainmerchant.vn/ReturnUrl"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    assert_eq!(
        query_of(&fields),
        "vnp_Amount=1806000&vnp_Command=pay&vnp_OrderInfo=Thanh+toan+don+hang+%3A5\
         &vnp_ReturnUrl=https%3A%2F%2Fdomainmerchant.vn%2FReturnUrl"
    );
}
