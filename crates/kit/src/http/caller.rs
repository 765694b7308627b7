//! Who is calling: identity comes from the verified token and from nothing else.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, Method, header};
use serde::Deserialize;
use uuid::Uuid;

use super::RequestContext;
use super::authority;
use super::token::{self, Claims, Token};
use crate::{Error, time, variables};

/// What an account may do beyond its own affairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Every account.
    Member,
    /// Takes care of content and disputes.
    Moderator,
    /// Everything.
    Admin,
}

/// What a token is good for that an API key was exchanged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Safe methods.
    pub read: bool,
    /// The others.
    pub write: bool,
}

impl Scope {
    /// Reads the claim: words with spaces between. What is not known gives nothing.
    fn parse(text: &str) -> Self {
        let has = |word| text.split(' ').any(|w| w == word);
        Self {
            read: has("read"),
            write: has("write"),
        }
    }
}

/// The signed-in caller. As an extractor: 401 without a valid token, 403 when it is an API key's and not good
/// for the method.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub account_id: Uuid,
    /// The session that the token belongs to.
    pub session_id: Uuid,
    /// Whether an address of the account was verified when the token was issued.
    pub verified: bool,
    /// `None`: a person is signed in. Otherwise it is a program, with an API key of the account's.
    pub scope: Option<Scope>,
    roles: Vec<Role>,
}

impl Caller {
    /// Whom a token names that was found right.
    fn of(claims: &Claims) -> Self {
        Self {
            account_id: claims.sub,
            session_id: claims.sid,
            verified: claims.ver,
            scope: claims.scope.as_deref().map(Scope::parse),
            roles: claims.roles.clone(),
        }
    }

    /// # Errors
    /// 403 unless the caller has the role; an admin has every role.
    pub fn require(&self, role: Role) -> Result<(), Error> {
        if self.has(role) {
            Ok(())
        } else {
            Err(Error::problem("forbidden"))
        }
    }

    /// For what moves goods or money: whoever does it can be reached.
    ///
    /// # Errors
    /// 403 while no address of the account is verified.
    pub fn require_verified(&self) -> Result<(), Error> {
        if self.verified {
            Ok(())
        } else {
            Err(Error::problem("address_unverified"))
        }
    }

    /// For what decides who may act for the account: no API key opens that.
    ///
    /// # Errors
    /// 403 unless a person is signed in.
    pub fn require_person(&self) -> Result<(), Error> {
        match self.scope {
            None => Ok(()),
            Some(_) => Err(Error::problem("person_required")),
        }
    }

    /// # Errors
    /// 403 when the token is an API key's and not good for the method.
    fn allows(&self, method: &Method) -> Result<(), Error> {
        let good = |scope: Scope| {
            if method.is_safe() {
                scope.read
            } else {
                scope.write
            }
        };
        if self.scope.is_none_or(good) {
            Ok(())
        } else {
            Err(Error::problem("insufficient_scope"))
        }
    }

    /// Whether the caller has the role; an admin has every role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role) || self.roles.contains(&Role::Admin)
    }
}

/// The caller where signing in is optional. A token that is sent has to be valid.
#[derive(Debug, Clone)]
pub struct MaybeCaller(pub Option<Caller>);

/// The client's address without its port, as the host saw it, or the proxies of ours before it.
#[derive(Debug, Clone)]
pub struct ClientAddress(pub String);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let MaybeCaller(caller) = MaybeCaller::from_request_parts(parts, state).await?;
        caller.ok_or_else(|| Error::problem("unauthenticated"))
    }
}

impl<S: Sync> FromRequestParts<S> for MaybeCaller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let caller = parts
            .extensions
            .get::<RequestContext>()
            .ok_or_else(|| Error::internal("no request context"))?
            .identity
            .caller()?;
        if let Some(caller) = &caller {
            caller.allows(&parts.method)?;
        }
        Ok(Self(caller))
    }
}

/// What a request's token says of who sends it: found once, before the handler, because limits are by
/// account; told to whoever asks.
#[derive(Debug, Clone)]
pub(super) enum Identity {
    /// No token was sent.
    Nobody,
    /// A valid one.
    Known(Caller),
    /// One that is not.
    Refused,
    /// Nobody could say; the text is for the log.
    Unknown(String),
    /// A fault of ours; the text is for the log.
    Fault(String),
}

impl Identity {
    /// Judges the token of a request.
    pub(super) async fn of(db: crate::pg::Db, headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            return Self::Nobody;
        };
        let token = value
            .to_str()
            .ok()
            .and_then(|v| v.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned());
        let Some(token) = token else {
            return Self::Refused;
        };
        match crate::local(verify(db, token)).await {
            Ok(caller) => Self::Known(caller),
            Err(Error::Unavailable(text)) => Self::Unknown(text),
            Err(Error::Problem { .. } | Error::Invalid(_)) => Self::Refused,
            Err(Error::Internal(text)) => Self::Fault(text),
        }
    }

    /// The account that is known to have sent the request.
    pub(super) fn account(&self) -> Option<Uuid> {
        match self {
            Self::Known(caller) => Some(caller.account_id),
            _ => None,
        }
    }

    /// The caller, or why there is none.
    pub(super) fn caller(&self) -> Result<Option<Caller>, Error> {
        match self {
            Self::Nobody => Ok(None),
            Self::Known(caller) => Ok(Some(caller.clone())),
            Self::Refused => Err(Error::problem("unauthenticated")),
            Self::Unknown(text) => Err(Error::Unavailable(text.clone())),
            Self::Fault(text) => Err(Error::Internal(text.clone())),
        }
    }
}

async fn verify(db: crate::pg::Db, token: String) -> Result<Caller, Error> {
    let refused = || Error::problem("unauthenticated");
    // What is no token is worth no question.
    let parsed = Token::parse(&token).ok_or_else(refused)?;
    let mut authority = authority::current(db, false).await?;
    if authority.key(parsed.key_id()).is_none() {
        authority = authority::current(db, true).await?;
    }
    let issuer = variables::get("public_url").await?;
    let now = time::unix_now();
    token::known(&token, &authority, &issuer, now)
        .or_else(|| parsed.judge(&authority, &issuer, now))
        .map(|claims| Caller::of(&claims))
        .ok_or_else(refused)
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let context = parts
            .extensions
            .get::<RequestContext>()
            .ok_or_else(|| Error::internal("no request context"))?;
        Ok(Self(
            context.client.map(|ip| ip.to_string()).unwrap_or_default(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(scope: Option<&str>) -> Caller {
        Caller {
            account_id: Uuid::nil(),
            session_id: Uuid::nil(),
            verified: true,
            scope: scope.map(Scope::parse),
            roles: vec![Role::Member],
        }
    }

    #[test]
    fn a_scope_opens_its_methods_and_no_other() {
        for (scope, reads, writes) in [
            (None, true, true),
            (Some("read"), true, false),
            (Some("write"), false, true),
            (Some("read write"), true, true),
            (Some(""), false, false),
            (Some("reader admin"), false, false),
        ] {
            let caller = caller(scope);
            assert_eq!(caller.allows(&Method::GET).is_ok(), reads, "{scope:?}");
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                assert_eq!(caller.allows(&method).is_ok(), writes, "{scope:?}");
            }
            assert_eq!(caller.require_person().is_ok(), scope.is_none());
        }
    }
}
