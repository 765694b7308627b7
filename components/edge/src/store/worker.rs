//! The workers' lanes, as far as Redis knows of them.

use futures::future::try_join_all;
use stoa_kit::redis::{self, Away};
use stoa_kit::time;

use crate::domain::beat::{self, Beat, LANES};

/// Makes sure that every lane will be woken.
///
/// # Errors
/// [`Away`]
pub async fn arm() -> Result<(), Away> {
    try_join_all(LANES.map(redis::arm_tick)).await.map(|_| ())
}

/// How old the last beat of each lane is.
///
/// # Errors
/// [`Away`]
pub async fn beats() -> Result<Vec<Beat>, Away> {
    let keys = LANES.map(|lane| redis::text(redis::beat_key(lane))).into();
    let answers = redis::command("MGET", keys).await?;
    let now = time::unix_now_ms();
    let age = |index: usize| {
        let text = answers.get(index).and_then(redis::as_text)?;
        beat::age_ms(&text, now)
    };
    Ok(LANES
        .iter()
        .enumerate()
        .map(|(index, lane)| (*lane, age(index)))
        .collect())
}
