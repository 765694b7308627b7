//! What an answer's time tells.

use std::time::{Duration, Instant};

use super::login;
use crate::support::Actor;
use crate::support::app::{App, shared};

/// How long failed logins take, of accounts that are there and of others, taken in turn.
async fn timed(app: &App, accounts: &[Actor], tries: usize) -> (Duration, Duration) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for number in 0..tries {
        let account = &accounts[number % accounts.len()];
        let nobody = format!("{}-x", account.username);
        let mut turns = [
            (account.username.as_str(), &mut known),
            (nobody.as_str(), &mut unknown),
        ];
        if number % 2 == 1 {
            turns.reverse();
        }
        for (identifier, times) in turns {
            let client = app.stranger();
            let begun = Instant::now();
            let reply = login(&client, identifier, "another password").await;
            times.push(begun.elapsed());
            reply.expect_problem(401, "invalid_credentials");
        }
    }
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    (median(known), median(unknown))
}

/// With `STOA_LONG=1` as precisely as a machine can that does nothing else; beside other tests roughly.
#[tokio::test]
async fn the_time_of_a_login_does_not_tell_whether_there_is_an_account() {
    let long = std::env::var("STOA_LONG").is_ok_and(|long| long == "1");
    let own = long.then(|| App::own("login-timing", &[]));
    let app = own.as_ref().unwrap_or_else(|| shared());
    let (tries, tolerance) = if long { (100_usize, 0.05) } else { (20, 0.25) };
    let mut found = Vec::new();
    // A neighbour's work falls on one side only now and then, a leak always.
    for _ in 0..3 {
        let mut accounts = Vec::new();
        for _ in 0..tries.div_ceil(9) {
            accounts.push(Actor::register(app, "Ana").await);
        }
        let (known, unknown) = timed(app, &accounts, tries).await;
        let apart = known.abs_diff(unknown).as_secs_f64() / known.max(unknown).as_secs_f64();
        if apart <= tolerance {
            return;
        }
        found.push((known, unknown));
    }
    panic!("known and unknown: {found:?}");
}
