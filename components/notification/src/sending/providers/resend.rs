//! E-mail by Resend: `POST /emails`.

use http::HeaderName;
use serde::Deserialize;
use serde_json::json;
use stoa_kit::outbound::{self, Request, Response};

use super::super::outgoing::Outgoing;
use super::{DEADLINE, Verdict, reference, word};
use crate::configuration::{url, value};

pub(super) const NAME: &str = "resend";

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Its address and key.
pub struct Resend {
    url: String,
    key: String,
    from: String,
}

#[derive(Deserialize)]
struct Taken {
    id: String,
}

#[derive(Deserialize, Default)]
struct Failure {
    #[serde(default)]
    name: String,
    #[serde(default)]
    message: String,
}

impl Resend {
    pub(super) async fn configured() -> Option<Self> {
        Some(Self {
            key: value("resend_key").await?,
            url: url("resend_url").await?,
            from: value("mail_from").await?,
        })
    }

    pub(super) async fn send(&self, outgoing: &Outgoing) -> Result<Verdict, outbound::Error> {
        let body = json!({
            "from": self.from,
            "to": [outgoing.to],
            "subject": outgoing.written.subject,
            "text": outgoing.written.text,
            "html": outgoing.written.html,
            "tags": [{"name": "template", "value": outgoing.template}],
        });
        let request = Request::post(format!("{}/emails", self.url))
            .secret_header(http::header::AUTHORIZATION, &format!("Bearer {}", self.key))
            // A repetition within a day is the same e-mail.
            .header(IDEMPOTENCY_KEY, &outgoing.id.to_string())
            .deadline(DEADLINE)
            .json(&body)?;
        Ok(verdict(&outbound::send(request).await?))
    }
}

fn verdict(answer: &Response) -> Verdict {
    if answer.is_success() {
        let taken = answer.json::<Taken>().ok();
        return Verdict::Sent(taken.and_then(|taken| reference(&taken.id)));
    }
    let failure = answer.json::<Failure>().unwrap_or_default();
    let code = format!("{} {}", answer.status, word(&failure.name));
    // The same code stands for every field: only its words say which.
    let about_address = matches!(answer.status, 400 | 422)
        && failure.name == "validation_error"
        && failure.message.contains("`to`");
    if about_address {
        Verdict::Refused(code)
    } else {
        Verdict::Failed(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &serde_json::Value) -> Response {
        Response {
            status,
            headers: http::HeaderMap::new(),
            body: body.to_string().into(),
        }
    }

    #[test]
    fn only_an_address_that_is_none_is_refused() {
        let taken = json!({"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"});
        assert_eq!(
            verdict(&answer(200, &taken)),
            Verdict::Sent(Some("49a3999c-0ce1-4ea6-ab68-afcd6dc2e794".into()))
        );
        let refused = json!({
            "statusCode": 422, "name": "validation_error",
            "message": "Invalid `to` field. The email address needs to follow the `email@example.com` format.",
        });
        assert_eq!(
            verdict(&answer(422, &refused)),
            Verdict::Refused("422 validation_error".into())
        );
        for (status, name, message) in [
            (
                403,
                "validation_error",
                "You can only send testing emails `to` your own",
            ),
            (422, "invalid_from_address", "Invalid `from` field."),
            (422, "validation_error", "Invalid `from` field."),
            (401, "missing_api_key", ""),
            (409, "invalid_idempotent_request", ""),
        ] {
            let failure = json!({"name": name, "message": message});
            let verdict = verdict(&answer(status, &failure));
            assert_eq!(verdict, Verdict::Failed(format!("{status} {name}")));
        }
    }
}
