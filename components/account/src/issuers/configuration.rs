//! The variable `oidc_providers`: a JSON array of
//! `{"name", "issuer", "client_id", "client_secret", "redirect_uri"}`, the last two optional.

use http::Uri;
use serde::Deserialize;
use stoa_kit::{Error, Result, variables};

/// An issuer, as it was configured.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What it is called here: lower-case letters, digits, `-` and `_`, at most 32.
    pub name: String,
    /// Its identifier, which its tokens say, and where its document is found.
    pub issuer: String,
    /// What this shop is called there.
    pub client_id: String,
    /// Empty: the shop is a public client there.
    #[serde(default)]
    pub client_secret: String,
    /// The page to which the issuer sends people back. Without it: `sign-in/{name}` below `public_url`.
    pub redirect_uri: Option<String>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({} {})", self.name, self.issuer)
    }
}

/// The provider of that name.
///
/// # Errors
/// `not_found`; internal when the variable is not understood.
pub async fn find(name: &str) -> Result<Provider> {
    let public_url = variables::get("public_url").await?;
    let mut providers = parse(&variables::get("oidc_providers").await?)?;
    providers.retain(|provider| provider.name == name);
    let mut provider = providers.pop().ok_or_else(Error::not_found)?;
    if provider.redirect_uri.is_none() {
        let root = public_url.trim_end_matches('/');
        provider.redirect_uri = Some(format!("{root}/sign-in/{name}"));
    }
    Ok(provider)
}

fn parse(text: &str) -> Result<Vec<Provider>> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    // What is wrong with it would quote it, and there are secrets in it.
    let broken = |what: &str| Error::internal(format!("oidc_providers: {what}"));
    let providers: Vec<Provider> =
        serde_json::from_str(text).map_err(|_| broken("not the JSON that is expected"))?;
    for provider in &providers {
        let name = &provider.name;
        let named = (1..=32).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
        if !named {
            return Err(broken("a name of other letters"));
        } else if !is_safe(&provider.issuer) || provider.issuer.len() > 255 {
            return Err(broken("an issuer that is no https URL"));
        }
    }
    Ok(providers)
}

/// Whether what is sent there stays between the two: https, or this very machine, for tests.
pub(super) fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let here = || matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]"));
    uri.authority().is_some_and(|a| !a.as_str().contains('@'))
        && match uri.scheme_str() {
            Some("https") => true,
            Some("http") => here(),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_read_and_what_is_none_is_refused_without_quoting_it() {
        assert!(parse("").unwrap().is_empty() && parse("[]").unwrap().is_empty());
        let one = r#"[{"name": "google", "issuer": "https://accounts.google.com", "client_id": "a",
                       "client_secret": "s3cret"}]"#;
        let providers = parse(one).unwrap();
        assert_eq!(providers[0].client_secret, "s3cret");
        assert!(!format!("{providers:?}").contains("s3cret"));
        for bad in [
            one.replace("google\"", "Google!\""),
            one.replace("https://acc", "http://acc"),
            one.replace("client_id", "id"),
            one.replace('[', ""),
        ] {
            let error = parse(&bad).unwrap_err().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn secrets_go_to_https_or_stay_here() {
        for safe in [
            "https://issuer.example/a",
            "http://127.0.0.1:4000",
            "http://localhost/x",
        ] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_ in [
            "http://issuer.example",
            "http://127.0.0.1.example",
            "https://a@issuer.example",
            "ftp://127.0.0.1",
            "/path",
            "",
            "http://localhost@evil.example",
        ] {
            assert!(!is_safe(unsafe_), "{unsafe_}");
        }
    }
}
