//! A Stripe that takes its time with refunds, and tells nobody of payments.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::web::{Asked, serve};

pub struct Stripe {
    pub url: String,
    finished: Arc<AtomicBool>,
    paid: Arc<Paid>,
}

/// Refunds by their payment: the caller's name for each.
type Refunds = Mutex<BTreeMap<String, Vec<String>>>;

/// What was paid by which leg.
type Paid = Mutex<BTreeMap<String, i64>>;

impl Stripe {
    pub async fn start() -> Stripe {
        let finished = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&finished);
        let refunds: Refunds = Mutex::default();
        let paid: Arc<Paid> = Arc::default();
        let found = Arc::clone(&paid);
        let url = serve(move |asked| {
            search(asked, &found)
                .unwrap_or_else(|| answer(asked, &refunds, done.load(Ordering::SeqCst)))
        })
        .await;
        Stripe {
            url,
            finished,
            paid,
        }
    }

    /// Somebody pays by a leg, and from now on the search finds it.
    pub fn pay(&self, leg: Uuid, amount: i64) {
        let mut paid = self.paid.lock().expect("no panic");
        paid.insert(leg.to_string(), amount);
    }

    /// Whether refunds are done or pending, from now on.
    pub fn finished(&self, finished: bool) {
        self.finished.store(finished, Ordering::SeqCst);
    }
}

/// What the search finds, if it is asked.
fn search(asked: &Asked, paid: &Paid) -> Option<(u16, String)> {
    let query = asked.path.strip_prefix("/v1/payment_intents/search?")?;
    let wanted = field(query, "query");
    let paid = paid.lock().expect("no panic");
    let found: Vec<Value> = paid
        .iter()
        .filter(|(leg, _)| wanted == format!("metadata['leg']:'{leg}'"))
        .map(|(leg, amount)| {
            json!({
                "id": format!("pi_{leg}"), "status": "succeeded", "amount_received": amount,
                "currency": "vnd", "metadata": {"leg": leg},
            })
        })
        .collect();
    Some((200, json!({"data": found}).to_string()))
}

fn answer(asked: &Asked, refunds: &Refunds, finished: bool) -> (u16, String) {
    let status = if finished { "succeeded" } else { "pending" };
    let shown = |refund: &String| json!({"id": format!("re_{refund}"), "status": status, "metadata": {"refund_leg": refund}});
    let mut refunds = refunds.lock().expect("no panic");
    let body: Value = match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", path) if path.starts_with("/v1/payment_intents/") => {
            let id = path.trim_start_matches("/v1/payment_intents/");
            json!({"id": id, "status": "succeeded", "currency": "vnd", "metadata": {}})
        }
        ("GET", path) if path.starts_with("/v1/refunds?") => {
            let payment = field(path.trim_start_matches("/v1/refunds?"), "payment_intent");
            let made = refunds.get(&payment).cloned().unwrap_or_default();
            json!({"data": made.iter().map(shown).collect::<Vec<_>>()})
        }
        ("POST", "/v1/refunds") => {
            let refund = field(&asked.body, "metadata[refund_leg]");
            let made = refunds
                .entry(field(&asked.body, "payment_intent"))
                .or_default();
            // It is the idempotency key as well.
            if !made.contains(&refund) {
                made.push(refund.clone());
            }
            shown(&refund)
        }
        _ => {
            return (
                404,
                json!({"error": {"type": "invalid_request_error"}}).to_string(),
            );
        }
    };
    (200, body.to_string())
}

/// A field of a form.
fn field(form: &str, name: &str) -> String {
    let form = format!("http://form/?{form}");
    reqwest::Url::parse(&form)
        .expect("a form")
        .query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_else(|| panic!("no {name} in {form}"))
}
