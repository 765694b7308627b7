//! SePay's payment gateway: the buyer's browser posts a signed form, SePay tells by its IPN, and is asked
//! and told to let go by its API. Dong only, and nothing is refunded by the API: what goes back goes to
//! the wallet.
//!
//! A leg is an order there, whose invoice number is the leg's id without dashes.

pub mod ipn;

use serde::Deserialize;
use serde_json::{Value, json};
use stoa_kit::outbound::{self, Request, Response};
use uuid::Uuid;

use super::catalogue::{configured, url};
use super::{CallError, Charge, Created, LegRef, Refunded, Standing, return_url, sign};

pub const NAME: &str = "sepay";

/// SePay with the keys of the configuration.
#[derive(Clone)]
pub struct Sepay {
    merchant: String,
    secret_key: String,
    ipn_secret: String,
    pay_url: String,
    url: String,
    public_url: String,
}

impl std::fmt::Debug for Sepay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sepay({})", self.merchant)
    }
}

/// What the form of a payment is made of.
#[derive(Debug, Clone)]
pub struct FormOf<'a> {
    pub leg: Uuid,
    pub session: Uuid,
    /// Whole dong.
    pub amount: i64,
    pub description: &'a str,
    /// A URL of the shop.
    pub return_url: Option<&'a str>,
}

impl Sepay {
    /// `None`: a secret is missing.
    pub async fn configured() -> Option<Self> {
        Some(Self {
            merchant: configured("sepay_merchant").await?,
            secret_key: configured("sepay_secret_key").await?,
            ipn_secret: configured("sepay_ipn_secret").await?,
            pay_url: url("sepay_pay_url").await?,
            url: url("sepay_url").await?,
            public_url: url("public_url").await?,
        })
    }

    /// See [`super::Provider::create`]. Nothing is asked: our own page posts the form.
    pub fn create(&self, charge: &Charge) -> Result<Created, CallError> {
        if charge.amount < 1 {
            return Err(CallError::Refused(format!(
                "SePay cannot take {} VND",
                charge.amount
            )));
        }
        Ok(Created::Pending {
            provider_ref: None,
            pay_url: Some(format!(
                "{}/v1/payment-providers/{NAME}/pay/{}",
                self.public_url, charge.leg
            )),
            client_data: None,
        })
    }

    /// Where the form goes.
    #[must_use]
    pub fn form_url(&self) -> &str {
        &self.pay_url
    }

    /// The fields of the form, in the order in which they are signed, and the signature.
    #[must_use]
    pub fn form(&self, of: &FormOf<'_>) -> Vec<(&'static str, String)> {
        let back = |outcome: &str| {
            let shop = of
                .return_url
                .and_then(|url| return_url::absolute(url, &self.public_url))
                .unwrap_or_else(|| self.public_url.clone());
            return_url::with_outcome(&shop, of.session, outcome)
        };
        let mut fields = vec![
            ("merchant", self.merchant.clone()),
            ("operation", "PURCHASE".into()),
            ("order_amount", of.amount.to_string()),
            ("currency", "VND".into()),
            ("order_invoice_number", of.leg.simple().to_string()),
            ("order_description", of.description.to_owned()),
            ("success_url", back("paid")),
            ("error_url", back("failed")),
            ("cancel_url", back("cancelled")),
        ];
        fields.push(("signature", signature(&self.secret_key, &fields)));
        fields
    }

    /// See [`super::Provider::status`].
    pub async fn status(&self, leg: &LegRef) -> Result<Standing, CallError> {
        let request = Request::get(format!("{}/v1/order/detail/{}", self.url, leg.leg.simple()));
        let answer = self.ask(request).await?;
        match answer.status {
            404 => Ok(Standing::Unknown),
            _ if answer.is_success() => Ok(standing(&answer.json::<Detail>()?.data, leg.leg)),
            _ => Err(unclear(&answer)),
        }
    }

    /// See [`super::Provider::cancel`].
    pub async fn cancel(&self, leg: &LegRef) -> Result<(), CallError> {
        let request = Request::post(format!("{}/v1/order/cancel", self.url))
            .json(&json!({"order_invoice_number": leg.leg.simple().to_string()}))?;
        let answer = self.ask(request).await?;
        if answer.is_success() {
            return Ok(());
        }
        // It refuses what is paid, and also what is cancelled or was never there: only the first matters.
        match self.status(leg).await? {
            Standing::Settled { .. } => Err(CallError::Refused("it is paid".into())),
            _ => Ok(()),
        }
    }

    /// See [`super::Provider::refund`].
    pub fn refund(&self) -> Result<Refunded, CallError> {
        Err(CallError::Refused(
            "SePay gives nothing back by its API".into(),
        ))
    }

    async fn ask(&self, request: Request) -> Result<Response, CallError> {
        let request = request.basic(&self.merchant, &self.secret_key);
        Ok(outbound::send(request).await?)
    }
}

fn unclear(answer: &Response) -> CallError {
    CallError::Unknown(format!("SePay answered {}", answer.status))
}

/// Base64 of the HMAC over `name=value`, with commas between.
fn signature(secret: &str, fields: &[(&str, String)]) -> String {
    let text = fields
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join(",");
    sign::hmac_sha256_base64(secret, &text)
}

#[derive(Debug, Deserialize)]
struct Detail {
    data: Order,
}

#[derive(Debug, Default, Deserialize)]
struct Order {
    order_id: Option<String>,
    order_invoice_number: Option<String>,
    #[serde(default)]
    order_status: String,
    #[serde(default)]
    transactions: Vec<Transaction>,
}

#[derive(Debug, Deserialize)]
struct Transaction {
    payment_method: Option<String>,
    #[serde(default)]
    transaction_type: String,
    #[serde(default)]
    transaction_status: String,
    transaction_amount: Value,
    #[serde(default)]
    transaction_currency: String,
}

fn standing(order: &Order, leg: Uuid) -> Standing {
    let invoice = leg.simple().to_string();
    if order.order_invoice_number.as_deref() != Some(&invoice) {
        return Standing::Unknown;
    }
    // What came in, not what was asked for.
    let paid = order
        .transactions
        .iter()
        .filter(|t| t.transaction_type == "PAYMENT" && t.transaction_status == "APPROVED")
        .filter(|t| t.transaction_currency == "VND")
        .filter(|t| stays(&order.order_status, t.payment_method.as_deref()))
        .try_fold(0_i64, |sum, t| {
            sum.checked_add(dong(&t.transaction_amount)?)
        });
    match (order.order_status.as_str(), paid) {
        ("CANCELLED" | "CANCELED", Some(0)) => {
            Standing::Failed("The payment was cancelled.".into())
        }
        (status, Some(0)) if status != "CAPTURED" => Standing::Pending,
        (_, paid) => match (paid, &order.order_id) {
            (Some(amount), Some(id)) => Standing::Settled {
                provider_ref: id.clone(),
                amount,
                currency: "VND".into(),
            },
            _ => Standing::Unknown,
        },
    }
}

/// Whether a payment that was approved is there, whatever has become of its order: a transfer may be under way
/// when the order is cancelled. Cards are cancelled by voiding what they paid.
fn stays(order_status: &str, method: Option<&str>) -> bool {
    order_status == "CAPTURED" || method != Some("CARD")
}

/// An amount that may be a number or a text, with zeros behind a point: whole dong.
fn dong(value: &Value) -> Option<i64> {
    if let Some(whole) = value.as_i64() {
        return Some(whole);
    }
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text.as_str(), ""));
    let plain = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
    (plain && fraction.bytes().all(|b| b == b'0'))
        .then(|| whole.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn sepay() -> Sepay {
        Sepay {
            merchant: "SP-TEST-1".into(),
            secret_key: "spsk_test_1".into(),
            ipn_secret: "ipn-secret".into(),
            pay_url: "https://pay.example/v1/checkout/init".into(),
            url: "https://pgapi.example".into(),
            public_url: "https://shop.example".into(),
        }
    }

    const LEG: &str = "018f0000000070008000000000000001";

    fn leg() -> Uuid {
        LEG.parse().expect("an id")
    }

    /// By the published scheme, worked out with another implementation.
    #[test]
    fn the_form_is_signed_in_its_order() {
        let form = sepay().form(&FormOf {
            leg: leg(),
            session: Uuid::nil(),
            amount: 100_000,
            description: "Test payment",
            return_url: None,
        });
        let names: Vec<&str> = form.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            [
                "merchant",
                "operation",
                "order_amount",
                "currency",
                "order_invoice_number",
                "order_description",
                "success_url",
                "error_url",
                "cancel_url",
                "signature"
            ]
        );
        assert_eq!(
            form.last().map(|(_, value)| value.as_str()),
            Some("GbWTgnH+p0oefmn3Jd05oFDkofptXOJrXguoaBZkTl8=")
        );
    }

    #[test]
    fn buyers_go_back_to_the_shop_only() {
        let back = |url| {
            let form = sepay().form(&FormOf {
                leg: leg(),
                session: Uuid::nil(),
                amount: 1,
                description: "x",
                return_url: Some(url),
            });
            form.into_iter()
                .find(|(name, _)| *name == "success_url")
                .map(|(_, url)| url)
        };
        let id = Uuid::nil();
        assert_eq!(
            back("/a"),
            Some(format!(
                "https://shop.example/a?session_id={id}&payment=paid"
            ))
        );
        assert_eq!(
            back("https://evil.example"),
            Some(format!("https://shop.example?session_id={id}&payment=paid"))
        );
    }

    #[test]
    fn amounts_are_whole_dong() {
        for (value, amount) in [
            (json!("300000"), Some(300_000)),
            (json!("300000.00"), Some(300_000)),
            (json!(300_000), Some(300_000)),
            (json!(300_000.0), Some(300_000)),
            (json!("300000.50"), None),
            (json!("-1"), None),
            (json!("1e5"), None),
            (json!(""), None),
            (json!(null), None),
            (json!("99999999999999999999"), None),
        ] {
            assert_eq!(dong(&value), amount, "{value}");
        }
    }

    #[test]
    fn what_came_in_counts() {
        let order = |status: &str, paid: &[&str]| -> Order {
            let transactions: Vec<Value> = paid
                .iter()
                .map(|amount| {
                    json!({
                        "transaction_type": "PAYMENT", "transaction_status": "APPROVED",
                        "transaction_amount": amount, "transaction_currency": "VND",
                    })
                })
                .collect();
            serde_json::from_value(json!({
                "order_id": "SEPAY-1", "order_invoice_number": LEG, "order_status": status,
                "order_amount": "300000.00", "transactions": transactions,
            }))
            .expect("an order")
        };
        let settled = |amount| Standing::Settled {
            provider_ref: "SEPAY-1".into(),
            amount,
            currency: "VND".into(),
        };
        assert_eq!(
            standing(&order("CAPTURED", &["300000"]), leg()),
            settled(300_000)
        );
        assert_eq!(
            standing(&order("CAPTURED", &["100000", "50000"]), leg()),
            settled(150_000)
        );
        // Of an order that is cancelled or open as well.
        for status in ["CANCELLED", "AUTHENTICATION_NOT_NEEDED", "PARTIALLY_PAID"] {
            let order = order(status, &["100000", "50000"]);
            assert_eq!(standing(&order, leg()), settled(150_000), "{status}");
        }
        // But not what a card has paid by one that is cancelled: it was voided.
        for (status, paid) in [("CAPTURED", true), ("CANCELLED", false)] {
            let mut order = order(status, &["300000"]);
            for transaction in &mut order.transactions {
                transaction.payment_method = Some("CARD".into());
            }
            assert_eq!(standing(&order, leg()) == settled(300_000), paid);
        }
        assert_eq!(
            standing(&order("AUTHENTICATION_NOT_NEEDED", &[]), leg()),
            Standing::Pending
        );
        assert!(matches!(
            standing(&order("CANCELLED", &[]), leg()),
            Standing::Failed(_)
        ));
        assert_eq!(
            standing(&order("CAPTURED", &["1"]), Uuid::nil()),
            Standing::Unknown
        );
    }
}
