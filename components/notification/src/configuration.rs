//! The module's variables.

use stoa_kit::variables;

/// The value of a variable, if it has one.
pub(crate) async fn value(name: &'static str) -> Option<String> {
    variables::get(name)
        .await
        .ok()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

/// The value of a variable that holds a URL, without the slash at its end.
pub(crate) async fn url(name: &'static str) -> Option<String> {
    value(name)
        .await
        .map(|url| url.trim_end_matches('/').to_owned())
}

/// Whether letters are also delivered to the mailbox, which shows them to everybody.
pub(crate) async fn mailbox() -> bool {
    value("mailbox").await.as_deref() == Some("on")
}

/// Where the links in letters lead.
pub(crate) async fn site() -> String {
    match url("site_url").await {
        Some(site) => site,
        None => url("public_url").await.unwrap_or_default(),
    }
}
