//! SMS by Twilio: `POST /2010-04-01/Accounts/{sid}/Messages.json`.

use serde::Deserialize;
use stoa_kit::outbound::{self, Request, Response};

use super::super::outgoing::Outgoing;
use super::{DEADLINE, FORM, Verdict, form, reference};
use crate::configuration::{url, value};

pub(super) const NAME: &str = "twilio";

/// Codes that are about the number: it is none, it is no mobile one, or its owner has said stop.
const NUMBER: [u32; 5] = [21211, 21217, 21265, 21610, 21614];

/// Its address and keys.
pub struct Twilio {
    url: String,
    sid: String,
    token: String,
    from: String,
}

#[derive(Deserialize)]
struct Taken {
    sid: String,
}

#[derive(Deserialize, Default)]
struct Failure {
    #[serde(default)]
    code: Option<u32>,
}

impl Twilio {
    pub(super) async fn configured() -> Option<Self> {
        Some(Self {
            sid: value("twilio_account_sid").await?,
            token: value("twilio_auth_token").await?,
            url: url("twilio_url").await?,
            from: value("sms_from").await?,
        })
    }

    pub(super) async fn send(&self, outgoing: &Outgoing) -> Result<Verdict, outbound::Error> {
        let body = form(&[
            ("To", &outgoing.to),
            ("From", &self.from),
            ("Body", &outgoing.written.text),
        ]);
        let url = format!(
            "{}/2010-04-01/Accounts/{}/Messages.json",
            self.url, self.sid
        );
        let request = Request::post(url)
            .basic(&self.sid, &self.token)
            .deadline(DEADLINE)
            .body(FORM, body);
        Ok(verdict(&outbound::send(request).await?))
    }
}

fn verdict(answer: &Response) -> Verdict {
    if answer.is_success() {
        let taken = answer.json::<Taken>().ok();
        return Verdict::Sent(taken.and_then(|taken| reference(&taken.sid)));
    }
    let failure = answer.json::<Failure>().unwrap_or_default();
    match failure.code {
        Some(code) if answer.status == 400 && NUMBER.contains(&code) => {
            Verdict::Refused(format!("400 {code}"))
        }
        Some(code) => Verdict::Failed(format!("{} {code}", answer.status)),
        None => Verdict::Failed(format!("{} no code", answer.status)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_number_that_cannot_be_reached_is_refused() {
        let judge = |status, body: serde_json::Value| {
            verdict(&Response {
                status,
                headers: http::HeaderMap::new(),
                body: body.to_string().into(),
            })
        };
        assert_eq!(
            judge(201, json!({"sid": "SM1", "status": "queued"})),
            Verdict::Sent(Some("SM1".into()))
        );
        assert_eq!(
            judge(
                400,
                json!({"code": 21211, "message": "Invalid 'To' Phone Number: +84x", "status": 400})
            ),
            Verdict::Refused("400 21211".into())
        );
        for (status, code) in [(400, 21606), (401, 20003), (403, 20005), (400, 21408)] {
            assert_eq!(
                judge(status, json!({"code": code, "message": "no"})),
                Verdict::Failed(format!("{status} {code}"))
            );
        }
        assert_eq!(judge(404, json!([])), Verdict::Failed("404 no code".into()));
    }
}
