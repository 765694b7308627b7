//! Refunds at VNPAY, one after another for each payment.
//!
//! A request has a name that VNPAY takes once a day; the next day the same name would be another refund. And
//! when it is asked how things stand it tells of the newest transaction of a payment only, by an amount and
//! by a number of its own, but not by our name for it. So a refund is sent on one day, as often as it takes
//! to hear of it; it is looked for when VNPAY has it already or nobody heard; and what VNPAY shows is ours
//! when it has our amount and its number is no other refund's. That is why they go one at a time.

use super::api::{self, Answer};
use super::dates::{self, Day};
use super::{Vnpay, ascii, hundredths};
use crate::providers::{CallError, LegRef, Part, Refunded};

impl Vnpay {
    /// See [`crate::providers::Provider::refund`].
    pub async fn refund(&self, leg: &LegRef, part: &Part) -> Result<Refunded, CallError> {
        if part.provider_ref.is_some() {
            return self
                .look(leg, part, "VNPAY does not show it any more")
                .await;
        }
        match dates::day_of_refund(part.begun_at, dates::now()) {
            Day::Today => self.send(leg, part).await,
            Day::Ending => Err(CallError::Unknown("VNPAY's day is about to end".into())),
            Day::Over => {
                let why = "nobody knows what VNPAY made of it on its day, and it shows none: somebody \
                           has to look there";
                self.look(leg, part, why).await
            }
        }
    }

    /// See [`crate::providers::Provider::refund_status`].
    pub async fn refund_status(
        &self,
        leg: &LegRef,
        part: &Part,
    ) -> Result<Option<Refunded>, CallError> {
        let newest = self.query(leg).await?;
        if is_it(&newest, part)? {
            given(&newest).map(Some)
        } else {
            Ok(None)
        }
    }

    async fn look(&self, leg: &LegRef, part: &Part, why: &str) -> Result<Refunded, CallError> {
        let found = self.refund_status(leg, part).await?;
        found.ok_or_else(|| CallError::Unknown(why.to_owned()))
    }

    async fn send(&self, leg: &LegRef, part: &Part) -> Result<Refunded, CallError> {
        let order = api::refund(api::RefundOrder {
            request_id: part.id.simple().to_string(),
            tmn_code: &self.tmn_code,
            whole: part.amount == leg.amount,
            txn_ref: leg.leg.simple().to_string(),
            amount: hundredths(part.amount)?,
            transaction_no: leg.provider_ref.as_deref().unwrap_or_default(),
            transaction_date: dates::format(dates::made_at(leg.leg)),
            create_date: dates::format(dates::now()),
            order_info: ascii(&part.reason),
        });
        let answer = match self.ask(&order).await {
            Ok(answer) => answer,
            // Perhaps it was done, and only not heard.
            Err(unheard) => {
                return match self.refund_status(leg, part).await {
                    Ok(Some(found)) => Ok(found),
                    _ => Err(unheard),
                };
            }
        };
        match answer.code() {
            "00" => given(&answer),
            // This request, or an earlier refund of the payment, is there already and being worked on.
            "94" => {
                let found = self.refund_status(leg, part).await?;
                Ok(found.unwrap_or(Refunded::Pending { provider_ref: None }))
            }
            // All others say that the request is wrong, or the payment not as we have it: 95, for one, that
            // it never succeeded. None says that VNPAY keeps the money.
            _ => Err(answer.unknown()),
        }
    }
}

/// Whether the newest transaction of the payment is this part's refund.
fn is_it(newest: &Answer, part: &Part) -> Result<bool, CallError> {
    let number = newest.text("vnp_TransactionNo");
    let refunds = matches!(newest.text("vnp_TransactionType"), "02" | "03");
    Ok(newest.code() == "00"
        && refunds
        && !number.is_empty()
        && newest.amount() == Some(hundredths(part.amount)?)
        && part.others.iter().all(|other| other != number)
        && part.provider_ref.as_deref().is_none_or(|own| own == number))
}

fn given(answer: &Answer) -> Result<Refunded, CallError> {
    let number = Some(answer.text("vnp_TransactionNo"))
        .filter(|no| !no.is_empty())
        .map(str::to_owned);
    match (answer.text("vnp_TransactionStatus"), number) {
        // Done, or handed to the bank, which is as far as VNPAY tells.
        ("00" | "06", Some(provider_ref)) => Ok(Refunded::Done { provider_ref }),
        ("09", Some(provider_ref)) => Ok(Refunded::Failed {
            provider_ref,
            reason: "VNPAY has turned the refund down".into(),
        }),
        ("" | "00" | "01" | "05" | "06", provider_ref) => Ok(Refunded::Pending { provider_ref }),
        (status, _) => Err(CallError::Unknown(format!(
            "VNPAY shows a refund in state {}",
            crate::providers::webhook::plain(status)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn newest(kind: &str, number: &str, status: &str) -> Answer {
        Answer::of(json!({
            "vnp_ResponseCode": "00", "vnp_TransactionType": kind, "vnp_Amount": "1000000",
            "vnp_TransactionNo": number, "vnp_TransactionStatus": status,
        }))
    }

    fn part(others: &[&str], own: Option<&str>) -> Part {
        Part {
            id: Uuid::nil(),
            amount: 10_000,
            reason: String::new(),
            begun_at: 0,
            provider_ref: own.map(str::to_owned),
            others: others.iter().map(|no| (*no).to_owned()).collect(),
        }
    }

    #[test]
    fn a_refund_is_known_by_its_amount_and_by_being_no_other() {
        let is = |answer: &Answer, part: &Part| is_it(answer, part).expect("an amount");
        assert!(is(&newest("03", "7", "00"), &part(&["6"], None)));
        assert!(is(&newest("02", "7", "00"), &part(&[], Some("7"))));
        for (answer, part) in [
            (newest("01", "7", "00"), part(&[], None)),
            (newest("03", "", "00"), part(&[], None)),
            (newest("03", "7", "00"), part(&["6", "7"], None)),
            (newest("03", "7", "00"), part(&[], Some("8"))),
        ] {
            assert!(!is(&answer, &part), "{answer:?} {part:?}");
        }
        let mut less = part(&[], None);
        less.amount = 9_999;
        assert!(!is(&newest("03", "7", "00"), &less));
    }

    #[test]
    fn states_are_done_under_way_turned_down_or_for_a_person() {
        let of = |status: &str| given(&newest("03", "7", status));
        let seven = || "7".to_owned();
        for status in ["00", "06"] {
            let provider_ref = seven();
            assert_eq!(of(status), Ok(Refunded::Done { provider_ref }));
        }
        for status in ["", "01", "05"] {
            let provider_ref = Some(seven());
            assert_eq!(of(status), Ok(Refunded::Pending { provider_ref }));
        }
        assert!(matches!(of("09"), Ok(Refunded::Failed { .. })));
        for status in ["02", "04", "07", "99"] {
            assert!(matches!(of(status), Err(CallError::Unknown(_))), "{status}");
        }
        let unnamed = given(&newest("03", "", "00"));
        assert_eq!(unnamed, Ok(Refunded::Pending { provider_ref: None }));
    }
}
