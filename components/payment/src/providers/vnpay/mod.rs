//! VNPAY 2.1.0: the buyer goes to a signed URL, VNPAY tells by its IPN, and is asked and told to refund
//! by its merchant API. Dong only.
//!
//! A leg's reference there is its id without dashes. VNPAY finds payments by reference *and* by the time
//! of their making, which is therefore that of the leg's id: it never changes.

pub mod api;
pub mod dates;
pub mod ipn;
mod refunds;

use serde_json::Value;
use uuid::Uuid;

use super::catalogue::{configured, url};
use super::form::{encode, escape};
use super::{CallError, Charge, Created, LegRef, Standing, sign};
use api::Answer;

pub const NAME: &str = "vnpay";

const VERSION: &str = "2.1.0";
/// What its fields hold: digits of amounts, characters of descriptions.
const MOST_HUNDREDTHS: i64 = 999_999_999_999;
const LONGEST_INFO: usize = 255;
/// How long its page may be paid, seconds: as long as an attempt lives.
const LIFE_S: i64 = 15 * 60;

/// VNPAY with the keys of the configuration.
#[derive(Clone)]
pub struct Vnpay {
    tmn_code: String,
    hash_secret: String,
    pay_url: String,
    url: String,
    public_url: String,
}

impl std::fmt::Debug for Vnpay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vnpay({})", self.tmn_code)
    }
}

impl Vnpay {
    /// `None`: a secret is missing.
    pub async fn configured() -> Option<Self> {
        Some(Self {
            tmn_code: configured("vnpay_tmn_code").await?,
            hash_secret: configured("vnpay_hash_secret").await?,
            pay_url: url("vnpay_pay_url").await?,
            url: url("vnpay_url").await?,
            public_url: url("public_url").await?,
        })
    }

    /// See [`super::Provider::create`]. Nothing is asked: the URL is the payment.
    pub fn create(&self, charge: &Charge) -> Result<Created, CallError> {
        let amount = hundredths(charge.amount)?;
        let made = dates::made_at(charge.leg);
        let fields = [
            ("vnp_Amount", amount.to_string()),
            ("vnp_Command", "pay".into()),
            ("vnp_CreateDate", dates::format(made)),
            ("vnp_CurrCode", "VND".into()),
            ("vnp_ExpireDate", dates::format(made.saturating_add(LIFE_S))),
            (
                "vnp_IpAddr",
                charge
                    .client_ip
                    .clone()
                    .filter(|ip| !ip.is_empty())
                    .unwrap_or_else(|| "127.0.0.1".into()),
            ),
            ("vnp_Locale", "vn".into()),
            ("vnp_OrderInfo", ascii(&charge.description)),
            ("vnp_OrderType", "other".into()),
            ("vnp_ReturnUrl", self.return_url(charge)),
            ("vnp_TmnCode", self.tmn_code.clone()),
            ("vnp_TxnRef", charge.leg.simple().to_string()),
            ("vnp_Version", VERSION.into()),
        ];
        Ok(Created::Pending {
            provider_ref: None,
            pay_url: Some(format!("{}?{}", self.pay_url, self.signed(&fields))),
            client_data: None,
        })
    }

    /// The buyer comes back to a page of ours that looks at the signature, and from there to the shop's.
    fn return_url(&self, charge: &Charge) -> String {
        let back = format!(
            "{}/v1/payment-providers/{NAME}/return?session_id={}",
            self.public_url, charge.session
        );
        match &charge.return_url {
            Some(to) => format!("{back}&to={}", escape(to)),
            None => back,
        }
    }

    /// The fields, which stand in order, with the hash over them behind.
    fn signed(&self, fields: &[(&str, String)]) -> String {
        let query = encode(fields);
        let hash = sign::hmac_sha512_hex(&self.hash_secret, &query);
        format!("{query}&vnp_SecureHash={hash}")
    }

    /// See [`super::Provider::status`].
    pub async fn status(&self, leg: &LegRef) -> Result<Standing, CallError> {
        let answer = self.query(leg).await?;
        standing(&answer)
    }

    async fn query(&self, leg: &LegRef) -> Result<Answer, CallError> {
        let answer = self
            .ask(&api::query(api::Question {
                // Another question each time.
                request_id: Uuid::new_v4().simple().to_string(),
                tmn_code: &self.tmn_code,
                txn_ref: leg.leg.simple().to_string(),
                transaction_date: dates::format(dates::made_at(leg.leg)),
                create_date: dates::format(dates::now()),
            }))
            .await?;
        match answer.code() {
            "00" | "91" => Ok(answer),
            _ => Err(answer.unknown()),
        }
    }

    async fn ask(&self, order: &api::Order) -> Result<Answer, CallError> {
        api::send(&self.url, &self.hash_secret, order).await
    }
}

fn standing(answer: &Answer) -> Result<Standing, CallError> {
    if answer.code() == "91" {
        // The buyer has not been there.
        return Ok(Standing::Unknown);
    }
    if answer.text("vnp_TransactionType") != "01" {
        // The newest transaction is a refund, which says nothing of the payment.
        return Ok(Standing::Unknown);
    }
    Ok(match answer.text("vnp_TransactionStatus") {
        "00" => match answer.amount().and_then(dong) {
            Some(amount) => Standing::Settled {
                provider_ref: answer.text("vnp_TransactionNo").to_owned(),
                amount,
                currency: "VND".into(),
            },
            None => Standing::Unknown,
        },
        "02" | "09" => Standing::Failed("VNPAY reports an error.".into()),
        // Turned back at the bank, or suspected of fraud: the buyer is debited, and somebody there looks at
        // it. What comes of that is not known, and nobody else may decide meanwhile that it is unpaid.
        status @ ("04" | "05" | "06" | "07") => {
            return Err(CallError::Unknown(format!(
                "VNPAY has debited it and holds it for review (state {status})"
            )));
        }
        // The buyer is at it.
        _ => Standing::Pending,
    })
}

fn hundredths(amount: i64) -> Result<i64, CallError> {
    amount
        .checked_mul(100)
        .filter(|hundredths| (1..=MOST_HUNDREDTHS).contains(hundredths))
        .ok_or_else(|| CallError::Refused(format!("VNPAY cannot take {amount} VND")))
}

/// Hundredths as VNPAY counts them in whole dong.
fn dong(hundredths: i64) -> Option<i64> {
    (hundredths.checked_rem(100)? == 0)
        .then(|| hundredths.checked_div(100))
        .flatten()
}

/// A text as VNPAY wants it: no accents and no other marks than spaces, points, colons and dashes.
fn ascii(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | ':' | '-' => c,
            _ => ' ',
        })
        .take(LONGEST_INFO)
        .collect()
}

/// The number in a field that may be a text or a number.
fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::providers::form;

    pub(super) fn vnpay() -> Vnpay {
        Vnpay {
            tmn_code: "DEMOV210".into(),
            hash_secret: "SECRETSECRETSECRETSECRETSECRET12".into(),
            pay_url: "https://pay.example/vpcpay.html".into(),
            url: "https://api.example".into(),
            public_url: "https://shop.example".into(),
        }
    }

    #[test]
    fn the_url_is_in_order_signed_and_in_hundredths() {
        let leg: Uuid = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
            .parse()
            .expect("an id");
        let charge = Charge {
            leg,
            session: Uuid::nil(),
            amount: 18_060,
            currency: "VND".into(),
            description: "Thanh toán đơn hàng: 5".into(),
            return_url: Some("https://shop.example/thanks?a=b".into()),
            method_token: None,
            client_ip: Some("203.0.113.9".into()),
            expires_at: Utc::now(),
        };
        let vnpay = vnpay();
        let Ok(Created::Pending {
            pay_url: Some(url),
            provider_ref: None,
            ..
        }) = vnpay.create(&charge)
        else {
            panic!("no URL")
        };
        let (query, hash) = url
            .strip_prefix("https://pay.example/vpcpay.html?")
            .and_then(|rest| rest.split_once("&vnp_SecureHash="))
            .expect("a signed URL");
        assert_eq!(hash, sign::hmac_sha512_hex(&vnpay.hash_secret, query));
        let pairs = form::decode(query).expect("pairs");
        assert!(pairs.is_sorted());
        let field = |name| form::value(&pairs, name).expect("a field");
        assert_eq!(field("vnp_Amount"), "1806000");
        assert_eq!(field("vnp_TxnRef"), "017f22e279b07cc398c4dc0c0c07398f");
        // The example of RFC 9562: 2022-02-22 19:22:22 UTC.
        assert_eq!(field("vnp_CreateDate"), "20220223022222");
        assert_eq!(field("vnp_ExpireDate"), "20220223023722");
        assert_eq!(field("vnp_OrderInfo"), "Thanh to n   n h ng: 5");
        assert!(
            field("vnp_ReturnUrl").ends_with("&to=https%3A%2F%2Fshop.example%2Fthanks%3Fa%3Db")
        );
        assert_eq!(vnpay.create(&charge), vnpay.create(&charge));
    }

    #[test]
    fn what_is_debited_and_held_for_review_is_neither_paid_nor_open() {
        let of = |status: &str| {
            standing(&Answer::of(serde_json::json!({
                "vnp_ResponseCode": "00", "vnp_TransactionType": "01", "vnp_Amount": "1000000",
                "vnp_TransactionNo": "7", "vnp_TransactionStatus": status,
            })))
        };
        for status in ["04", "05", "06", "07"] {
            assert!(matches!(of(status), Err(CallError::Unknown(_))), "{status}");
        }
        assert_eq!(of("01"), Ok(Standing::Pending));
        assert!(matches!(of("00"), Ok(Standing::Settled { .. })));
        assert!(matches!(of("02"), Ok(Standing::Failed(_))));
    }

    #[test]
    fn amounts_beyond_its_field_are_refused() {
        assert_eq!(hundredths(9_999_999_999), Ok(999_999_999_900));
        for amount in [0, -1, 10_000_000_000, i64::MAX] {
            assert!(hundredths(amount).is_err(), "{amount}");
        }
        assert_eq!(dong(1_806_000), Some(18_060));
        assert_eq!(dong(1), None);
    }
}
