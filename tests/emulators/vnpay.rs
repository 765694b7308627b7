//! VNPAY 2.1.0: the page that a signed URL leads to, the IPN, and the merchant API.

mod api;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::post;
use chrono::{Duration, NaiveDateTime, Utc};

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
    /// Debited, and suspected of fraud: somebody looks at it.
    held: bool,
    refunds: Vec<Refund>,
    /// The bank takes nothing back.
    refuses: bool,
}

/// A refund that was taken.
#[derive(Debug, Clone)]
pub struct Refund {
    pub number: String,
    /// Dong.
    pub amount: i64,
    /// `00`, or `09` when it was turned down.
    pub status: &'static str,
}

#[derive(Debug, Default)]
struct Books {
    payments: HashMap<String, Payment>,
    /// Names of requests, of today.
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
            .route("/merchant_webapi/api/transaction", post(api::transaction))
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
            held: false,
            refunds: Vec::new(),
            refuses: false,
        });
        Ok(reference)
    }

    /// The buyer decides. What the IPN and the return to the shop have for a query.
    pub fn decide(&self, reference: &str, pays: bool) -> String {
        let mut books = self.books.lock().expect("no panic");
        let payment = books.payments.get_mut(reference).expect("a payment");
        payment.paid = Some(pays);
        payment.held = false;
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

    /// The buyer has paid, and somebody at VNPAY looks at it until it is decided.
    pub fn hold(&self, reference: &str) {
        let mut books = self.books.lock().expect("no panic");
        books.payments.get_mut(reference).expect("a payment").held = true;
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
        (took / 100, payment.given())
    }

    /// The refunds of a payment, the first one first.
    pub fn refunds_of(&self, reference: &str) -> Vec<Refund> {
        self.books.lock().expect("no panic").payments[reference]
            .refunds
            .clone()
    }

    /// Whether refunds of a payment are turned down, once they are taken.
    pub fn refuses(&self, reference: &str, refuses: bool) {
        let mut books = self.books.lock().expect("no panic");
        let payment = books.payments.get_mut(reference).expect("a payment");
        payment.refuses = refuses;
    }

    /// Names of requests are as good as new.
    pub fn day_later(&self) {
        self.books.lock().expect("no panic").requests.clear();
    }

    /// What was refused so far.
    pub fn refusals(&self) -> Vec<String> {
        self.books.lock().expect("no panic").refused.clone()
    }

    /// The same, for a test that is about them: the next one finds none.
    pub fn take_refusals(&self) -> Vec<String> {
        std::mem::take(&mut self.books.lock().expect("no panic").refused)
    }
}

impl Payment {
    /// Dong.
    fn given(&self) -> i64 {
        let given = |refund: &&Refund| refund.status == "00";
        self.refunds.iter().filter(given).map(|it| it.amount).sum()
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
