//! How an e-mail is laid out: the same in plain text and in HTML.

use maud::{DOCTYPE, html};

use super::Words;
use crate::domain::language::Language;

pub(super) fn text(words: &Words, link: Option<&str>, code: Option<&str>) -> String {
    let parts = [
        Some(words.before.as_str()),
        code,
        link,
        Some(words.after.as_str()),
        Some("--"),
        Some(words.why.as_str()),
    ];
    let parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    format!("{}\n", parts.join("\n\n"))
}

/// Styles are in place, because readers of mail drop sheets. It loads nothing, so that nobody learns when
/// it is read.
pub(super) fn html(
    words: &Words,
    language: Language,
    link: Option<&str>,
    code: Option<&str>,
) -> String {
    html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (words.subject) }
            }
            body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1c1917;background:#ffffff" {
                div style="max-width:34em;margin:0 auto" {
                    p style="font-weight:600" { "Stoa" }
                    p { (words.before) }
                    @if let Some(code) = code {
                        p style="font-size:28px;letter-spacing:4px;font-weight:600" { (code) }
                    }
                    @if let Some(link) = link {
                        p {
                            a href=(link) style="display:inline-block;padding:10px 18px;border-radius:8px;background:#14532d;color:#ffffff;text-decoration:none" {
                                (words.button)
                            }
                        }
                        p style="font-size:13px;word-break:break-all" { (link) }
                    }
                    @if !words.after.is_empty() {
                        p { (words.after) }
                    }
                    p style="font-size:13px;color:#57534e;border-top:1px solid #e7e5e4;padding-top:12px" {
                        (words.why)
                    }
                }
            }
        }
    }
    .into_string()
}
