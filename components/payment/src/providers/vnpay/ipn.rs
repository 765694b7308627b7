//! VNPAY's IPN and the return of the buyer: the same fields, signed in the same way.

use serde_json::json;
use stoa_kit::Error;
use uuid::Uuid;

use super::{Vnpay, dong};
use crate::providers::form::{self, encode};
use crate::providers::sign;
use crate::providers::webhook::{Outcome, Rejected, Reply, Subject, Told};
use crate::store::legs::{self, Reported};

/// Signed fields, whose hash is right.
#[derive(Debug)]
struct Fields(Vec<(String, String)>);

impl Fields {
    fn text(&self, name: &str) -> &str {
        form::value(&self.0, name).unwrap_or_default()
    }

    /// Whether both of VNPAY's codes say that it is paid.
    fn paid(&self) -> bool {
        self.text("vnp_ResponseCode") == "00" && self.text("vnp_TransactionStatus") == "00"
    }
}

/// How the buyer's payment went, as the URL says by which they come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    Paid,
    Failed,
}

impl Vnpay {
    /// What an IPN says.
    pub fn read_ipn(&self, query: &str) -> Result<Told, Rejected> {
        let fields = self.verified(query)?;
        let malformed = |what: &str| Rejected::Malformed(what.into());
        if fields.text("vnp_TmnCode") != self.tmn_code {
            return Err(malformed("it is for another shop"));
        }
        let amount = fields
            .text("vnp_Amount")
            .parse()
            .ok()
            .and_then(dong)
            .ok_or_else(|| malformed("its amount is none"))?;
        let number = fields.text("vnp_TransactionNo");
        let code = fields.text("vnp_ResponseCode");
        let status = fields.text("vnp_TransactionStatus");
        let reference = fields.text("vnp_TxnRef");
        let kind = match (code, status) {
            ("00", "00") => legs::Told::Settled,
            // Under way, or suspected of fraud: somebody there looks at it.
            ("07", _) | (_, "01" | "04" | "05" | "06" | "07") => legs::Told::Other,
            _ => legs::Told::Failed,
        };
        Ok(Told {
            // It has no id of its own; a payment that failed has the number 0.
            event_id: format!("{reference}:{number}:{code}:{status}"),
            kind,
            // A reference that is none of ours is told to be unknown.
            subject: Subject::Leg(Uuid::try_parse(reference).unwrap_or_default()),
            provider_ref: Some(number.to_owned()).filter(|no| !no.is_empty() && no != "0"),
            amount,
            currency: "VND".into(),
            reason: (kind == legs::Told::Failed).then(|| reason(code).to_owned()),
            refund_leg: None,
        })
    }

    /// How it went for a buyer who comes back. `None`: VNPAY does not say so.
    #[must_use]
    pub fn read_return(&self, query: &str) -> Option<Returned> {
        let fields = self.verified(query).ok()?;
        Some(if fields.paid() {
            Returned::Paid
        } else {
            Returned::Failed
        })
    }

    fn verified(&self, query: &str) -> Result<Fields, Rejected> {
        let pairs = form::decode(query).ok_or(Rejected::Signature)?;
        let mut fields: Vec<(String, String)> = pairs
            .iter()
            .filter(|(name, _)| name.starts_with("vnp_"))
            .filter(|(name, _)| name != "vnp_SecureHash" && name != "vnp_SecureHashType")
            .cloned()
            .collect();
        fields.sort();
        let twice = fields
            .windows(2)
            .any(|two| matches!(two, [(a, _), (b, _)] if a == b));
        let given = form::value(&pairs, "vnp_SecureHash")
            .and_then(sign::unhex)
            .unwrap_or_default();
        let expected = sign::unhex(&sign::hmac_sha512_hex(&self.hash_secret, &encode(&fields)))
            .unwrap_or_default();
        if twice || self.hash_secret.is_empty() || !sign::same(&expected, &given) {
            return Err(Rejected::Signature);
        }
        Ok(Fields(fields))
    }
}

/// What the codes mean, for the buyer.
fn reason(code: &str) -> &'static str {
    match code {
        "09" => "The card or account is not enabled for payments on the Internet.",
        "10" => "The card or account could not be verified.",
        "11" => "The time to pay is over.",
        "12" => "The card or account is locked.",
        "13" => "The one-time password was wrong.",
        "24" => "The payment was cancelled.",
        "51" => "The account does not hold enough.",
        "65" => "The account has reached its limit for today.",
        "75" => "The bank is under maintenance.",
        "79" => "The password was wrong too often.",
        _ => "The payment was declined.",
    }
}

/// VNPAY reads the code, and tells again unless it is 00 or 02.
fn coded(code: &str, message: &str) -> Reply {
    Reply {
        body: json!({"RspCode": code, "Message": message}),
        moved: code == "00",
    }
}

pub(in crate::providers) fn rejected(why: &Rejected) -> Reply {
    match why {
        Rejected::Signature => coded("97", "Invalid signature"),
        Rejected::Malformed(_) => coded("99", "Not understood"),
    }
}

pub(in crate::providers) fn reply(outcome: &Result<Outcome, Error>) -> Reply {
    match outcome {
        Ok(Outcome::Reported(Reported::UnknownLeg) | Outcome::NotOurs) => {
            coded("01", "Order not found")
        }
        Ok(Outcome::Reported(Reported::Duplicate)) => coded("02", "Order already confirmed"),
        Ok(Outcome::Reported(Reported::AmountMismatch)) => coded("04", "Invalid amount"),
        Ok(Outcome::Reported(_)) => coded("00", "Confirm Success"),
        Err(error) => {
            eprintln!("payment: an IPN of vnpay could not be taken: {error}");
            coded("99", "Unknown error")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::vnpay;
    use super::*;

    const LEG: &str = "018f0000000070008000000000000001";

    fn signed(vnpay: &Vnpay, changes: &[(&str, &str)]) -> String {
        let mut fields = vec![
            ("vnp_Amount", "1806000"),
            ("vnp_BankCode", "NCB"),
            ("vnp_BankTranNo", "VNP14226112"),
            ("vnp_CardType", "ATM"),
            ("vnp_OrderInfo", "Thanh toan don hang: 5 #1"),
            ("vnp_PayDate", "20231207170112"),
            ("vnp_ResponseCode", "00"),
            ("vnp_TmnCode", "DEMOV210"),
            ("vnp_TransactionNo", "14226112"),
            ("vnp_TransactionStatus", "00"),
            ("vnp_TxnRef", LEG),
        ];
        for (name, value) in changes {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        fields.sort_unstable();
        let query = encode(&fields);
        let hash = sign::hmac_sha512_hex(&vnpay.hash_secret, &query);
        format!("{query}&vnp_SecureHash={hash}")
    }

    #[test]
    fn a_paid_one_is_read() {
        let vnpay = vnpay();
        let told = vnpay.read_ipn(&signed(&vnpay, &[])).expect("read");
        assert_eq!(told.kind, legs::Told::Settled);
        assert_eq!((told.amount, told.currency.as_str()), (18_060, "VND"));
        assert_eq!(told.provider_ref.as_deref(), Some("14226112"));
        assert_eq!(told.subject, Subject::Leg(LEG.parse().expect("an id")));
        assert_eq!(
            vnpay.read_return(&signed(&vnpay, &[])),
            Some(Returned::Paid)
        );
    }

    #[test]
    fn a_cancelled_one_has_failed() {
        let vnpay = vnpay();
        let query = signed(
            &vnpay,
            &[
                ("vnp_ResponseCode", "24"),
                ("vnp_TransactionStatus", "02"),
                ("vnp_TransactionNo", "0"),
            ],
        );
        let told = vnpay.read_ipn(&query).expect("read");
        assert_eq!(told.kind, legs::Told::Failed);
        assert_eq!(told.provider_ref, None);
        assert_eq!(told.reason.as_deref(), Some("The payment was cancelled."));
        assert_eq!(vnpay.read_return(&query), Some(Returned::Failed));
    }

    #[test]
    fn one_code_alone_does_not_settle() {
        let vnpay = vnpay();
        for change in [
            ("vnp_ResponseCode", "07"),
            ("vnp_TransactionStatus", "02"),
            ("vnp_TransactionStatus", ""),
        ] {
            let told = vnpay.read_ipn(&signed(&vnpay, &[change])).expect("read");
            assert_ne!(told.kind, legs::Told::Settled, "{change:?}");
        }
    }

    #[test]
    fn whatever_was_changed_is_noticed() {
        let vnpay = vnpay();
        let good = signed(&vnpay, &[]);
        for bad in [
            good.replace("1806000", "1806001"),
            good.replace("vnp_SecureHash=", "vnp_SecureHash=00"),
            good.replace("&vnp_SecureHash=", "&x="),
            format!("{good}&vnp_Extra=1"),
            format!("vnp_Amount=1806000&{good}"),
            String::new(),
            "vnp_SecureHash=".into(),
            "%".into(),
        ] {
            assert_eq!(vnpay.read_ipn(&bad), Err(Rejected::Signature), "{bad}");
        }
        // What is not VNPAY's is not signed, and not read.
        assert!(vnpay.read_ipn(&format!("to=%2Fx&{good}")).is_ok());
    }

    #[test]
    fn a_secret_that_is_not_set_opens_nothing() {
        let mut open = vnpay();
        open.hash_secret = String::new();
        let query = signed(&open, &[]);
        assert_eq!(open.read_ipn(&query), Err(Rejected::Signature));
    }

    #[test]
    fn other_shops_and_amounts_that_are_none_are_not_understood() {
        let vnpay = vnpay();
        for change in [
            ("vnp_TmnCode", "OTHER"),
            ("vnp_Amount", "1806001"),
            ("vnp_Amount", "x"),
        ] {
            let read = vnpay.read_ipn(&signed(&vnpay, &[change]));
            assert!(matches!(read, Err(Rejected::Malformed(_))), "{change:?}");
        }
        let told = vnpay
            .read_ipn(&signed(&vnpay, &[("vnp_TxnRef", "5")]))
            .expect("read");
        assert_eq!(told.subject, Subject::Leg(Uuid::nil()));
    }

    #[test]
    fn answers_have_vnpays_codes() {
        let code = |outcome| reply(&Ok(Outcome::Reported(outcome))).body["RspCode"].clone();
        assert_eq!(code(Reported::Settled), "00");
        assert_eq!(code(Reported::UnknownLeg), "01");
        assert_eq!(code(Reported::Duplicate), "02");
        assert_eq!(code(Reported::AmountMismatch), "04");
        assert_eq!(rejected(&Rejected::Signature).body["RspCode"], "97");
        assert_eq!(reply(&Err(Error::internal("x"))).body["RspCode"], "99");
    }
}
