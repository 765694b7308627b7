//! The scripts by which instances share limits and breakers, as they are, on a real Redis.

use std::time::Duration;

use futures::future::join_all;
use stoa_kit::http::RATE_LIMIT_SCRIPT;
use stoa_kit::outbound::{BREAKER_ASK, BREAKER_FAIL};
use uuid::Uuid;

use crate::support::app::shared;
use crate::support::until;

type Redis = redis::aio::MultiplexedConnection;

async fn run<A: redis::FromRedisValue>(
    redis: &Redis,
    script: &str,
    keys: &[String],
    arguments: &[u64],
) -> A {
    let mut command = redis::cmd("EVAL");
    command.arg(script).arg(keys.len()).arg(keys).arg(arguments);
    let mut redis = redis.clone();
    command.query_async(&mut redis).await.expect("an answer")
}

/// Taken, left, milliseconds until it is full, milliseconds until there is one.
type Taken = (u64, u64, u64, u64);

#[tokio::test]
async fn a_bucket_gives_what_it_has_and_fills_evenly() {
    let redis = shared().redis().await;
    let bucket = [format!("test:{}", Uuid::new_v4())];
    let take = async |want: u64| -> Taken {
        run(&redis, RATE_LIMIT_SCRIPT, &bucket, &[2_000, 10, want]).await
    };
    let (taken, left, full_in, wait) = take(4).await;
    assert_eq!((taken, left, wait), (4, 6, 0));
    assert!((700..=800).contains(&full_in), "{full_in}");
    let (taken, ..) = take(16).await;
    assert!(
        (6..=8).contains(&taken),
        "the rest, and what has come since: {taken}"
    );
    // One comes every 200 ms.
    let (taken, left, _, wait) = take(1).await;
    assert_eq!((taken, left), (0, 0));
    assert!((1..=200).contains(&wait), "{wait}");
    until("there is one", Duration::from_secs(3), || async {
        (take(1).await.0 == 1).then_some(())
    })
    .await;
    // A policy that became smaller does not wait for what the former allowed.
    let (.., wait): Taken = run(&redis, RATE_LIMIT_SCRIPT, &bucket, &[200, 2, 1]).await;
    assert!(wait <= 200, "{wait}");
}

#[tokio::test]
async fn a_bucket_is_not_emptied_twice() {
    let connections = join_all((0..8).map(|_| shared().redis())).await;
    let bucket = [format!("test:{}", Uuid::new_v4())];
    let (connections, bucket) = (&connections, &bucket);
    let takes = connections.iter().flat_map(|redis| {
        (0..25).map(move |_| run::<Taken>(redis, RATE_LIMIT_SCRIPT, bucket, &[3_600_000, 60, 3]))
    });
    let taken: u64 = join_all(takes).await.iter().map(|taken| taken.0).sum();
    assert_eq!(taken, 60);
}

#[tokio::test]
async fn instances_leave_a_destination_alone_together_and_send_one_to_try() {
    let redis = shared().redis().await;
    let id = Uuid::new_v4();
    let key = |part: &str| format!("test:{id}:{part}");
    let all = ["open", "tripped", "try", "failures"].map(key);
    let ask = async || -> (u64, u64) { run(&redis, BREAKER_ASK, &all, &[600]).await };
    // Three are too many; it is left alone for 300 ms, then for twice as long, at most for 1 s.
    let fail =
        async || -> u64 { run(&redis, BREAKER_FAIL, &all, &[10_000, 3, 300, 1_000, 60_000]).await };
    assert_eq!(ask().await, (0, 0));
    assert_eq!((fail().await, fail().await), (0, 0));
    assert_eq!(ask().await, (0, 2), "whoever asks now may take them back");
    assert_eq!(fail().await, 300);
    assert_eq!(ask().await.0, 2);
    // A call that began before fails late, and changes nothing.
    assert!(fail().await <= 300);

    for (before, after) in [(300, 600), (600, 1_000), (1_000, 1_000)] {
        let asked = until("its time is over", Duration::from_secs(5), || async {
            let asked = ask().await;
            (asked.0 != 2).then_some(asked)
        })
        .await;
        assert_eq!(asked, (1, before), "one tries");
        assert_eq!(ask().await.0, 2, "and nobody else");
        assert_eq!(fail().await, after);
        assert_eq!(ask().await.0, 2);
    }
    // A try that nobody hears of again is followed by another.
    for _ in 0..2 {
        until("somebody tries", Duration::from_secs(5), || async {
            (ask().await.0 == 1).then_some(())
        })
        .await;
    }
    let mut redis = redis.clone();
    let _: u64 = redis::cmd("DEL")
        .arg(&all)
        .query_async(&mut redis)
        .await
        .expect("it works again");
    assert_eq!(ask().await, (0, 0));
}

#[tokio::test]
async fn failures_that_others_had_successes_between_open_nothing() {
    let mut redis = shared().redis().await;
    let id = Uuid::new_v4();
    let all = ["open", "tripped", "try", "failures"].map(|part| format!("test:{id}:{part}"));
    for _ in 0..6 {
        // Two of three fail, each another instance's, and a third one succeeds.
        for _ in 0..2 {
            let open: u64 = run(&redis, BREAKER_FAIL, &all, &[10_000, 3, 300, 1_000, 60_000]).await;
            assert_eq!(open, 0);
        }
        let told: (u64, u64) = run(&redis, BREAKER_ASK, &all, &[600]).await;
        assert_eq!(told, (0, 2));
        let _: u64 = redis::cmd("DEL")
            .arg(&all[3])
            .query_async(&mut redis)
            .await
            .expect("taken back");
    }
}
