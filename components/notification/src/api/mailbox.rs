//! `/mailbox`: what was sent to everybody, links and codes included. For development: there is no such
//! thing unless the variable `mailbox` is on.

use axum::response::{IntoResponse, Response};
use garde::Validate;
use http::{HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::{Deserialize, Serialize};
use stoa_kit::http::{Answer, Problem, Query};
use stoa_kit::seal::Letter;
use stoa_kit::{Error, Result, local};
use uuid::Uuid;

use crate::configuration;
use crate::domain::language::Language;
use crate::domain::letters::{self, Channel, Draft};
use crate::store::messages::{self as store, Delivered};

/// How many letters are shown.
const NEWEST: i32 = 50;

const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 44rem; padding: 1.5rem;
       background: Canvas; color: CanvasText; }
h1 { font-size: 1.3rem; }
article { border: 1px solid ButtonBorder; border-radius: .6rem; padding: 1rem; margin: 1rem 0; }
h2 { font-size: 1.05rem; margin: 0; }
.quiet { opacity: .75; font-size: .9rem; margin: .2rem 0; }
.code { font-size: 1.6rem; letter-spacing: .2rem; font-weight: 600; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
a { overflow-wrap: anywhere; }
";

/// Whose letters to list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MailboxFilter {
    /// Only those to this e-mail address or phone number.
    #[garde(length(max = 254))]
    #[param(max_length = 254, example = "lan@example.com")]
    to: Option<String>,
}

/// A letter as its reader got it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Mail {
    /// E-mail address or phone number.
    #[schema(example = "lan@example.com")]
    to: String,
    #[schema(inline)]
    channel: Channel,
    #[schema(example = "verify")]
    template: String,
    #[schema(example = "Confirm your address")]
    subject: String,
    text: String,
    html: Option<String>,
    /// What the link proves by.
    token: Option<String>,
    /// To be typed.
    #[schema(example = "012345")]
    code: Option<String>,
    link: Option<String>,
    #[schema(example = "2026-01-02T03:04:05.000Z")]
    sent_at: String,
}

/// The newest letters.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MailList {
    /// At most 50, the newest first.
    items: Vec<Mail>,
}

/// Shows the mailbox of development: the newest 50 letters to anybody, links and codes included.
#[utoipa::path(
    get,
    path = "/mailbox",
    tag = "notification",
    operation_id = "show_mailbox",
    responses(
        (status = 200, description = "A page for people.", content_type = "text/html", body = String),
        (status = 404, description = "`not_found`: the variable `mailbox` is not on.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn show() -> Result<Response> {
    let mails = local(mails(None)).await?;
    let nonce = Uuid::new_v4().simple().to_string();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let mut response = (StatusCode::OK, document(&mails, &nonce).into_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_str(&policy)
            .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'")),
    );
    Ok(response)
}

/// Lists what is in the mailbox of development, links and codes included.
#[utoipa::path(
    get,
    path = "/mailbox/messages",
    tag = "notification",
    operation_id = "list_mailbox",
    params(MailboxFilter),
    responses(
        (status = 200, description = "The newest 50.", body = MailList),
        (status = 404, description = "`not_found`: the variable `mailbox` is not on.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(Query(filter): Query<MailboxFilter>) -> Result<Answer> {
    let items = local(mails(filter.to.as_deref())).await?;
    Answer::json(&MailList { items })
}

async fn mails(to: Option<&str>) -> Result<Vec<Mail>> {
    if !configuration::mailbox().await {
        return Err(Error::not_found());
    }
    let Some(key) = configuration::value("mailbox_key").await else {
        return Err(Error::not_found());
    };
    let site = configuration::site().await;
    let delivered = store::mailbox(to, NEWEST).await?;
    Ok(delivered
        .into_iter()
        // What was sealed for another key, before this one was made, nobody can read any more.
        .filter_map(|one| opened(one, &key, &site))
        .collect())
}

fn opened(one: Delivered, key: &str, site: &str) -> Option<Mail> {
    let letter = Letter::open(key, &one.sealed).ok()?;
    let written = letters::write(&Draft {
        template: &one.template,
        channel: one.channel,
        language: Language::choose(Some(&one.locale), None),
        data: &one.data,
        site,
        token: letter.token.as_deref(),
        code: letter.code.as_deref(),
    });
    Some(Mail {
        to: one.to,
        channel: one.channel,
        template: one.template,
        subject: written.subject,
        text: written.text,
        html: written.html,
        token: letter.token,
        code: letter.code,
        link: written.link,
        sent_at: one.sent_at,
    })
}

fn document(mails: &[Mail], nonce: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { "Mailbox" }
                style nonce=(nonce) { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { "Mailbox" }
                    p.quiet { "What this installation has sent to anybody, the newest first. Turn it off where strangers come." }
                    @if mails.is_empty() {
                        p { "Nothing yet." }
                    }
                    @for mail in mails {
                        (entry(mail))
                    }
                }
            }
        }
    }
}

fn entry(mail: &Mail) -> Markup {
    let by = match mail.channel {
        Channel::Email => "E-mail",
        Channel::Sms => "SMS",
    };
    html! {
        article {
            h2 { (mail.subject) }
            p.quiet { (by) " to " (mail.to) ", " time datetime=(mail.sent_at) { (mail.sent_at) } }
            @if let Some(code) = &mail.code {
                p.code { (code) }
            }
            @if let Some(link) = &mail.link {
                p { a href=(link) { (link) } }
            }
            pre { (mail.text) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_links_and_codes_and_nothing_becomes_markup() {
        let mail = Mail {
            to: "<lan>@example.com".into(),
            channel: Channel::Sms,
            template: "verify".into(),
            subject: "Confirm".into(),
            text: "<script>".into(),
            html: None,
            token: None,
            code: Some("012345".into()),
            link: Some("https://shop.example/verify#token=a".into()),
            sent_at: "2026-01-02T03:04:05.000Z".into(),
        };
        let page = document(&[mail], "n").into_string();
        assert!(page.contains("012345") && page.contains("href=\"https://shop.example/verify"));
        assert!(page.contains("&lt;script&gt;") && page.contains("SMS to &lt;lan&gt;@example.com"));
        assert!(document(&[], "n").into_string().contains("Nothing yet."));
    }
}
