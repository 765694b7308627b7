//! Who is calling. The same judgement of the same tokens as the app's.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode, header};
use deadpool_postgres::Object;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use uuid::Uuid;

use crate::shop::Failure;

/// How long keys and revocations are believed.
const MEMORY: Duration = Duration::from_secs(2);

/// Reads keys and revocations from the database and remembers them for a moment.
pub struct Authority {
    issuer: String,
    known: Mutex<Option<(Instant, Arc<Keys>)>>,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Jwk>,
    revoked: HashSet<Uuid>,
}

#[derive(Deserialize)]
struct Claims {
    sub: Uuid,
    sid: Uuid,
}

impl Authority {
    pub fn new(issuer: String) -> Self {
        Self {
            issuer,
            known: Mutex::new(None),
        }
    }

    /// The account of the request's token.
    pub async fn caller(&self, headers: &HeaderMap, db: &Object) -> Result<Uuid, Failure> {
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .ok_or_else(refused)?;
        let keys = self.keys(db).await?;
        self.judge(&keys, token).ok_or_else(refused)
    }

    async fn keys(&self, db: &Object) -> Result<Arc<Keys>, Failure> {
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((at, keys)) = known
            && at.elapsed() < MEMORY
        {
            return Ok(keys);
        }
        let statement = db.prepare_cached("SELECT shared.authority()").await?;
        let text: String = db.query_one(&statement, &[]).await?.try_get(0)?;
        let keys = Arc::new(serde_json::from_str(&text)?);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&keys)));
        Ok(keys)
    }

    fn judge(&self, keys: &Keys, token: &str) -> Option<Uuid> {
        let claimed = jsonwebtoken::decode_header(token).ok()?;
        let jwk = keys
            .keys
            .iter()
            .find(|key| key.common.key_id == claimed.kid)?;
        let algorithm = match jwk.algorithm {
            AlgorithmParameters::OctetKeyPair(_) => Algorithm::EdDSA,
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            _ => return None,
        };
        let mut validation = Validation::new(algorithm);
        validation.set_audience(&["stoa"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let key = DecodingKey::from_jwk(jwk).ok()?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
            .ok()?
            .claims;
        (!keys.revoked.contains(&claims.sid)).then_some(claims.sub)
    }
}

fn refused() -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, "no valid token")
}
