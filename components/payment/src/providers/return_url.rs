//! Where a buyer may be sent back to: pages of the shop, and nowhere else.

use stoa_kit::{Result, variables};
use uuid::Uuid;

use super::form::escape;

/// Longest URL.
const LONGEST: usize = 2000;

/// Whether a buyer may be sent to that URL or path.
///
/// # Errors
/// Internal when the shop's own URL is not configured.
pub async fn allowed(text: &str) -> Result<bool> {
    let public_url = variables::get("public_url").await?;
    Ok(absolute(text, &public_url).is_some())
}

/// The URL that a charge's `return_url` stands for; none where it is not allowed.
pub(super) async fn of_charge(return_url: Option<&str>) -> Option<String> {
    let public_url = variables::get("public_url").await.ok()?;
    absolute(return_url?, &public_url)
}

/// The absolute URL of a path of the shop or of a URL that begins with the shop's own. `None` for
/// anything else: whoever may choose where a buyer goes after paying could choose a copy of the shop.
#[must_use]
pub fn absolute(text: &str, public_url: &str) -> Option<String> {
    let base = public_url.trim_end_matches('/');
    if text.is_empty()
        || text.len() > LONGEST
        || base.is_empty()
        // Browsers read `\` as `/` and leave out tabs and line breaks.
        || text.chars().any(|c| c == '\\' || c.is_control() || c.is_whitespace())
    {
        return None;
    }
    if text.starts_with('/') {
        return (!text.starts_with("//")).then(|| format!("{base}{text}"));
    }
    let rest = text.strip_prefix(base)?;
    (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then(|| text.to_owned())
}

/// The URL with the session's id for the page that is there, and what is known of the payment.
#[must_use]
pub fn with_outcome(url: &str, session: Uuid, outcome: &str) -> String {
    let (front, fragment) = match url.split_once('#') {
        Some((front, fragment)) => (front, Some(fragment)),
        None => (url, None),
    };
    let joint = if front.contains('?') { '&' } else { '?' };
    let mut whole = format!(
        "{front}{joint}session_id={session}&payment={}",
        escape(outcome)
    );
    if let Some(fragment) = fragment {
        whole.push('#');
        whole.push_str(fragment);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = "https://shop.example";

    #[test]
    fn paths_and_urls_of_the_shop_are_allowed() {
        for (text, whole) in [
            ("/thanks", "https://shop.example/thanks"),
            ("/", "https://shop.example/"),
            ("/a?b=c#d", "https://shop.example/a?b=c#d"),
            ("https://shop.example", "https://shop.example"),
            ("https://shop.example/x", "https://shop.example/x"),
            ("https://shop.example?x", "https://shop.example?x"),
        ] {
            assert_eq!(absolute(text, SHOP).as_deref(), Some(whole), "{text}");
            assert_eq!(absolute(text, &format!("{SHOP}/")).as_deref(), Some(whole));
        }
    }

    #[test]
    fn nothing_else_is() {
        let long = format!("/{}", "x".repeat(LONGEST));
        for text in [
            "",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/a\nb",
            " /a",
            "https://evil.example",
            "https://shop.example.evil.example",
            "https://shop.example@evil.example",
            "https://shop.example:444/",
            "http://shop.example/",
            "HTTPS://SHOP.EXAMPLE/",
            "javascript:alert(1)",
            "thanks",
            long.as_str(),
        ] {
            assert_eq!(absolute(text, SHOP), None, "{text}");
        }
        assert_eq!(absolute("/a", ""), None);
    }

    #[test]
    fn the_session_goes_into_the_query() {
        let id = Uuid::nil();
        assert_eq!(
            with_outcome("https://s.example/a", id, "paid"),
            format!("https://s.example/a?session_id={id}&payment=paid")
        );
        assert_eq!(
            with_outcome("https://s.example/a?b=c#d", id, "paid"),
            format!("https://s.example/a?b=c&session_id={id}&payment=paid#d")
        );
    }
}
