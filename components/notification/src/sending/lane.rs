//! One wake of the lane: takes what is due, sends it, and notes what became of it.

use std::time::{Duration, Instant};

use futures::future::join_all;
use stoa_kit::redis;

use super::outgoing::Sender;
use crate::store::messages;

/// The lane of workers that sends letters.
pub const LANE: &str = "notification-lane";

/// How many are sent at the same time.
const ABREAST: i32 = 16;
/// How long a letter is its sender's: longer than all its providers together take to say nothing.
const LEASE_MS: i32 = 20_000;
/// After that a wake takes nothing more: the next one does.
const CLAIM_FOR: Duration = Duration::from_secs(2);

/// Sends what is due. What fails is due again later.
pub async fn wake() {
    redis::lane_awake(LANE).await;
    let started = Instant::now();
    let mut more = send_some().await;
    while more && started.elapsed() < CLAIM_FOR {
        more = send_some().await;
    }
    redis::lane_awake(LANE).await;
    if more {
        // The rest need not wait for the tick.
        let _ = redis::ring_now(LANE).await;
    }
}

/// Whether there may be more.
async fn send_some() -> bool {
    let claimed = match messages::claim(ABREAST, LEASE_MS).await {
        Ok(claimed) => claimed,
        Err(error) => {
            eprintln!("{LANE}: what is due: {error}");
            return false;
        }
    };
    if claimed.is_empty() {
        return false;
    }
    let sender = Sender::configured().await;
    let outcomes = join_all(claimed.iter().map(|letter| sender.send(letter))).await;
    if let Err(error) = messages::done(&outcomes).await {
        // They come back when their leases end; whoever knows what was sent before says so by its id.
        eprintln!("{LANE}: what was sent: {error}");
        return false;
    }
    i32::try_from(claimed.len()).is_ok_and(|count| count == ABREAST)
}
