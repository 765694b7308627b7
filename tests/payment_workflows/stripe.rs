//! A Stripe that takes its time with refunds.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::web::{Asked, serve};

pub struct Stripe {
    pub url: String,
    finished: Arc<AtomicBool>,
}

/// Refunds by their payment: the caller's name for each.
type Refunds = Mutex<BTreeMap<String, Vec<String>>>;

impl Stripe {
    pub async fn start() -> Stripe {
        let finished = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&finished);
        let refunds: Refunds = Mutex::default();
        let url = serve(move |asked| answer(asked, &refunds, done.load(Ordering::SeqCst))).await;
        Stripe { url, finished }
    }

    /// Whether refunds are done or pending, from now on.
    pub fn finished(&self, finished: bool) {
        self.finished.store(finished, Ordering::SeqCst);
    }
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
