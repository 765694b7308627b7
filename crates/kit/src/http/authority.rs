//! What access tokens are judged by: the public keys and the revoked sessions.
//!
//! Memory of the instance in front (2 s), then Redis (1.5 s), then `shared.authority()`: a revoked
//! session's token stops working within 3.5 s, whoever asks. With both stores away there is no
//! authority, and the answer is 503, never "accepted".

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use uuid::Uuid;

use crate::pg::Db;
use crate::{Error, redis};

const MEMORY: Duration = Duration::from_secs(2);
const REDIS_MS: i64 = 1500;
const REDIS_KEY: &str = "stoa:authority";

/// Public keys and revocations at one moment.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Authority {
    keys: Vec<Jwk>,
    revoked: HashSet<Uuid>,
}

impl Authority {
    pub(super) fn key(&self, kid: &str) -> Option<&Jwk> {
        self.keys
            .iter()
            .find(|k| k.common.key_id.as_deref() == Some(kid))
    }

    pub(super) fn is_revoked(&self, session: &Uuid) -> bool {
        self.revoked.contains(session)
    }
}

thread_local! {
    static KNOWN: RefCell<Option<(Instant, Rc<Authority>)>> = const { RefCell::new(None) };
}

/// The authority, at most 3.5 s old; freshly read when `unknown_kid` and the memory is not.
pub(super) async fn current(db: Db, unknown_kid: bool) -> Result<Rc<Authority>, Error> {
    let known = KNOWN.with_borrow(Clone::clone);
    if let Some((read_at, authority)) = known {
        let age = Instant::now().saturating_duration_since(read_at);
        // A forged kid must not become a way to ask the database at will.
        let fresh_enough = if unknown_kid {
            Duration::from_millis(500)
        } else {
            MEMORY
        };
        if age < fresh_enough {
            return Ok(authority);
        }
    }
    let read_at = Instant::now();
    let text = match from_redis().await {
        Some(text) if !unknown_kid => text,
        _ => from_postgres(db).await?,
    };
    let authority: Rc<Authority> = serde_json::from_str(&text)
        .map(Rc::new)
        .map_err(|e| Error::internal(format!("authority: {e}")))?;
    KNOWN.set(Some((read_at, Rc::clone(&authority))));
    Ok(authority)
}

async fn from_redis() -> Option<String> {
    let answer = redis::command("GET", vec![redis::text(REDIS_KEY)])
        .await
        .ok()?;
    answer.first().and_then(redis::as_text)
}

async fn from_postgres(db: Db) -> Result<String, Error> {
    let text: String = db
        .read_one("SELECT shared.authority()", Vec::new())
        .await?
        .ok_or_else(|| Error::internal("shared.authority() returned no row"))?
        .get(0)?;
    let _ = redis::command(
        "SET",
        vec![
            redis::text(REDIS_KEY),
            redis::text(text.clone()),
            redis::text("PX"),
            redis::RedisParameter::Int64(REDIS_MS),
        ],
    )
    .await;
    Ok(text)
}
