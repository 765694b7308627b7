//! VNPAY's merchant API: questions and refunds, with a checksum over their fields in a fixed order, and
//! answers that have one too.

use serde_json::{Map, Value};
use stoa_kit::outbound::{self, Request};

use super::{VERSION, number};
use crate::providers::{CallError, sign};

/// The checksum of a question covers these in this order, that of a refund those below.
const OF_QUERY: [&str; 9] = [
    "vnp_RequestId",
    "vnp_Version",
    "vnp_Command",
    "vnp_TmnCode",
    "vnp_TxnRef",
    "vnp_TransactionDate",
    "vnp_CreateDate",
    "vnp_IpAddr",
    "vnp_OrderInfo",
];
const OF_REFUND: [&str; 13] = [
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
];
/// And those of the answers.
const OF_ANSWER: [&str; 13] = [
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
/// What an answer to a question has more.
const OF_PROMOTION: [&str; 2] = ["vnp_PromotionCode", "vnp_PromotionAmount"];

/// Servers have addresses that they do not know.
const OUR_ADDRESS: &str = "127.0.0.1";

/// What is asked.
#[derive(Debug)]
pub struct Question<'a> {
    pub request_id: String,
    pub tmn_code: &'a str,
    pub txn_ref: String,
    pub transaction_date: String,
    pub create_date: String,
}

/// What is to be refunded.
#[derive(Debug)]
pub struct RefundOrder<'a> {
    pub request_id: String,
    pub tmn_code: &'a str,
    pub whole: bool,
    pub txn_ref: String,
    /// Hundredths of a dong.
    pub amount: i64,
    pub transaction_no: &'a str,
    pub transaction_date: String,
    pub create_date: String,
    pub order_info: String,
}

/// Fields to be sent, and which of them are signed.
#[derive(Debug)]
pub struct Order {
    fields: Map<String, Value>,
    signed: &'static [&'static str],
}

/// A question about a payment.
#[must_use]
pub fn query(question: Question<'_>) -> Order {
    let info = format!("Truy van GD: {}", question.txn_ref);
    order(
        &OF_QUERY,
        [
            ("vnp_RequestId", question.request_id),
            ("vnp_Version", VERSION.into()),
            ("vnp_Command", "querydr".into()),
            ("vnp_TmnCode", question.tmn_code.into()),
            ("vnp_TxnRef", question.txn_ref),
            ("vnp_OrderInfo", info),
            ("vnp_TransactionDate", question.transaction_date),
            ("vnp_CreateDate", question.create_date),
            ("vnp_IpAddr", OUR_ADDRESS.into()),
        ],
    )
}

/// An order to refund.
#[must_use]
pub fn refund(refund: RefundOrder<'_>) -> Order {
    order(
        &OF_REFUND,
        [
            ("vnp_RequestId", refund.request_id),
            ("vnp_Version", VERSION.into()),
            ("vnp_Command", "refund".into()),
            ("vnp_TmnCode", refund.tmn_code.into()),
            (
                "vnp_TransactionType",
                if refund.whole { "02" } else { "03" }.into(),
            ),
            ("vnp_TxnRef", refund.txn_ref),
            ("vnp_Amount", refund.amount.to_string()),
            ("vnp_TransactionNo", refund.transaction_no.into()),
            ("vnp_TransactionDate", refund.transaction_date),
            ("vnp_CreateBy", "stoa".into()),
            ("vnp_CreateDate", refund.create_date),
            ("vnp_IpAddr", OUR_ADDRESS.into()),
            ("vnp_OrderInfo", refund.order_info),
        ],
    )
}

fn order<const N: usize>(signed: &'static [&'static str], fields: [(&str, String); N]) -> Order {
    Order {
        fields: fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Value::String(value)))
            .collect(),
        signed,
    }
}

/// The fields with bars between them; what is missing or null is nothing.
fn joined<'a>(fields: &Map<String, Value>, names: impl IntoIterator<Item = &'a &'a str>) -> String {
    names
        .into_iter()
        .map(|name| match fields.get(*name) {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        })
        .collect::<Vec<_>>()
        .join("|")
}

/// Sends an order and reads the answer, whose checksum has to be right.
pub async fn send(url: &str, secret: &str, order: &Order) -> Result<Answer, CallError> {
    let mut fields = order.fields.clone();
    let checksum = sign::hmac_sha512_hex(secret, &joined(&fields, order.signed));
    fields.insert("vnp_SecureHash".into(), checksum.into());
    let request = Request::post(format!("{url}/merchant_webapi/api/transaction"))
        .json(&Value::Object(fields))?;
    let answer = outbound::send(request).await?;
    if !answer.is_success() {
        return Err(CallError::Unknown(format!(
            "VNPAY answered {}",
            answer.status
        )));
    }
    let fields: Map<String, Value> = answer.json()?;
    let answer = Answer { fields };
    // Whoever is in between could say that it is paid. That a payment is not known says nothing of money.
    let unheard_of = order.signed == OF_QUERY && answer.code() == "91";
    if !unheard_of && !answer.is_signed(secret) {
        return Err(CallError::Unknown(format!(
            "VNPAY's answer {} has no right checksum",
            answer.code()
        )));
    }
    let asked = order.fields.get("vnp_TxnRef").and_then(Value::as_str);
    if matches!(answer.code(), "00") && Some(answer.text("vnp_TxnRef")) != asked {
        return Err(CallError::Unknown(
            "VNPAY's answer is about another payment".into(),
        ));
    }
    Ok(answer)
}

/// What VNPAY answered.
#[derive(Debug)]
pub struct Answer {
    fields: Map<String, Value>,
}

impl Answer {
    /// A field's text; empty when there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.fields
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// How the request went.
    #[must_use]
    pub fn code(&self) -> &str {
        self.text("vnp_ResponseCode")
    }

    /// Hundredths of a dong.
    #[must_use]
    pub fn amount(&self) -> Option<i64> {
        self.fields.get("vnp_Amount").and_then(number)
    }

    /// An answer that settles nothing.
    #[must_use]
    pub fn unknown(&self) -> CallError {
        let message: String = self.text("vnp_Message").chars().take(200).collect();
        CallError::Unknown(format!("VNPAY answered {}: {message}", self.code()))
    }

    /// As it would come.
    #[cfg(test)]
    pub fn of(fields: Value) -> Self {
        let fields = fields.as_object().cloned().unwrap_or_default();
        Self { fields }
    }

    fn is_signed(&self, secret: &str) -> bool {
        let given = sign::unhex(self.text("vnp_SecureHash")).unwrap_or_default();
        let right = |text: &str| {
            let expected = sign::unhex(&sign::hmac_sha512_hex(secret, text)).unwrap_or_default();
            sign::same(&expected, &given)
        };
        let mut names: Vec<&str> = OF_ANSWER.to_vec();
        if self.text("vnp_Command") == "querydr" {
            names.extend(OF_PROMOTION);
        }
        !secret.is_empty() && right(&joined(&self.fields, &names))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn a_question_is_signed_in_its_order() {
        let order = query(Question {
            request_id: "r".into(),
            tmn_code: "DEMOV210",
            txn_ref: "5".into(),
            transaction_date: "20210801153333".into(),
            create_date: "20210801160000".into(),
        });
        assert_eq!(
            joined(&order.fields, order.signed),
            "r|2.1.0|querydr|DEMOV210|5|20210801153333|20210801160000|127.0.0.1|Truy van GD: 5"
        );
    }

    #[test]
    fn a_refund_is_signed_in_its_order() {
        let order = refund(RefundOrder {
            request_id: "r".into(),
            tmn_code: "DEMOV210",
            whole: false,
            txn_ref: "5".into(),
            amount: 1_000_000,
            transaction_no: "",
            transaction_date: "20210801153333".into(),
            create_date: "20210801160000".into(),
            order_info: "back".into(),
        });
        assert_eq!(
            joined(&order.fields, order.signed),
            "r|2.1.0|refund|DEMOV210|03|5|1000000||20210801153333|stoa|20210801160000|127.0.0.1|back"
        );
    }

    #[test]
    fn an_answer_without_a_right_checksum_is_noticed() {
        let mut answer = Answer {
            fields: fields(json!({
                "vnp_ResponseId": "x", "vnp_Command": "querydr", "vnp_ResponseCode": "00",
                "vnp_Message": "OK", "vnp_TmnCode": "DEMOV210", "vnp_TxnRef": "5", "vnp_Amount": "1806000",
                "vnp_BankCode": "NCB", "vnp_PayDate": "20210801153400", "vnp_TransactionNo": "1",
                "vnp_TransactionType": "01", "vnp_TransactionStatus": "00", "vnp_OrderInfo": "o",
                "vnp_PromotionCode": null,
            })),
        };
        let text = "x|querydr|00|OK|DEMOV210|5|1806000|NCB|20210801153400|1|01|00|o||";
        assert!(!answer.is_signed("s"));
        answer.fields.insert(
            "vnp_SecureHash".into(),
            sign::hmac_sha512_hex("s", text).into(),
        );
        assert!(answer.is_signed("s") && !answer.is_signed("t") && !answer.is_signed(""));
        answer.fields.insert("vnp_Amount".into(), json!("1806100"));
        assert!(!answer.is_signed("s"));
    }
}
