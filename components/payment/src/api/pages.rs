//! What the pages for buyers have in common: plain HTML that works without JavaScript.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use stoa_kit::{Result, money};
use uuid::Uuid;

const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 1.05rem/1.5 system-ui, sans-serif; margin: 0; display: grid; min-height: 100vh;
       place-items: center; background: Canvas; color: CanvasText; }
main { width: min(26rem, 100% - 3rem); padding: 2rem 0; }
h1 { font-size: 1.15rem; font-weight: 600; margin: 0; }
.amount { font-size: 2.2rem; font-weight: 650; margin: .4rem 0; font-variant-numeric: tabular-nums; }
.quiet { opacity: .75; font-size: .92rem; }
form { display: grid; gap: .6rem; margin: 1.6rem 0; }
button { font: inherit; padding: .7rem 1rem; border-radius: .6rem; border: 1px solid ButtonBorder;
         background: ButtonFace; color: ButtonText; cursor: pointer; text-align: start; }
button.first { background: #14532d; border-color: #14532d; color: #fff; font-weight: 600; }
button small { display: block; opacity: .75; font-weight: 400; }
";

/// A page. `form_to` is where forms on it may go besides this origin, `script` runs when it is there.
pub(super) struct Page<'a> {
    pub title: &'a str,
    pub body: Markup,
    pub form_to: Option<&'a str>,
    pub script: Option<&'static str>,
}

impl Page<'_> {
    /// The page as an answer that loads nothing, runs nothing but its own script, and is shown in no frame.
    pub(super) fn into_response(self) -> Response {
        let nonce = Uuid::new_v4().simple().to_string();
        let script = self
            .script
            .map(|_| format!(" script-src 'nonce-{nonce}';"))
            .unwrap_or_default();
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}';{script} form-action 'self' {}; \
             base-uri 'none'; frame-ancestors 'none'",
            self.form_to.and_then(origin).unwrap_or_default()
        );
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (self.title) }
                    style nonce=(nonce) { (PreEscaped(STYLE)) }
                }
                body {
                    main { (self.body) }
                    @if let Some(script) = self.script {
                        script nonce=(nonce) { (PreEscaped(script)) }
                    }
                }
            }
        };
        let mut response = (StatusCode::OK, page.into_string()).into_response();
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
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        response
    }
}

/// The scheme, host and port of a URL, as a policy names it.
fn origin(url: &str) -> Option<String> {
    let uri: http::Uri = url.parse().ok()?;
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

/// 303 to a URL.
pub(super) fn see_other(url: &str) -> Result<Response> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(
        header::LOCATION,
        HeaderValue::from_str(url).map_err(|e| stoa_kit::Error::internal(e.to_string()))?,
    );
    Ok(response)
}

/// Money for people: `1,234.50 USD`.
pub(super) fn shown(amount: i64, currency: &str) -> String {
    let digits = usize::try_from(money::exponent(currency).unwrap_or(0)).unwrap_or(0);
    let sign = if amount < 0 { "-" } else { "" };
    let width = digits.saturating_add(1);
    let text = format!("{:0>width$}", amount.unsigned_abs());
    let (whole, fraction) = text.split_at(text.len().saturating_sub(digits));
    let grouped = whole
        .bytes()
        .enumerate()
        .fold(String::new(), |mut grouped, (at, digit)| {
            let left = whole.len().saturating_sub(at);
            if at > 0 && left.checked_rem(3) == Some(0) {
                grouped.push(',');
            }
            grouped.push(char::from(digit));
            grouped
        });
    let point = if digits > 0 { "." } else { "" };
    format!("{sign}{grouped}{point}{fraction} {currency}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_shown_by_the_currency_digits() {
        assert_eq!(shown(123_450, "USD"), "1,234.50 USD");
        assert_eq!(shown(5, "USD"), "0.05 USD");
        assert_eq!(shown(120_000, "VND"), "120,000 VND");
        assert_eq!(shown(0, "VND"), "0 VND");
        assert_eq!(shown(1_000_000, "KWD"), "1,000.000 KWD");
    }

    #[test]
    fn nothing_that_is_shown_becomes_markup() {
        let page = Page {
            title: "<b>",
            body: html! { p { "<script>" } },
            form_to: Some("https://pay.example/x"),
            script: None,
        };
        let response = page.into_response();
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("text");
        assert!(
            policy.contains("form-action 'self' https://pay.example;"),
            "{policy}"
        );
        assert!(!policy.contains("script-src") && policy.contains("default-src 'none'"));
        assert_eq!(response.headers()[header::X_FRAME_OPTIONS], "DENY");
    }
}
