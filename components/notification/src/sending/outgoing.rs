//! One letter: opened, written, and handed to the first provider that takes it.

use stoa_kit::seal::Letter;

use super::providers::{self, Provider, Verdict};
use crate::configuration;
use crate::domain::language::Language;
use crate::domain::letters::{self, Channel, Draft, Written};
use crate::store::messages::{Claimed, Outcome};

/// What a provider is given.
pub struct Outgoing {
    /// The letter's id: the provider's idempotency key, where it has such a thing.
    pub id: uuid::Uuid,
    /// Address or number.
    pub to: String,
    pub template: String,
    pub written: Written,
}

/// What it takes to send letters.
pub(super) struct Sender {
    seal_key: Option<String>,
    site: String,
    mailbox: bool,
    email: Vec<Provider>,
    sms: Vec<Provider>,
}

impl Sender {
    pub(super) async fn configured() -> Self {
        Self {
            seal_key: configuration::value("seal_key").await,
            site: configuration::site().await,
            mailbox: configuration::mailbox().await,
            email: providers::email().await,
            sms: providers::sms().await,
        }
    }

    /// Sends a letter, or tries to.
    pub(super) async fn send(&self, claimed: &Claimed) -> Outcome {
        let outcome = Outcome {
            id: claimed.id,
            lease: claimed.lease,
            outcome: "failed",
            provider: None,
            provider_ref: None,
            error: None,
            mailbox: None,
        };
        let opened = match &self.seal_key {
            Some(key) => Letter::open(key, &claimed.sealed),
            None => Err(stoa_kit::Error::internal("seal_key is not set")),
        };
        let letter = match opened {
            Ok(letter) => letter,
            Err(error) => {
                return Outcome {
                    outcome: "unreadable",
                    error: Some(error.to_string()),
                    ..outcome
                };
            }
        };
        let outgoing = Outgoing {
            id: claimed.id,
            template: claimed.template.clone(),
            written: letters::write(&Draft {
                template: &claimed.template,
                channel: claimed.channel,
                language: Language::choose(Some(&claimed.locale), None),
                data: &claimed.data,
                site: &self.site,
                token: letter.token.as_deref(),
                code: letter.code.as_deref(),
            }),
            to: letter.address,
        };
        let providers = match claimed.channel {
            Channel::Email => &self.email,
            Channel::Sms => &self.sms,
        };
        let tried = offer(providers, &outgoing).await;
        let mailbox = self.mailbox.then_some(outgoing.to);
        match tried {
            Tried::Sent(provider, reference) => Outcome {
                outcome: "sent",
                provider: Some(provider),
                provider_ref: reference,
                mailbox,
                ..outcome
            },
            Tried::Nobody if mailbox.is_some() => Outcome {
                outcome: "sent",
                provider: Some("mailbox"),
                mailbox,
                ..outcome
            },
            Tried::Nobody => Outcome {
                outcome: "no_provider",
                ..outcome
            },
            Tried::Refused(provider, error) => Outcome {
                outcome: "refused",
                provider: Some(provider),
                error: Some(error),
                mailbox,
                ..outcome
            },
            Tried::Failed(error) => Outcome {
                error: Some(error),
                mailbox,
                ..outcome
            },
        }
    }
}

/// What providers made of a letter.
#[derive(Debug, PartialEq, Eq)]
enum Tried {
    /// By whom, and its name for it.
    Sent(&'static str, Option<String>),
    /// Nobody is configured.
    Nobody,
    /// By whom, and why: nobody can send to that address.
    Refused(&'static str, String),
    /// What each of them met with.
    Failed(String),
}

/// Offers a letter to one provider after another. One that gave no answer may have sent it: the next is
/// asked all the same, since a letter that comes twice does less harm than one that does not come.
async fn offer(providers: &[Provider], outgoing: &Outgoing) -> Tried {
    let mut met: Vec<String> = Vec::new();
    for provider in providers {
        let name = provider.name();
        match provider.send(outgoing).await {
            Verdict::Sent(reference) => return Tried::Sent(name, reference),
            Verdict::Refused(why) => return Tried::Refused(name, why),
            Verdict::Failed(why) => met.push(format!("{name}: {why}")),
        }
    }
    if met.is_empty() {
        Tried::Nobody
    } else {
        Tried::Failed(met.join("; "))
    }
}
