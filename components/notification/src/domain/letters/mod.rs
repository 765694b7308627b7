//! Letters: what an e-mail or SMS says, made when it is sent, from its template, its data and what was
//! sealed. Data of an older form, or a template that is not known here, still yields something.

mod device;
mod english;
mod layout;
#[cfg(test)]
mod tests;
mod vietnamese;

use serde_json::Value;

use super::date_text;
use super::language::Language;

/// Letters whose reader sets another password, if what they tell of was somebody else.
const WARNINGS: &[&str] = &[
    "password_changed",
    "new_device",
    "identity_linked",
    "api_key_made",
    "second_factor_on",
    "second_factor_off",
    "second_factor_taken_away",
    "email_changed",
    "phone_changed",
];

/// How a letter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum Channel {
    /// By e-mail.
    Email,
    /// As a short message to a phone.
    Sms,
}

/// What a letter is written from.
#[derive(Clone, Copy)]
pub struct Draft<'a> {
    /// Such as `verify`.
    pub template: &'a str,
    pub channel: Channel,
    pub language: Language,
    /// What the template needs.
    pub data: &'a Value,
    /// Where links lead, without a slash at the end.
    pub site: &'a str,
    /// For a link.
    pub token: Option<&'a str>,
    /// To be typed.
    pub code: Option<&'a str>,
}

/// A letter as its reader gets it. Printing it shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Written {
    /// Of an e-mail; an SMS has none, but the mailbox shows one.
    pub subject: String,
    /// All of an SMS, and of an e-mail what is read without HTML.
    pub text: String,
    /// Of an e-mail.
    pub html: Option<String>,
    /// The link in it.
    pub link: Option<String>,
}

impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Written(…)")
    }
}

/// The words of a letter, in one language.
struct Words {
    subject: String,
    /// What comes before the link or code.
    before: String,
    /// What the link does.
    button: &'static str,
    /// What comes after it.
    after: String,
    /// Why it came, and what to do if it should not have.
    why: String,
    /// All that an SMS says but the link.
    short: String,
}

/// Writes a letter.
#[must_use]
pub fn write(draft: &Draft<'_>) -> Written {
    let words = match draft.language {
        Language::English => english::words(draft),
        Language::Vietnamese => vietnamese::words(draft),
    };
    let link = draft.link();
    match draft.channel {
        Channel::Email => Written {
            text: layout::text(&words, link.as_deref(), draft.code),
            html: Some(layout::html(
                &words,
                draft.language,
                link.as_deref(),
                draft.code,
            )),
            subject: words.subject,
            link,
        },
        Channel::Sms => Written {
            text: match &link {
                Some(link) => format!("{} {link}", words.short),
                None => words.short,
            },
            html: None,
            subject: words.subject,
            link,
        },
    }
}

impl<'a> Draft<'a> {
    /// The link of the letter. A token is of letters and digits; whatever else it is may not become
    /// another address. It stands behind `#`, where browsers keep it to themselves: no server on the way has it
    /// in its log, and no page is told of it as where the reader came from.
    fn link(&self) -> Option<String> {
        let page = match (self.template, self.token) {
            ("reset", Some(_)) => "reset-password",
            (_, Some(_)) => "verify",
            (template, None) if WARNINGS.contains(&template) => "forgot-password",
            _ => return None,
        };
        let fragment = self.token.map_or_else(String::new, |token| {
            let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
            format!("#token={token}")
        });
        Some(format!("{}/{page}{fragment}", self.site))
    }

    /// A text of the data, if it is there.
    fn fact(&self, name: &str) -> Option<&'a str> {
        self.data
            .get(name)?
            .as_str()
            .filter(|text| !text.is_empty())
    }

    /// A time of the data, to the minute, in UTC.
    fn moment(&self, name: &str) -> Option<String> {
        date_text::moment(self.fact(name)?, self.language).map(|moment| format!("{moment} (UTC)"))
    }

    /// What somebody signed in with.
    fn device(&self) -> Option<String> {
        device::name(self.fact("device")?)
    }
}
