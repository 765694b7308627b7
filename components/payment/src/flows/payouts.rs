//! Payouts by schedule: what is due is withdrawn, by each wake of the lane.

use std::time::{Duration, Instant};

use stoa_kit::redis;

use crate::store::schedules;

/// After that a wake begins no more of them: the next one does.
const FOR: Duration = Duration::from_secs(2);

/// Withdraws for everybody whose day has come, one after another.
pub async fn run_due() {
    let started = Instant::now();
    let mut any = false;
    loop {
        match schedules::pay_out_due().await {
            Ok(true) => any = true,
            Ok(false) => break,
            Err(error) => {
                eprintln!("payouts: {error}");
                break;
            }
        }
        if started.elapsed() >= FOR {
            break;
        }
    }
    if any {
        // Losing a ring loses time, and no events.
        drop(redis::ring_now("relay").await);
    }
}
