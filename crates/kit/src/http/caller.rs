//! Who is calling: identity comes from the verified token and from nothing else.

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use uuid::Uuid;

use super::RequestContext;
use super::authority::{self, Authority};
use crate::{Error, variables};

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

/// The signed-in caller. As an extractor: 401 without a valid token.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub account_id: Uuid,
    /// The session that the token belongs to.
    pub session_id: Uuid,
    roles: Vec<Role>,
}

impl Caller {
    /// # Errors
    /// 403 unless the caller has the role; an admin has every role.
    pub fn require(&self, role: Role) -> Result<(), Error> {
        if self.has(role) {
            Ok(())
        } else {
            Err(Error::problem("forbidden"))
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

/// The client's address without its port, as the host saw it.
#[derive(Debug, Clone)]
pub struct ClientAddress(pub String);

/// `aud` of every access token.
const AUDIENCE: &str = "stoa";

#[derive(Debug, Deserialize)]
struct Claims {
    sub: Uuid,
    sid: Uuid,
    #[serde(default)]
    roles: Vec<Role>,
}

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
        let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
            return Ok(Self(None));
        };
        let token = value
            .to_str()
            .ok()
            .and_then(|v| v.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned())
            .ok_or_else(|| Error::problem("unauthenticated"))?;
        let db = parts
            .extensions
            .get::<RequestContext>()
            .map(|c| c.db)
            .ok_or_else(|| Error::internal("no request context"))?;
        crate::local(verify(db, token)).await.map(|c| Self(Some(c)))
    }
}

async fn verify(db: crate::pg::Db, token: String) -> Result<Caller, Error> {
    let refused = || Error::problem("unauthenticated");
    let header = jsonwebtoken::decode_header(&token).map_err(|_| refused())?;
    let kid = header.kid.as_deref().ok_or_else(refused)?;
    let mut authority = authority::current(db, false).await?;
    if authority.key(kid).is_none() {
        authority = authority::current(db, true).await?;
    }
    let issuer = variables::get("public_url").await?;
    judge(&authority, &issuer, &token, header.alg, kid).ok_or_else(refused)
}

/// The caller of a token, if everything about it is right. The key decides the algorithm: what the
/// token claims of itself only has to agree.
fn judge(
    authority: &Authority,
    issuer: &str,
    token: &str,
    claimed: Algorithm,
    kid: &str,
) -> Option<Caller> {
    let jwk = authority.key(kid)?;
    let algorithm = match jwk.algorithm {
        jsonwebtoken::jwk::AlgorithmParameters::OctetKeyPair(_) => Algorithm::EdDSA,
        jsonwebtoken::jwk::AlgorithmParameters::RSA(_) => Algorithm::RS256,
        _ => return None,
    };
    if claimed != algorithm {
        return None;
    }
    let mut validation = Validation::new(algorithm);
    validation.leeway = 5;
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    let key = DecodingKey::from_jwk(jwk).ok()?;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
        .ok()?
        .claims;
    if authority.is_revoked(&claims.sid) {
        return None;
    }
    Some(Caller {
        account_id: claims.sub,
        session_id: claims.sid,
        roles: claims.roles,
    })
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let address = parts
            .headers
            .get_all("spin-client-addr")
            .iter()
            // A client may send the header too; the host puts its own behind.
            .next_back()
            .and_then(|v| v.to_str().ok())
            .map(|v| match v.parse::<std::net::SocketAddr>() {
                Ok(socket) => socket.ip().to_string(),
                Err(_) => v.to_owned(),
            })
            .unwrap_or_default();
        Ok(Self(address))
    }
}
