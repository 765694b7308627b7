//! The merchant API: questions and refunds.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

use super::{Books, HASH_SECRET, Refund, Sha512, TMN_CODE, hmac_hex, stamp};

pub async fn transaction(
    State(books): State<Arc<Mutex<Books>>>,
    Json(order): Json<Map<String, Value>>,
) -> Json<Value> {
    let mut books = books.lock().expect("no panic");
    let text = |name: &str| {
        order
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let command = text("vnp_Command");
    let names: &[&str] = match command.as_str() {
        "querydr" => &[
            "vnp_RequestId",
            "vnp_Version",
            "vnp_Command",
            "vnp_TmnCode",
            "vnp_TxnRef",
            "vnp_TransactionDate",
            "vnp_CreateDate",
            "vnp_IpAddr",
            "vnp_OrderInfo",
        ],
        _ => &[
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
        ],
    };
    let joined = names
        .iter()
        .map(|name| text(name))
        .collect::<Vec<_>>()
        .join("|");
    let outcome = if text("vnp_SecureHash") != hmac_hex::<Sha512>(HASH_SECRET, &joined) {
        Err(("97", "Invalid signature"))
    } else if text("vnp_TmnCode") != TMN_CODE || text("vnp_Version") != "2.1.0" {
        Err(("02", "Invalid TmnCode"))
    } else if text("vnp_RequestId").is_empty() || text("vnp_RequestId").len() > 32 {
        Err(("03", "Invalid vnp_RequestId"))
    } else if !books.requests.insert(text("vnp_RequestId")) {
        Err(("94", "Duplicate request"))
    } else {
        match books.payments.get(&text("vnp_TxnRef")) {
            Some(known) if known.fields["vnp_CreateDate"] == text("vnp_TransactionDate") => Ok(()),
            _ => Err(("91", "Transaction not found")),
        }
    };
    let outcome = match (outcome, command.as_str()) {
        (Ok(()), "refund") => give_back(&mut books, &text),
        (outcome, _) => outcome,
    };
    if let Err((code, message)) = outcome
        && code != "91"
    {
        books.refused.push(format!("{command} {code}: {message}"));
    }
    Json(answer(&books, &command, &text("vnp_TxnRef"), outcome))
}

fn give_back(
    books: &mut Books,
    text: &impl Fn(&str) -> String,
) -> Result<(), (&'static str, &'static str)> {
    books.numbers += 1;
    let number = books.numbers;
    let payment = books
        .payments
        .get_mut(&text("vnp_TxnRef"))
        .expect("found before");
    let amount: i64 = text("vnp_Amount")
        .parse()
        .map_err(|_| ("03", "Invalid vnp_Amount"))?;
    let whole = text("vnp_TransactionType") == "02";
    if payment.paid != Some(true) {
        return Err(("95", "The transaction has not succeeded"));
    }
    let left = payment.amount - payment.given() * 100;
    if amount <= 0 || amount > left || whole != (amount == payment.amount) {
        return Err(("02", "Invalid amount"));
    }
    payment.refunds.push(Refund {
        number: number.to_string(),
        amount: amount / 100,
        status: if payment.refuses { "09" } else { "00" },
    });
    Ok(())
}

fn answer(
    books: &Books,
    command: &str,
    reference: &str,
    outcome: Result<(), (&str, &str)>,
) -> Value {
    let (code, message) = outcome.err().unwrap_or(("00", "Success"));
    let mut answer = json!({
        "vnp_ResponseId": uuid::Uuid::new_v4().simple().to_string(), "vnp_Command": command,
        "vnp_ResponseCode": code, "vnp_Message": message, "vnp_TmnCode": TMN_CODE,
        "vnp_TxnRef": reference, "vnp_Amount": "", "vnp_BankCode": "", "vnp_PayDate": "",
        "vnp_TransactionNo": "", "vnp_TransactionType": "", "vnp_TransactionStatus": "",
        "vnp_OrderInfo": "",
    });
    if let (Ok(()), Some(payment)) = (outcome, books.payments.get(reference)) {
        // The newest transaction of the payment.
        let (kind, number, amount, status) = match payment.refunds.last() {
            Some(refund) => {
                let whole = refund.amount * 100 == payment.amount;
                let kind = if whole { "02" } else { "03" };
                (
                    kind,
                    refund.number.clone(),
                    refund.amount * 100,
                    refund.status,
                )
            }
            None => (
                "01",
                payment.number.to_string(),
                payment.amount,
                match payment.paid {
                    _ if payment.held => "07",
                    Some(true) => "00",
                    Some(false) => "02",
                    None => "01",
                },
            ),
        };
        answer["vnp_TransactionType"] = kind.into();
        answer["vnp_TransactionNo"] = number.into();
        answer["vnp_Amount"] = amount.to_string().into();
        answer["vnp_TransactionStatus"] = status.into();
        answer["vnp_OrderInfo"] = payment.fields["vnp_OrderInfo"].clone().into();
        answer["vnp_BankCode"] = "NCB".into();
        answer["vnp_PayDate"] = stamp().into();
    }
    let mut names = vec![
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
    if command == "querydr" {
        names.extend(["vnp_PromotionCode", "vnp_PromotionAmount"]);
    }
    let joined = names
        .iter()
        .map(|name| answer[name].as_str().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("|");
    answer["vnp_SecureHash"] = hmac_hex::<Sha512>(HASH_SECRET, &joined).into();
    answer
}
