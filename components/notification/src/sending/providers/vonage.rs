//! SMS by Vonage: `POST /sms/json`. It answers 200 whatever happens; what happened stands in the answer.

use serde::Deserialize;
use stoa_kit::outbound::{self, Request, Response};

use super::super::outgoing::Outgoing;
use super::{DEADLINE, FORM, Verdict, form, reference, word};
use crate::configuration::{url, value};

pub(super) const NAME: &str = "vonage";

/// Its address and keys.
pub struct Vonage {
    url: String,
    key: String,
    secret: String,
    from: String,
}

#[derive(Deserialize, Default)]
struct Said {
    #[serde(default)]
    messages: Vec<Part>,
}

/// A long message goes in parts.
#[derive(Deserialize)]
struct Part {
    status: String,
    #[serde(default, rename = "message-id")]
    message_id: Option<String>,
}

impl Vonage {
    pub(super) async fn configured() -> Option<Self> {
        Some(Self {
            key: value("vonage_key").await?,
            secret: value("vonage_secret").await?,
            url: url("vonage_url").await?,
            from: value("sms_from").await?,
        })
    }

    pub(super) async fn send(&self, outgoing: &Outgoing) -> Result<Verdict, outbound::Error> {
        let text = &outgoing.written.text;
        let id = outgoing.id.simple().to_string();
        let body = form(&[
            ("api_key", &self.key),
            ("api_secret", &self.secret),
            ("from", &self.from),
            ("to", outgoing.to.trim_start_matches('+')),
            ("type", if text.is_ascii() { "text" } else { "unicode" }),
            ("text", text),
            ("client-ref", &id),
        ]);
        let request = Request::post(format!("{}/sms/json", self.url))
            .deadline(DEADLINE)
            .body(FORM, body);
        Ok(verdict(&outbound::send(request).await?))
    }
}

fn verdict(answer: &Response) -> Verdict {
    let said = answer.json::<Said>().unwrap_or_default();
    let Some(first) = said.messages.first().filter(|_| answer.is_success()) else {
        return Verdict::Failed(format!("{} no code", answer.status));
    };
    // Once a part is on its way, all of it is: another try would send that one again.
    match said.messages.iter().find(|part| part.status == "0") {
        Some(part) => Verdict::Sent(part.message_id.as_deref().and_then(reference)),
        // Barred, or given back to its operator.
        None if matches!(first.status.as_str(), "7" | "33") => {
            Verdict::Refused(format!("status {}", first.status))
        }
        None => Verdict::Failed(format!("status {}", word(&first.status))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judge(status: u16, body: &serde_json::Value) -> Verdict {
        verdict(&Response {
            status,
            headers: http::HeaderMap::new(),
            body: body.to_string().into(),
        })
    }

    fn said(status: &str) -> serde_json::Value {
        json!({"message-count": "1", "messages": [
            {"to": "8490", "status": status, "message-id": "0A1", "error-text": "to 8490"}]})
    }

    #[test]
    fn what_happened_stands_in_the_answer() {
        assert_eq!(judge(200, &said("0")), Verdict::Sent(Some("0A1".into())));
        for status in ["7", "33"] {
            assert_eq!(
                judge(200, &said(status)),
                Verdict::Refused(format!("status {status}"))
            );
        }
        for status in ["1", "4", "5", "9", "15"] {
            assert_eq!(
                judge(200, &said(status)),
                Verdict::Failed(format!("status {status}"))
            );
        }
        assert_eq!(
            judge(200, &json!({})),
            Verdict::Failed("200 no code".into())
        );
        assert_eq!(
            judge(401, &said("0")),
            Verdict::Failed("401 no code".into())
        );
    }

    #[test]
    fn a_message_of_which_a_part_went_is_sent() {
        let parts = json!({"messages": [
            {"status": "9"}, {"status": "0", "message-id": "0A2"}]});
        assert_eq!(judge(200, &parts), Verdict::Sent(Some("0A2".into())));
    }
}
