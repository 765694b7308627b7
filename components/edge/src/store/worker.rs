//! The worker, as far as Redis knows of it.

use std::time::{SystemTime, UNIX_EPOCH};

use stoa_kit::redis::{self, Away};

use crate::domain::beat;

/// The lane whose tick is armed.
const LANE: &str = "relay";
/// Where the relay writes its heartbeat.
const BEAT: &str = "stoa:beat:relay";

/// Makes sure that the relay will be woken.
///
/// # Errors
/// [`Away`]
pub async fn arm() -> Result<(), Away> {
    redis::arm_tick(LANE).await
}

/// Whether Redis answers at all.
///
/// # Errors
/// [`Away`]
pub async fn ping() -> Result<(), Away> {
    redis::command("PING", Vec::new()).await.map(|_| ())
}

/// Age of the last heartbeat in milliseconds; `None` when there is none.
///
/// # Errors
/// [`Away`]
pub async fn beat_age_ms() -> Result<Option<u64>, Away> {
    let answer = redis::command("GET", vec![redis::text(BEAT)]).await?;
    let text = answer.first().and_then(redis::as_text);
    Ok(text.and_then(|text| beat::age_ms(&text, now_ms())))
}

fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
