//! E-mail by SendGrid: `POST /v3/mail/send`.

use serde::Deserialize;
use serde_json::json;
use stoa_kit::outbound::{self, Request, Response};

use super::super::outgoing::Outgoing;
use super::{DEADLINE, Verdict, reference, word};
use crate::configuration::{url, value};

pub(super) const NAME: &str = "sendgrid";

/// Its address and key.
pub struct Sendgrid {
    url: String,
    key: String,
    /// The sender's address, and name.
    from: (String, Option<String>),
}

#[derive(Deserialize, Default)]
struct Failure {
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(default)]
    field: Option<String>,
}

impl Sendgrid {
    pub(super) async fn configured() -> Option<Self> {
        Some(Self {
            key: value("sendgrid_key").await?,
            url: url("sendgrid_url").await?,
            from: mailbox(&value("mail_from").await?),
        })
    }

    pub(super) async fn send(&self, outgoing: &Outgoing) -> Result<Verdict, outbound::Error> {
        let (address, name) = &self.from;
        let mut from = json!({"email": address});
        if let (Some(name), Some(from)) = (name, from.as_object_mut()) {
            from.insert("name".into(), json!(name));
        }
        let mut content = vec![json!({"type": "text/plain", "value": outgoing.written.text})];
        content.extend(
            outgoing
                .written
                .html
                .as_ref()
                .map(|html| json!({"type": "text/html", "value": html})),
        );
        let body = json!({
            "personalizations": [{
                "to": [{"email": outgoing.to}],
                "custom_args": {"message_id": outgoing.id},
            }],
            "from": from,
            "subject": outgoing.written.subject,
            "content": content,
            "categories": [outgoing.template],
            // A link with a secret in it goes to nobody else first.
            "tracking_settings": {
                "click_tracking": {"enable": false, "enable_text": false},
                "open_tracking": {"enable": false},
            },
        });
        let request = Request::post(format!("{}/v3/mail/send", self.url))
            .secret_header(http::header::AUTHORIZATION, &format!("Bearer {}", self.key))
            .deadline(DEADLINE)
            .json(&body)?;
        Ok(verdict(&outbound::send(request).await?))
    }
}

/// Address and name of `Name <address>`, or of an address alone.
fn mailbox(text: &str) -> (String, Option<String>) {
    match text
        .trim()
        .strip_suffix('>')
        .and_then(|t| t.split_once('<'))
    {
        Some((name, address)) => {
            let name = name.trim().trim_matches('"');
            (
                address.trim().to_owned(),
                (!name.is_empty()).then(|| name.to_owned()),
            )
        }
        None => (text.trim().to_owned(), None),
    }
}

fn verdict(answer: &Response) -> Verdict {
    if answer.is_success() {
        let id = answer.headers.get("x-message-id");
        return Verdict::Sent(id.and_then(|id| id.to_str().ok()).and_then(reference));
    }
    let failure = answer.json::<Failure>().unwrap_or_default();
    let fields: Vec<&str> = failure
        .errors
        .iter()
        .map(|fault| fault.field.as_deref().unwrap_or_default())
        .collect();
    let code = format!(
        "{} {}",
        answer.status,
        word(fields.first().copied().unwrap_or_default())
    );
    // Nothing else of this letter's own is among the personalizations.
    let about_address = answer.status == 400
        && !fields.is_empty()
        && fields
            .iter()
            .all(|field| field.starts_with("personalizations"));
    if about_address {
        Verdict::Refused(code)
    } else {
        Verdict::Failed(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Response {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-message-id", http::HeaderValue::from_static("sg-1"));
        Response {
            status,
            headers,
            body: body.to_owned().into(),
        }
    }

    #[test]
    fn only_an_address_that_is_none_is_refused() {
        assert_eq!(
            verdict(&answer(202, "")),
            Verdict::Sent(Some("sg-1".into()))
        );
        let about = |field: &str| {
            json!({"errors": [{"message": "Does not contain a valid address.", "field": field, "help": null}]})
                .to_string()
        };
        let to = "personalizations.0.to.0.email";
        assert_eq!(
            verdict(&answer(400, &about(to))),
            Verdict::Refused(format!("400 {to}"))
        );
        for (status, body, code) in [
            (400, about("from.email"), "from.email"),
            (403, about("from"), "from"),
            (
                401,
                json!({"errors": [{"message": "no", "field": null}]}).to_string(),
                "no code",
            ),
            (413, String::new(), "no code"),
        ] {
            let verdict = verdict(&answer(status, &body));
            assert_eq!(verdict, Verdict::Failed(format!("{status} {code}")));
        }
    }

    #[test]
    fn a_sender_may_have_a_name() {
        assert_eq!(
            mailbox("Stoa <hello@shop.example>"),
            ("hello@shop.example".into(), Some("Stoa".into()))
        );
        assert_eq!(
            mailbox(" hello@shop.example "),
            ("hello@shop.example".into(), None)
        );
        assert_eq!(mailbox("\"S, a\" <a@b.c>").1.as_deref(), Some("S, a"));
    }
}
