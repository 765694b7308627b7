//! One wake of the lane: takes what is due, sends it, and notes what became of it.

use std::time::{Duration, Instant};

use futures::future::join_all;
use stoa_kit::redis;

use super::outgoing::Sender;
use crate::store::messages::{self, Claimed};

/// The lane of workers that sends letters.
pub const LANE: &str = "notification-lane";

/// How many are taken at a time, and sent at the same time.
const ABREAST: usize = 16;
/// How long a letter is its sender's: longer than all its providers together take to say nothing.
const LEASE_MS: i32 = 20_000;
/// No letter is begun later after it was claimed. One that was not begun comes back when its lease ends.
const BEGIN_FOR: Duration = Duration::from_secs(8);
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
    let begun = Instant::now();
    let claimed = match messages::claim(ABREAST, LEASE_MS).await {
        Ok(claimed) => claimed,
        Err(error) => {
            eprintln!("{LANE}: what is due: {:?}", error.to_string());
            return false;
        }
    };
    if claimed.is_empty() {
        return false;
    }
    let sender = Sender::configured().await;
    let (again, fresh): (Vec<_>, Vec<_>) = claimed.iter().partition(|letter| letter.tries > 1);
    let full = claimed.len() >= ABREAST || again.len() >= messages::AGAIN;
    let firsts = join_all(fresh.into_iter().map(|letter| send_one(&sender, letter)));
    let mut noted = firsts.await.into_iter().all(|noted| noted);
    // One after another: one that brings its sender down takes no other with it.
    for letter in again {
        if begun.elapsed() >= BEGIN_FOR {
            break;
        }
        noted &= send_one(&sender, letter).await;
    }
    noted && full
}

/// Sends a letter and notes at once what became of it, so that it is not sent again should this instance
/// come to a bad end with another. Whether it could be noted.
async fn send_one(sender: &Sender, letter: &Claimed) -> bool {
    let outcome = sender.send(letter).await;
    match messages::done(&outcome).await {
        Ok(()) => true,
        Err(error) => {
            // It comes back when its lease ends; whoever knows what was sent before says so by its id.
            eprintln!("{LANE}: what was sent: {:?}", error.to_string());
            false
        }
    }
}
