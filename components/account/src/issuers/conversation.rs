//! What is asked of an issuer: its document, its keys, and the token for a code.
//!
//! Document and keys are kept in Redis for a while, since instances live for a moment. A key that is not
//! among them is looked for once a minute, however many tokens name it: otherwise whoever makes up names
//! could have the issuer asked at will.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use http::header;
use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use stoa_kit::outbound::{self, Request};
use stoa_kit::redis::{self, RedisParameter, RedisResult};
use stoa_kit::{Error, Result};

use super::configuration::{Provider, is_safe};
use crate::domain::id_token::{self, Claims, Expected, Fault};

/// How long an issuer's document is believed.
const DOCUMENT_MS: i64 = 3_600_000;
/// How long its keys are.
const KEYS_MS: i64 = 600_000;
/// How often keys are looked for that are not there.
const AGAIN: Duration = Duration::from_secs(60);
/// Largest answer that is read.
const LIMIT: usize = 128 * 1024;
/// What is asked for.
const SCOPE: &str = "openid email profile";

thread_local! {
    static ASKED_AGAIN: RefCell<HashMap<String, Instant>> = RefCell::default();
}

/// What an issuer says of itself (OpenID Connect Discovery).
#[derive(Debug, Clone, Deserialize)]
pub struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// The document of a provider.
///
/// # Errors
/// `oidc_unavailable`
pub async fn discover(provider: &Provider) -> Result<Discovery> {
    let url = format!(
        "{}/.well-known/openid-configuration",
        provider.issuer.trim_end_matches('/')
    );
    let key = cache_key("document", &provider.issuer);
    let document = match kept(&key).await {
        Some(document) => document,
        None => fetch(&url, &key, DOCUMENT_MS).await?,
    };
    let document: Discovery = serde_json::from_value(document)
        .map_err(|e| unavailable(format!("{provider:?}: its document: {e}")))?;
    let safe = [
        &document.authorization_endpoint,
        &document.token_endpoint,
        &document.jwks_uri,
    ]
    .into_iter()
    .all(|url| is_safe(url));
    if document.issuer != provider.issuer || !safe {
        let _ = redis::command("DEL", vec![redis::text(key)]).await;
        return Err(unavailable(format!(
            "{provider:?}: its document is of another issuer, or sends secrets in the clear"
        )));
    }
    Ok(document)
}

/// Where the browser goes to sign in.
#[must_use]
pub fn authorization_url(
    provider: &Provider,
    document: &Discovery,
    state: &str,
    nonce: &str,
    challenge: &str,
) -> String {
    let endpoint = &document.authorization_endpoint;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", redirect_uri(provider))
        .append_pair("scope", SCOPE)
        .append_pair("state", state)
        .append_pair("nonce", nonce)
        .append_pair("code_challenge", challenge)
        .append_pair("code_challenge_method", "S256")
        .finish();
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{joint}{query}")
}

fn redirect_uri(provider: &Provider) -> &str {
    provider.redirect_uri.as_deref().unwrap_or_default()
}

/// The ID token for a code.
///
/// # Errors
/// `oidc_refused` when the issuer does not take the code, `oidc_unavailable`
pub async fn exchange(
    provider: &Provider,
    document: &Discovery,
    code: &str,
    verifier: &str,
) -> Result<String> {
    #[derive(Deserialize)]
    struct Tokens {
        id_token: String,
    }
    let secret = &provider.client_secret;
    let methods = &document.token_endpoint_auth_methods_supported;
    let knows = |name: &str| methods.iter().any(|method| method == name);
    // What holds where an issuer says nothing.
    let basic = !secret.is_empty() && (methods.is_empty() || knows("client_secret_basic"));
    let body = {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect_uri(provider))
            .append_pair("code_verifier", verifier);
        if !basic {
            form.append_pair("client_id", &provider.client_id);
            if !secret.is_empty() {
                form.append_pair("client_secret", secret);
            }
        }
        form.finish()
    };
    let mut request = Request::post(&document.token_endpoint)
        .header(header::ACCEPT, "application/json")
        .limit(LIMIT)
        .body("application/x-www-form-urlencoded", body);
    if basic {
        // Encoded before they are joined: RFC 6749, §2.3.1.
        let encode =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        request = request.basic(&encode(&provider.client_id), &encode(secret));
    }
    let answer = outbound::send(request).await.map_err(away)?;
    if !answer.is_success() {
        eprintln!("oidc: {provider:?} answers {} to a code", answer.status);
        return Err(refused("code"));
    }
    let tokens: Tokens = answer.json().map_err(|_| refused("malformed"))?;
    Ok(tokens.id_token)
}

/// Who an ID token says somebody is.
///
/// # Errors
/// `oidc_refused` with why, `oidc_unavailable`
pub async fn identify(
    provider: &Provider,
    document: &Discovery,
    token: &str,
    expected: &Expected<'_>,
) -> Result<Claims> {
    let known = keys(provider, document).await?;
    let judged = match id_token::judge(token, &known, expected) {
        Err(Fault::Key) if may_ask_again(&provider.issuer).await => {
            let newer = fetch_keys(provider, document).await?;
            id_token::judge(token, &newer, expected)
        }
        judged => judged,
    };
    judged.map_err(|fault| {
        eprintln!("oidc: {provider:?}: a token is refused: {}", fault.name());
        refused(fault.name())
    })
}

async fn keys(provider: &Provider, document: &Discovery) -> Result<Vec<Jwk>> {
    match kept(&cache_key("keys", &provider.issuer)).await {
        Some(keys) => Ok(id_token::keys(&keys)),
        None => fetch_keys(provider, document).await,
    }
}

async fn fetch_keys(provider: &Provider, document: &Discovery) -> Result<Vec<Jwk>> {
    let key = cache_key("keys", &provider.issuer);
    let keys = fetch(&document.jwks_uri, &key, KEYS_MS).await?;
    Ok(id_token::keys(&keys))
}

/// Whether an issuer may be asked for newer keys: once a minute, all instances together. Without Redis each
/// counts for itself.
async fn may_ask_again(issuer: &str) -> bool {
    let now = Instant::now();
    let recently = ASKED_AGAIN.with_borrow(|asked| {
        asked
            .get(issuer)
            .is_some_and(|at| now.saturating_duration_since(*at) < AGAIN)
    });
    if recently {
        return false;
    }
    ASKED_AGAIN.with_borrow_mut(|asked| asked.insert(issuer.to_owned(), now));
    let set = redis::command(
        "SET",
        vec![
            redis::text(cache_key("asked", issuer)),
            redis::text("1"),
            redis::text("PX"),
            RedisParameter::Int64(i64::try_from(AGAIN.as_millis()).unwrap_or(60_000)),
            redis::text("NX"),
        ],
    )
    .await;
    match set {
        Ok(answer) => !matches!(answer.first(), None | Some(RedisResult::Nil)),
        Err(_) => true,
    }
}

fn cache_key(what: &str, issuer: &str) -> String {
    let mut key = format!("stoa:oidc:{what}:");
    for byte in Sha256::digest(issuer).iter().take(16) {
        let _ = write!(key, "{byte:02x}");
    }
    key
}

async fn kept(key: &str) -> Option<Value> {
    let answer = redis::command("GET", vec![redis::text(key)]).await.ok()?;
    let text = redis::as_text(answer.first()?)?;
    serde_json::from_str(&text).ok()
}

async fn fetch(url: &str, key: &str, keep_ms: i64) -> Result<Value> {
    let request = Request::get(url)
        .header(header::ACCEPT, "application/json")
        .limit(LIMIT);
    let answer = outbound::send(request).await.map_err(away)?;
    if !answer.is_success() {
        return Err(unavailable(format!("{url} answers {}", answer.status)));
    }
    let document: Value = answer.json().map_err(away)?;
    let _ = redis::command(
        "SET",
        vec![
            redis::text(key),
            redis::text(document.to_string()),
            redis::text("PX"),
            RedisParameter::Int64(keep_ms),
        ],
    )
    .await;
    Ok(document)
}

fn away(error: outbound::Error) -> Error {
    unavailable(error.to_string())
}

fn unavailable(cause: String) -> Error {
    // It quotes what issuers answer.
    eprintln!("oidc: {cause:?}");
    Error::problem("oidc_unavailable")
}

fn refused(reason: &'static str) -> Error {
    Error::problem_with("oidc_refused", serde_json::json!({"reason": reason}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_is_sent_with_is_encoded() {
        let provider = Provider {
            name: "a".into(),
            issuer: "https://issuer.example".into(),
            client_id: "stoa & co".into(),
            client_secret: "s3cret".into(),
            redirect_uri: Some("https://shop.example/sign-in/a".into()),
        };
        let mut document = Discovery {
            issuer: provider.issuer.clone(),
            authorization_endpoint: "https://issuer.example/authorize".into(),
            token_endpoint: String::new(),
            jwks_uri: String::new(),
            token_endpoint_auth_methods_supported: Vec::new(),
        };
        let url = authorization_url(&provider, &document, "st", "no", "ch");
        assert_eq!(
            url,
            "https://issuer.example/authorize?response_type=code&client_id=stoa+%26+co\
             &redirect_uri=https%3A%2F%2Fshop.example%2Fsign-in%2Fa&scope=openid+email+profile\
             &state=st&nonce=no&code_challenge=ch&code_challenge_method=S256"
        );
        document.authorization_endpoint.push_str("?tenant=1");
        let url = authorization_url(&provider, &document, "st", "no", "ch");
        assert!(url.starts_with("https://issuer.example/authorize?tenant=1&response_type=code"));
        assert!(!url.contains("s3cret"));
    }
}
