//! Stripe: PaymentIntents, refunds, customers and their methods, and signed events.

mod api;
mod keeping;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Faults, Sha256, hmac_hex, serve};

pub const KEY: &str = "sk_test_emulated";
pub const WEBHOOK_SECRET: &str = "whsec_emulated";

#[derive(Debug, Default)]
struct Books {
    intents: HashMap<String, Value>,
    refunds: Vec<Value>,
    /// Intents whose money a bank has taken.
    disputed: HashSet<String>,
    customers: Vec<Value>,
    /// How many of them the search finds: it is behind.
    indexed: usize,
    methods: HashMap<String, Method>,
    /// By Idempotency-Key: path and form, and what was answered.
    keys: HashMap<String, (String, StatusCode, Value)>,
    /// What was refused, so that a test can say that nothing was.
    refused: Vec<String>,
}

/// A card that somebody has entered.
#[derive(Debug, Clone)]
struct Method {
    customer: Option<String>,
    /// Whether it pays.
    good: bool,
}

/// The emulator.
#[derive(Debug, Clone)]
pub struct Stripe {
    pub url: String,
    pub faults: Faults,
    books: Arc<Mutex<Books>>,
}

impl Stripe {
    pub fn start() -> Self {
        let books = Arc::new(Mutex::new(Books::default()));
        let faults = Faults::default();
        Self {
            url: serve(api::router(books.clone()), faults.clone()),
            faults,
            books,
        }
    }

    /// The intents that were made for a session.
    pub fn of_session(&self, session: &str) -> Vec<Value> {
        let books = self.books.lock().expect("no panic");
        let mut found: Vec<Value> = books
            .intents
            .values()
            .filter(|intent| intent["metadata"]["session"] == session)
            .cloned()
            .collect();
        found.sort_by_key(|intent| intent["id"].to_string());
        found
    }

    /// What a payment took and what was given back of it, in Stripe's units.
    pub fn took_and_gave(&self, id: &str) -> (i64, i64) {
        let books = self.books.lock().expect("no panic");
        let took = books.intents[id]["amount_received"]
            .as_i64()
            .expect("an amount");
        let gave = books
            .refunds
            .iter()
            .filter(|refund| refund["payment_intent"] == id && refund["status"] != "failed")
            .filter_map(|refund| refund["amount"].as_i64())
            .sum();
        (took, gave)
    }

    /// What was refused so far.
    pub fn refusals(&self) -> Vec<String> {
        self.books.lock().expect("no panic").refused.clone()
    }

    /// The same, for a test that is about them: the next one finds none.
    pub fn take_refusals(&self) -> Vec<String> {
        std::mem::take(&mut self.books.lock().expect("no panic").refused)
    }

    /// The buyer pays in the shop's page. The event that says so.
    pub fn pay(&self, id: &str) -> Value {
        let mut books = self.books.lock().expect("no panic");
        let intent = books.intents.get_mut(id).expect("an intent");
        assert_eq!(
            intent["status"], "requires_payment_method",
            "it can be paid"
        );
        intent["status"] = "succeeded".into();
        intent["amount_received"] = intent["amount"].clone();
        event("payment_intent.succeeded", intent)
    }

    /// An intent is in another state.
    pub fn becomes(&self, id: &str, status: &str) {
        let mut books = self.books.lock().expect("no panic");
        books.intents.get_mut(id).expect("an intent")["status"] = status.into();
    }

    /// The keys are those of another account from now on, as far as an intent goes.
    pub fn hide(&self, id: &str) -> Value {
        let mut books = self.books.lock().expect("no panic");
        books.intents.remove(id).expect("an intent")
    }

    /// And are the right ones again.
    pub fn show(&self, intent: Value) {
        let id = intent["id"].as_str().expect("an id").to_owned();
        let mut books = self.books.lock().expect("no panic");
        books.intents.insert(id, intent);
    }

    /// The buyer's card is declined.
    pub fn decline(&self, id: &str) -> Value {
        let mut books = self.books.lock().expect("no panic");
        let intent = books.intents.get_mut(id).expect("an intent");
        intent["last_payment_error"] = json!({
            "type": "card_error", "code": "card_declined", "message": "Your card was declined.",
        });
        event("payment_intent.payment_failed", intent)
    }

    /// The bank takes the money of a payment back, or gives it back again: the events are named by `kind`,
    /// `funds_withdrawn` or `funds_reinstated`, or say that a dispute is `created` or `closed`.
    pub fn dispute(&self, id: &str, kind: &str) -> Value {
        let mut books = self.books.lock().expect("no panic");
        let intent = books.intents[id].clone();
        let amount = intent["amount"].as_i64().expect("an amount");
        let moved = |amount: i64, at: i64| {
            json!({
                "id": format!("txn_{at}"), "object": "balance_transaction", "amount": amount,
                "currency": intent["currency"], "created": at, "fee": 1500,
            })
        };
        let mut moves = Vec::new();
        if kind != "created" {
            moves.push(moved(-amount, 1));
            books.disputed.insert(id.to_owned());
        }
        if kind == "funds_reinstated" {
            moves.push(moved(amount, 2));
            books.disputed.remove(id);
        }
        let dispute = json!({
            "id": format!("dp_{id}"), "object": "dispute", "amount": amount,
            "currency": intent["currency"], "charge": "ch_1", "payment_intent": id,
            "reason": "fraudulent", "metadata": {}, "balance_transactions": moves,
        });
        event(&format!("charge.dispute.{kind}"), &dispute)
    }

    /// The refunds of a payment, the first one first.
    pub fn refunds_of(&self, id: &str) -> Vec<Value> {
        let books = self.books.lock().expect("no panic");
        let of = |refund: &&Value| refund["payment_intent"] == id;
        books.refunds.iter().filter(of).cloned().collect()
    }

    /// A refund that was made comes back: the card is closed. What it is like then.
    pub fn refund_fails(&self, refund: &str) -> Value {
        let mut books = self.books.lock().expect("no panic");
        let it = books
            .refunds
            .iter_mut()
            .find(|it| it["id"] == refund)
            .expect("a refund");
        it["status"] = "failed".into();
        it["failure_reason"] = "expired_or_canceled_card".into();
        it.clone()
    }
}

/// An event about an object, as it goes over the wire.
pub fn event(kind: &str, object: &Value) -> Value {
    json!({
        "id": format!("evt_{}", Uuid::new_v4().simple()), "object": "event", "api_version": "2024-06-20",
        "created": now(), "livemode": false, "type": kind, "data": {"object": object},
    })
}

/// The header that goes with a body.
pub fn signature(secret: &str, at: i64, body: &str) -> String {
    format!(
        "t={at},v1={}",
        hmac_hex::<Sha256>(secret, &format!("{at}.{body}"))
    )
}

pub fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// Worked out by hand from the published scheme: the hash of `t`, a point and the body.
#[test]
fn the_signature_is_stripes() {
    assert_eq!(
        signature(
            "whsec_test_secret",
            1_700_000_000,
            r#"{"id":"evt_test_webhook","object":"event"}"#
        ),
        "t=1700000000,v1=d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990"
    );
}
