//! People who sign in, at a rate.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::load;
use crate::requests::Requests;
use crate::sample::Sample;

/// Logins a second.
pub(super) const RATE: u32 = 10;
/// How long after the end an answer still counts.
const LATE: Duration = Duration::from_millis(500);

/// Logins at their rate, each on its time whether those before have ended or not, from the lead-in to the end.
pub(super) async fn run(
    target: SocketAddr,
    requests: &Requests,
    length: Duration,
) -> Result<Sample> {
    let mut every = tokio::time::interval(Duration::from_secs(1) / RATE);
    every.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let count = (load::LEAD_IN + length).as_millis() * u128::from(RATE) / 1000;
    let end = Instant::now() + load::LEAD_IN + length + LATE;
    let mut source = requests.source(0);
    let mut under_way = JoinSet::new();
    for _ in 0..count {
        every.tick().await;
        let request = source.next();
        under_way.spawn(async move {
            let one = load::one(target, request).await?;
            anyhow::Ok((one, Instant::now()))
        });
    }
    let mut all = Sample::new(load::LEAD_IN + length)?;
    while let Some(one) = under_way.join_next().await {
        let (one, answered) = one.context("a login's task")??;
        // What piles up is not so many a second.
        if answered <= end || one.errors > 0 {
            all.add(one)?;
        }
    }
    Ok(all)
}
