//! What access tokens are judged by: the public keys and the revoked sessions.
//!
//! Memory of the instance in front (2 s), then Redis (1.5 s), then `shared.authority()`: a revoked
//! session's token stops working within 3.5 s, whoever asks. With both stores away there is no
//! authority, and the answer is 503, never "accepted".
//!
//! The life in Redis begins before Postgres is asked, and ends at a time by Redis' own clock: neither a
//! slow database nor a Redis that was halted with the answer still unread lets anything live longer.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use uuid::Uuid;

use super::published_key::PublishedKey;
use crate::pg::Db;
use crate::{Error, redis};

const MEMORY: Duration = Duration::from_secs(2);
const REDIS_MS: i64 = 1500;
const REDIS_KEY: &str = "stoa:authority";

/// What is kept, and the time. Key: the authority's.
const LOOK: &str = "
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
return {redis.call('GET', KEYS[1]) or '', string.format('%.0f', at)}";

/// Keeps it until then. Key: the authority's; then the text, and the time.
const KEEP: &str = "
redis.call('SET', KEYS[1], ARGV[1])
redis.call('PEXPIREAT', KEYS[1], ARGV[2])
return 1";

/// Public keys and revocations at one moment.
#[derive(Debug, Default)]
pub(super) struct Authority {
    keys: Vec<Rc<PublishedKey>>,
    revoked: HashSet<Uuid>,
}

/// As `shared.authority()` answers.
#[derive(Deserialize)]
struct Answered {
    keys: Vec<Jwk>,
    revoked: HashSet<Uuid>,
}

impl Authority {
    /// Reads it. Keys that were there `before` are the same ones, so that they are made ready once and not
    /// every two seconds; one that is published no more is gone with this.
    pub(super) fn parse(text: &str, before: Option<&Self>) -> Result<Self, Error> {
        let answered: Answered =
            serde_json::from_str(text).map_err(|e| Error::internal(format!("authority: {e}")))?;
        let known = before.map_or(&[][..], |before| &before.keys);
        let same = |jwk: Jwk| match known.iter().find(|key| key.is(&jwk)) {
            Some(key) => Rc::clone(key),
            None => Rc::new(PublishedKey::new(jwk)),
        };
        Ok(Self {
            keys: answered.keys.into_iter().map(same).collect(),
            revoked: answered.revoked,
        })
    }

    pub(super) fn key(&self, kid: &str) -> Option<&Rc<PublishedKey>> {
        self.keys.iter().find(|key| key.id() == Some(kid))
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
    let look = look().await;
    if let Some(look) = &look
        && !unknown_kid
        // What is no authority is none: whoever wrote it, Postgres knows better.
        && let Ok(authority) = remember(read_at, &look.kept)
    {
        return Ok(authority);
    }
    let text = from_postgres(db).await?;
    if let Some(look) = look {
        keep(&text, look.at_ms.saturating_add(REDIS_MS)).await;
    }
    remember(read_at, &text)
}

/// Keeps what `shared.authority()` answered.
pub(super) fn remember(read_at: Instant, text: &str) -> Result<Rc<Authority>, Error> {
    let before = KNOWN.with_borrow(|known| known.as_ref().map(|(_, it)| Rc::clone(it)));
    let authority = Rc::new(Authority::parse(text, before.as_deref())?);
    KNOWN.set(Some((read_at, Rc::clone(&authority))));
    Ok(authority)
}

/// Knows nothing any more, as a new instance does.
#[cfg(feature = "bench")]
pub(super) fn forget() {
    KNOWN.take();
}

/// What Redis had, at a time of its clock.
struct Look {
    kept: String,
    at_ms: i64,
}

async fn look() -> Option<Look> {
    let answer = redis::eval(LOOK, [REDIS_KEY], []).await.ok()?;
    let part = |index| answer.get(index).and_then(redis::as_text);
    Some(Look {
        kept: part(0)?,
        at_ms: part(1)?.parse().ok()?,
    })
}

async fn keep(text: &str, until_ms: i64) {
    let arguments = [redis::text(text), redis::number(until_ms)];
    // Without it the next one asks Postgres as well.
    let _ = redis::eval(KEEP, [REDIS_KEY], arguments).await;
}

async fn from_postgres(db: Db) -> Result<String, Error> {
    db.read_one("SELECT shared.authority()", Vec::new())
        .await?
        .ok_or_else(|| Error::internal("shared.authority() returned no row"))?
        .get(0)
        .map_err(Into::into)
}
