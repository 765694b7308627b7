//! Stripe, by PaymentIntents.
//!
//! A leg is one PaymentIntent, whose metadata name the leg. The buyer pays in the shop's own page with
//! Stripe's library and the client secret, or by a saved method, which is confirmed at once. A saved
//! method's token is `cus_…/pm_…`: each account has a customer of its own there, and the method is its.

mod methods;
pub mod objects;
mod refunds;
pub mod units;
pub mod webhook;

use http::{HeaderName, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use stoa_kit::outbound::{self, Request, Response};
use uuid::Uuid;

use super::catalogue::{configured, url};
use super::form::{encode, escape};
use super::{CallError, Charge, Created, LegRef, Standing};
use objects::{Failure, Intent, List};

pub const NAME: &str = "stripe";

/// The version whose answers this reads; an account's own default may be another.
const VERSION: &str = "2024-06-20";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// Stripe with the keys of the configuration.
#[derive(Clone)]
pub struct Stripe {
    secret_key: String,
    /// With which the shop's page loads Stripe's library; no secret.
    publishable_key: Option<String>,
    url: String,
}

impl std::fmt::Debug for Stripe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stripe({})", self.url)
    }
}

impl Stripe {
    /// `None`: a secret is missing. That of the webhooks is one: without it nothing would settle.
    pub async fn configured() -> Option<Self> {
        configured("stripe_webhook_secret").await?;
        Some(Self {
            secret_key: configured("stripe_secret_key").await?,
            publishable_key: configured("stripe_publishable_key").await,
            url: url("stripe_url").await?,
        })
    }

    /// See [`super::Provider::create`].
    pub async fn create(&self, charge: &Charge) -> Result<Created, CallError> {
        let amount = stripes(charge.amount, &charge.currency)?;
        let mut form = vec![
            ("amount", amount.to_string()),
            ("currency", charge.currency.to_ascii_lowercase()),
            ("description", charge.description.clone()),
            ("metadata[leg]", charge.leg.to_string()),
            ("metadata[session]", charge.session.to_string()),
            ("automatic_payment_methods[enabled]", "true".into()),
        ];
        if let Some(token) = &charge.method_token {
            let (customer, method) = match token.split_once('/') {
                Some((customer, method)) => (Some(customer), method),
                None => (None, token.as_str()),
            };
            form.extend(customer.map(|id| ("customer", id.to_owned())));
            form.push(("payment_method", method.to_owned()));
            form.push(("confirm", "true".into()));
            match &charge.return_url {
                Some(url) => form.push(("return_url", url.clone())),
                // Without a way back only methods that need no page of their own will do.
                None => form.push(("automatic_payment_methods[allow_redirects]", "never".into())),
            }
        }
        let answer = self.post("/v1/payment_intents", &form, charge.leg).await?;
        if answer.is_success() {
            return Ok(created(answer.json()?, self.publishable_key.as_deref()));
        }
        let failure = failure(&answer);
        if failure.kind == "card_error" {
            return Ok(Created::Declined(failure.text()));
        }
        Err(refused(answer.status, &failure))
    }

    /// See [`super::Provider::cancel`].
    pub async fn cancel(&self, leg: &LegRef) -> Result<(), CallError> {
        let Some(intent) = self.intent_id(leg).await? else {
            return Ok(());
        };
        let path = format!("/v1/payment_intents/{}/cancel", escape(&intent));
        let form = [("cancellation_reason", "abandoned".to_owned())];
        // Another key each time: Stripe repeats what it answered to one for a day, also that it is under
        // way. Cancelled twice it is as cancelled as once.
        let answer = self.post(&path, &form, Uuid::new_v4()).await?;
        if answer.is_success() {
            return Ok(());
        }
        // It refuses what is paid, and also what is cancelled already.
        match self.status(leg).await? {
            Standing::Failed(_) | Standing::Unknown => Ok(()),
            _ => Err(refused(answer.status, &failure(&answer))),
        }
    }

    /// See [`super::Provider::status`].
    pub async fn status(&self, leg: &LegRef) -> Result<Standing, CallError> {
        Ok(match self.intent(leg).await? {
            Some(intent) => standing(intent),
            None => Standing::Unknown,
        })
    }

    /// What Stripe calls the leg.
    async fn intent_id(&self, leg: &LegRef) -> Result<Option<String>, CallError> {
        match &leg.provider_ref {
            Some(id) => Ok(Some(id.clone())),
            None => Ok(self.intent(leg).await?.map(|intent| intent.id)),
        }
    }

    /// The leg's PaymentIntent: by its id, or where nobody heard that, by what its metadata say.
    async fn intent(&self, leg: &LegRef) -> Result<Option<Intent>, CallError> {
        if let Some(id) = &leg.provider_ref {
            let path = format!("/v1/payment_intents/{}", escape(id));
            return Ok(Some(shown(self.get(&path).await?)?));
        }
        let query = format!("metadata['leg']:'{}'", leg.leg);
        let path = format!(
            "/v1/payment_intents/search?{}",
            encode(&[("query", query.as_str()), ("limit", "1")])
        );
        let list: List<Intent> = shown(self.get(&path).await?)?;
        Ok(list.data.into_iter().next())
    }

    /// `None`: there is none.
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, CallError> {
        let request = Request::get(format!("{}{path}", self.url));
        let answer = outbound::send(self.with_keys(request)).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        if answer.is_success() {
            return Ok(Some(answer.json()?));
        }
        // A question that is refused answers nothing.
        Err(CallError::Unknown(format!(
            "Stripe answered {}: {}",
            answer.status,
            failure(&answer).text()
        )))
    }

    async fn post(
        &self,
        path: &str,
        form: &[(&str, String)],
        key: Uuid,
    ) -> Result<Response, CallError> {
        let request = Request::post(format!("{}{path}", self.url))
            .header(IDEMPOTENCY_KEY, &key.to_string())
            .body("application/x-www-form-urlencoded", encode(form));
        Ok(outbound::send(self.with_keys(request)).await?)
    }

    fn with_keys(&self, request: Request) -> Request {
        request
            .secret_header(
                header::AUTHORIZATION,
                &format!("Bearer {}", self.secret_key),
            )
            .header(STRIPE_VERSION, VERSION)
    }
}

/// What Stripe must have, because it has said so. That it shows nothing is no word on the money: these may
/// be the keys of another account, or of its test mode.
fn shown<T>(found: Option<T>) -> Result<T, CallError> {
    found.ok_or_else(|| {
        CallError::Unknown(
            "Stripe answered 404: are its keys those of the account that was paid?".into(),
        )
    })
}

fn stripes(amount: i64, currency: &str) -> Result<i64, CallError> {
    units::to_stripe(amount, currency)
        .ok_or_else(|| CallError::Refused(format!("Stripe cannot take {amount} {currency}")))
}

fn failure(answer: &Response) -> Failure {
    answer
        .json::<objects::Failed>()
        .map(|failed| failed.error)
        .unwrap_or_default()
}

/// What an answer that is none of success means for whoever asked.
fn refused(status: u16, failure: &Failure) -> CallError {
    let text = format!("Stripe answered {status}: {}", failure.text());
    // All others are not Stripe's word on the money: keys that somebody has to put right, a key in use or
    // used for something else, an object that is locked for a moment.
    let about_it = matches!(status, 400 | 402 | 404)
        && matches!(
            failure.kind.as_str(),
            "invalid_request_error" | "card_error"
        )
        && !matches!(
            failure.code.as_deref(),
            Some("lock_timeout" | "idempotency_key_in_use" | "rate_limit")
        );
    if about_it {
        CallError::Refused(text)
    } else {
        CallError::Unknown(text)
    }
}

fn created(intent: Intent, publishable_key: Option<&str>) -> Created {
    match intent.status.as_str() {
        "succeeded" => Created::Settled {
            provider_ref: intent.id,
        },
        "canceled" => Created::Declined("The payment was cancelled.".into()),
        // A saved method was tried, and declined.
        "requires_payment_method" if intent.last_payment_error.is_some() => {
            Created::Declined(declined(&intent))
        }
        _ => Created::Pending {
            pay_url: intent
                .next_action
                .and_then(|action| action.redirect_to_url)
                .map(|redirect| redirect.url),
            client_data: intent
                .client_secret
                .map(|secret| client_data(&intent.id, &secret, publishable_key)),
            provider_ref: Some(intent.id),
        },
    }
}

/// What the shop's page needs for Stripe's library.
fn client_data(intent: &str, secret: &str, publishable_key: Option<&str>) -> Value {
    let mut data = json!({"payment_intent": intent, "client_secret": secret});
    if let (Some(fields), Some(key)) = (data.as_object_mut(), publishable_key) {
        fields.insert("publishable_key".to_owned(), key.into());
    }
    data
}

fn declined(intent: &Intent) -> String {
    intent
        .last_payment_error
        .as_ref()
        .map_or_else(|| "The payment was declined.".into(), Failure::text)
}

fn standing(intent: Intent) -> Standing {
    match intent.status.as_str() {
        "succeeded" => {
            let currency = intent.currency.to_ascii_uppercase();
            match units::from_stripe(intent.amount_received, &currency) {
                Some(amount) => Standing::Settled {
                    provider_ref: intent.id,
                    amount,
                    currency,
                },
                None => Standing::Unknown,
            }
        }
        "canceled" => Standing::Failed("The payment was cancelled.".into()),
        _ => Standing::Pending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(json: serde_json::Value) -> Intent {
        serde_json::from_value(json).expect("an intent")
    }

    #[test]
    fn a_new_intent_waits_for_the_buyer() {
        let new = intent(json!({
            "id": "pi_1", "object": "payment_intent", "status": "requires_payment_method",
            "amount": 500, "amount_received": 0, "currency": "usd", "client_secret": "pi_1_secret",
            "last_payment_error": null, "next_action": null, "metadata": {},
        }));
        assert_eq!(
            created(new, Some("pk_1")),
            Created::Pending {
                provider_ref: Some("pi_1".into()),
                pay_url: None,
                client_data: Some(json!({
                    "payment_intent": "pi_1", "client_secret": "pi_1_secret", "publishable_key": "pk_1",
                })),
            }
        );
    }

    #[test]
    fn a_saved_method_settles_redirects_or_is_declined() {
        let base = json!({"id": "pi_1", "amount": 500, "amount_received": 500, "currency": "isk"});
        let with = |more: serde_json::Value| {
            let mut whole = base.clone();
            if let (Some(whole), Some(more)) = (whole.as_object_mut(), more.as_object()) {
                whole.extend(more.clone());
            }
            intent(whole)
        };
        assert!(matches!(
            created(with(json!({"status": "succeeded"})), None),
            Created::Settled { .. }
        ));
        assert_eq!(
            standing(with(json!({"status": "succeeded"}))),
            Standing::Settled {
                provider_ref: "pi_1".into(),
                amount: 5,
                currency: "ISK".into()
            }
        );
        let redirect = json!({"type": "redirect_to_url", "redirect_to_url": {"url": "https://hooks.example/3ds"}});
        assert!(matches!(
            created(with(json!({"status": "requires_action", "next_action": redirect})), None),
            Created::Pending { pay_url: Some(url), .. } if url == "https://hooks.example/3ds"
        ));
        let error = json!({"type": "card_error", "code": "card_declined", "message": "Your card was declined."});
        assert_eq!(
            created(
                with(json!({"status": "requires_payment_method", "last_payment_error": error})),
                None
            ),
            Created::Declined("Your card was declined.".into())
        );
    }

    #[test]
    fn what_stripe_has_named_and_does_not_show_is_unknown() {
        assert!(matches!(shown::<Intent>(None), Err(CallError::Unknown(_))));
        assert_eq!(shown(Some(1)), Ok(1));
    }

    #[test]
    fn only_a_refusal_of_what_was_asked_is_one() {
        let read = |status: u16, kind: &str, code: Option<&str>| {
            let failure = Failure {
                kind: kind.into(),
                code: code.map(str::to_owned),
                message: None,
            };
            refused(status, &failure)
        };
        for (status, kind, code) in [
            (400, "invalid_request_error", None),
            (
                400,
                "invalid_request_error",
                Some("parameter_invalid_integer"),
            ),
            (404, "invalid_request_error", Some("resource_missing")),
            (402, "card_error", Some("card_declined")),
        ] {
            let read = read(status, kind, code);
            assert!(matches!(read, CallError::Refused(_)), "{status} {code:?}");
        }
        for (status, kind, code) in [
            (400, "idempotency_error", None),
            (400, "api_error", None),
            (400, "invalid_request_error", Some("lock_timeout")),
            (400, "", None),
            (401, "invalid_request_error", None),
            (403, "invalid_request_error", None),
            (409, "idempotency_error", Some("idempotency_key_in_use")),
            (424, "api_error", None),
            (302, "", None),
        ] {
            let read = read(status, kind, code);
            assert!(matches!(read, CallError::Unknown(_)), "{status} {code:?}");
        }
    }
}
