//! The judgement of an access token (RFC 7519, signed as RFC 7515 has it).
//!
//! Only `account` makes them, in one form, so only that form is read: `exp` a whole number, `aud` one text.
//! The key decides the algorithm; what a token says of itself only has to agree.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use uuid::Uuid;

use super::authority::Authority;
use super::caller::Role;
use super::published_key::PublishedKey;

/// `aud` of every access token.
const AUDIENCE: &str = "stoa";
/// How far clocks may be apart, in seconds.
const LEEWAY_S: u64 = 5;

#[derive(Debug, Deserialize)]
struct Header {
    alg: Algorithm,
    kid: String,
    /// What a reader has to understand (RFC 7515, section 4.1.11): there is nothing that we do.
    crit: Option<IgnoredAny>,
}

/// What a token says.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    exp: u64,
    pub(super) sub: Uuid,
    pub(super) sid: Uuid,
    #[serde(default)]
    pub(super) roles: Vec<Role>,
    #[serde(default)]
    pub(super) ver: bool,
    pub(super) scope: Option<String>,
}

/// A token taken apart; nothing of it is believed yet.
#[derive(Debug)]
pub(super) struct Token<'a> {
    whole: &'a str,
    header: Header,
    signed: &'a str,
    claims: &'a str,
    signature: &'a str,
}

impl<'a> Token<'a> {
    pub(super) fn parse(whole: &'a str) -> Option<Self> {
        let (signed, signature) = whole.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Header = document(header)?;
        header.crit.is_none().then_some(Self {
            whole,
            header,
            signed,
            claims,
            signature,
        })
    }

    /// The key that it names.
    pub(super) fn key_id(&self) -> &str {
        &self.header.kid
    }

    /// What it says, when everything about it is right.
    pub(super) fn judge(
        &self,
        authority: &Authority,
        issuer: &str,
        now: u64,
    ) -> Option<Rc<Claims>> {
        let key = authority.key(&self.header.kid)?;
        if key.algorithm() != Some(self.header.alg) || !key.signed(self.signed, self.signature) {
            return None;
        }
        let claims = Rc::new(document::<Claims>(self.claims)?);
        if !holds(&claims, authority, issuer, now) {
            return None;
        }
        remember(self.whole, key, &claims);
        Some(claims)
    }
}

fn document<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64.decode(part).ok()?).ok()
}

/// What has to be looked at every time.
fn holds(claims: &Claims, authority: &Authority, issuer: &str, now: u64) -> bool {
    claims.aud == AUDIENCE
        && claims.iss == issuer
        && now <= claims.exp.saturating_add(LEEWAY_S)
        && !authority.is_revoked(&claims.sid)
}

/// Tokens that are remembered, at most.
const MOST: usize = 64;
/// Longer ones are not: all of them together hold at most so many times `MOST` bytes.
const LONGEST: usize = 2048;

/// By which key, and what the token says.
type Signed = (Rc<PublishedKey>, Rc<Claims>);

thread_local! {
    /// Signatures that were found good, by token.
    static SIGNED: RefCell<HashMap<Box<str>, Signed>> = RefCell::default();
}

/// What a token says that the instance has seen before, when everything about it is still right.
///
/// Safe, because nothing is remembered but what cannot change: that these very bytes are signed by this very
/// key, and what they say. The whole token is compared, signature included, so nobody has another's answer
/// without holding the token. Whether the key is still published (the same, not one of its name), whether the
/// session is revoked and whether the time is over is asked at every call, of the same authority as for a new
/// token. Refusals are not remembered.
pub(super) fn known(
    token: &str,
    authority: &Authority,
    issuer: &str,
    now: u64,
) -> Option<Rc<Claims>> {
    let (key, claims) = SIGNED.with_borrow(|signed| signed.get(token).cloned())?;
    let published = authority.key(key.id()?)?;
    (Rc::ptr_eq(published, &key) && holds(&claims, authority, issuer, now)).then_some(claims)
}

fn remember(token: &str, key: &Rc<PublishedKey>, claims: &Rc<Claims>) {
    if token.len() > LONGEST {
        return;
    }
    SIGNED.with_borrow_mut(|signed| {
        // Instances are short-lived: which ones to keep is not worth the thought.
        if signed.len() >= MOST {
            signed.clear();
        }
        signed.insert(token.into(), (Rc::clone(key), Rc::clone(claims)));
    });
}

/// Forgets all of them, as a new instance has none.
#[cfg(any(test, feature = "bench"))]
pub(super) fn forget() {
    SIGNED.take();
}

#[cfg(test)]
mod tests;
