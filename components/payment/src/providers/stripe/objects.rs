//! What Stripe answers, as far as it is read.

use serde::Deserialize;

/// What we told Stripe to remember.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Metadata {
    pub leg: Option<String>,
    pub refund_leg: Option<String>,
}

/// A PaymentIntent.
#[derive(Debug, Clone, Deserialize)]
pub struct Intent {
    pub id: String,
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub amount: i64,
    #[serde(default)]
    pub amount_received: i64,
    #[serde(default)]
    pub currency: String,
    pub client_secret: Option<String>,
    pub last_payment_error: Option<Failure>,
    pub next_action: Option<NextAction>,
    #[serde(default)]
    pub metadata: Metadata,
}

/// What the buyer has to do.
#[derive(Debug, Clone, Deserialize)]
pub struct NextAction {
    pub redirect_to_url: Option<Redirect>,
}

/// A page to go to.
#[derive(Debug, Clone, Deserialize)]
pub struct Redirect {
    pub url: String,
}

/// A refund.
#[derive(Debug, Clone, Deserialize)]
pub struct Refund {
    pub id: String,
    pub status: Option<String>,
    pub failure_reason: Option<String>,
    pub payment_intent: Option<String>,
    #[serde(default)]
    pub amount: i64,
    #[serde(default)]
    pub currency: String,
    #[serde(default)]
    pub metadata: Metadata,
}

/// Whom methods belong to.
#[derive(Debug, Clone, Deserialize)]
pub struct Customer {
    pub id: String,
}

/// A card or account.
#[derive(Debug, Clone, Deserialize)]
pub struct Method {
    pub id: String,
    /// Whose it is.
    pub customer: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            data: Vec::new(),
            has_more: false,
        }
    }
}

/// The body of a refusal.
#[derive(Debug, Clone, Deserialize)]
pub struct Failed {
    pub error: Failure,
}

/// Why something failed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Failure {
    #[serde(default, rename = "type")]
    pub kind: String,
    pub code: Option<String>,
    pub message: Option<String>,
}

impl Failure {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        self.message
            .as_deref()
            .or(self.code.as_deref())
            .unwrap_or("no reason given")
            .chars()
            .take(300)
            .collect()
    }
}
