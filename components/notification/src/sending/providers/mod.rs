//! Whoever carries letters: providers behind one interface, over their HTTP APIs.
//!
//! They are asked in the order in which the configuration names them; one whose keys are missing is off.
//! What is kept of an answer is its status and the provider's own code, never its words: they quote the
//! address.

mod resend;
mod sendgrid;
mod twilio;
mod vonage;

use std::time::Duration;

use stoa_kit::outbound;

use super::outgoing::Outgoing;
use crate::configuration::value;

/// How long a provider may take: two of them, one after the other, are done within five seconds.
const DEADLINE: Duration = Duration::from_millis(2_400);

/// A provider that can be used here.
pub enum Provider {
    /// E-mail.
    Resend(resend::Resend),
    /// E-mail.
    Sendgrid(sendgrid::Sendgrid),
    /// SMS.
    Twilio(twilio::Twilio),
    /// SMS.
    Vonage(vonage::Vonage),
}

/// What a provider made of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It has taken it, and calls it so.
    Sent(Option<String>),
    /// Nothing can be sent to that address; its code for that.
    Refused(String),
    /// It did not take it, or nobody knows: somebody else, or another time, may do better.
    Failed(String),
}

impl Provider {
    /// As the configuration and the store name it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Resend(_) => resend::NAME,
            Self::Sendgrid(_) => sendgrid::NAME,
            Self::Twilio(_) => twilio::NAME,
            Self::Vonage(_) => vonage::NAME,
        }
    }

    /// Hands a letter over.
    pub(super) async fn send(&self, outgoing: &Outgoing) -> Verdict {
        let answered = match self {
            Self::Resend(provider) => provider.send(outgoing).await,
            Self::Sendgrid(provider) => provider.send(outgoing).await,
            Self::Twilio(provider) => provider.send(outgoing).await,
            Self::Vonage(provider) => provider.send(outgoing).await,
        };
        // The texts name the destination and no more.
        answered.unwrap_or_else(|error: outbound::Error| Verdict::Failed(error.to_string()))
    }
}

/// Who carries e-mail, in the order in which they are asked.
pub(super) async fn email() -> Vec<Provider> {
    let mut found = Vec::new();
    for name in names("mail_providers").await {
        let provider = match name.as_str() {
            resend::NAME => resend::Resend::configured().await.map(Provider::Resend),
            sendgrid::NAME => sendgrid::Sendgrid::configured()
                .await
                .map(Provider::Sendgrid),
            _ => None,
        };
        found.extend(provider);
    }
    found
}

/// Who carries short messages, in the order in which they are asked.
pub(super) async fn sms() -> Vec<Provider> {
    let mut found = Vec::new();
    for name in names("sms_providers").await {
        let provider = match name.as_str() {
            twilio::NAME => twilio::Twilio::configured().await.map(Provider::Twilio),
            vonage::NAME => vonage::Vonage::configured().await.map(Provider::Vonage),
            _ => None,
        };
        found.extend(provider);
    }
    found
}

/// The entries of a list, each once.
async fn names(variable: &'static str) -> Vec<String> {
    let list = value(variable).await.unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for name in list.split(',').map(str::trim) {
        if !name.is_empty() && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// A provider's code as it may be kept: a word, never a sentence.
fn word(text: &str) -> String {
    let word: String = text
        .chars()
        .take(64)
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        .collect();
    if word.is_empty() {
        "no code".into()
    } else {
        word
    }
}

/// A provider's name for a letter as it may be kept.
fn reference(text: &str) -> Option<String> {
    (!text.is_empty() && text.len() <= 200 && text.bytes().all(|b| b.is_ascii_graphic()))
        .then(|| text.to_owned())
}

/// The pairs of a form.
fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

const FORM: &str = "application/x-www-form-urlencoded";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_code_only_a_word_is_kept() {
        assert_eq!(word("validation_error"), "validation_error");
        assert_eq!(
            word("bad address lan@example.com"),
            "badaddresslanexample.com"
        );
        assert_eq!(word("\u{0}\n"), "no code");
        assert_eq!(word(&"x".repeat(100)).len(), 64);
    }

    #[test]
    fn a_form_is_encoded() {
        assert_eq!(
            form(&[("To", "+8490"), ("Body", "mã & số")]),
            "To=%2B8490&Body=m%C3%A3+%26+s%E1%BB%91"
        );
    }
}
