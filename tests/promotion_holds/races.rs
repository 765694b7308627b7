//! Many at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::{join, join_all};
use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

use super::{exhausted_told, hold, promotion, reconciled, settle, used, uses};
use crate::support::app::{App, shared};

/// As many statements at once as a component has connections.
const CONNECTIONS: usize = 16;

async fn connections(app: &App, count: usize) -> Vec<Client> {
    join_all((0..count).map(|_| app.module_sql("promotion"))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_holds_with_undo_between_never_take_more_than_there_is() {
    let app = shared();
    let sql = app.module_sql("promotion").await;
    let wanted = promotion(app, json!({"usage_limit": 100, "budget": 1_000})).await;
    let clients = connections(app, CONNECTIONS).await;
    let (next, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    // Of three that get one, the first gives it back, the second is final, the third changes its mind
    // after that.
    let worker = async |sql: &Client| {
        while let turn @ 0..500 = next.fetch_add(1, Ordering::Relaxed) {
            let reference = Uuid::now_v7();
            match hold(sql, reference, Uuid::now_v7(), &uses(&[wanted], 10)).await {
                Ok(new) => assert!(new),
                Err(code) => {
                    assert_eq!(code, "gone");
                    continue;
                }
            }
            if turn % 3 != 0 {
                assert_eq!(settle(sql, "commit", reference).await, Ok(true));
            }
            if turn % 3 != 1 {
                assert_eq!(settle(sql, "release", reference).await, Ok(true));
            }
        }
    };
    let watcher = async {
        let mut looks = 0;
        while !done.load(Ordering::Relaxed) {
            let ((held, spent), (held_amount, spent_amount)) = used(&sql, wanted).await;
            assert!(held + spent <= 100 && held_amount + spent_amount <= 1_000);
            looks += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(looks > 0);
    };
    let work = async {
        join_all(clients.iter().map(&worker)).await;
        done.store(true, Ordering::Relaxed);
    };
    join(work, watcher).await;

    // Whoever comes now gets what is left, at once and to the last.
    let ((held, before), _) = used(&sql, wanted).await;
    assert_eq!(held, 0, "all of them were settled");
    let late: Vec<bool> = join_all((0..500).map(|i| {
        let sql = &clients[i % CONNECTIONS];
        async move {
            hold(sql, Uuid::now_v7(), Uuid::now_v7(), &uses(&[wanted], 10))
                .await
                .is_ok()
        }
    }))
    .await;
    let got = late.iter().filter(|ok| **ok).count();
    assert_eq!(i64::try_from(got).expect("a count"), 100 - before);
    let ((held, spent), amounts) = used(&sql, wanted).await;
    assert_eq!((held + spent, amounts.0 + amounts.1), (100, 1_000));
    assert!(exhausted_told(&sql, wanted).await >= 1);
    reconciled(&sql, &[wanted]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn that_it_is_spent_is_told_once() {
    let app = shared();
    let wanted = promotion(app, json!({"usage_limit": 5})).await;
    let clients = connections(app, 8).await;
    let references: Vec<Uuid> = (0..40).map(|_| Uuid::now_v7()).collect();
    let taken = join_all(references.iter().enumerate().map(|(i, reference)| {
        let sql = &clients[i % 8];
        async move {
            hold(sql, *reference, Uuid::now_v7(), &uses(&[wanted], 1))
                .await
                .is_ok()
        }
    }))
    .await;
    let sql = &clients[0];
    assert_eq!(taken.iter().filter(|ok| **ok).count(), 5);
    assert_eq!(exhausted_told(sql, wanted).await, 1);
    // There is one again, and the next who takes the last tells anew.
    let first = taken.iter().position(|ok| *ok).expect("one of five");
    settle(sql, "release", references[first])
        .await
        .expect("released");
    assert_eq!(exhausted_told(sql, wanted).await, 1);
    assert_eq!(
        hold(sql, Uuid::now_v7(), Uuid::now_v7(), &uses(&[wanted], 1)).await,
        Ok(true)
    );
    assert_eq!(exhausted_told(sql, wanted).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_comes_many_times_at_once_gets_as_many_as_it_may() {
    let app = shared();
    let wanted = promotion(
        app,
        json!({"usage_limit_per_account": 2, "usage_limit": 50}),
    )
    .await;
    let clients = connections(app, CONNECTIONS).await;
    let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
    let replies = join_all((0..64).map(|i| {
        let sql = &clients[i % CONNECTIONS];
        let account = if i % 2 == 0 { one } else { other };
        async move { hold(sql, Uuid::now_v7(), account, &uses(&[wanted], 1)).await }
    }))
    .await;
    assert_eq!(replies.iter().filter(|r| **r == Ok(true)).count(), 4);
    assert!(replies.iter().all(|r| *r != Ok(false)));
    assert_eq!(used(&clients[0], wanted).await.0, (4, 0));
    reconciled(&clients[0], &[wanted]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn baskets_with_the_same_promotions_in_any_order_do_not_block_each_other() {
    let app = shared();
    let mut wanted = Vec::new();
    for _ in 0..4 {
        wanted.push(promotion(app, json!({"usage_limit": 10})).await);
    }
    let clients = connections(app, CONNECTIONS).await;
    join_all(clients.iter().enumerate().map(|(i, sql)| {
        let mut order = wanted.clone();
        order.rotate_left(i % 4);
        if i % 2 == 1 {
            order.reverse();
        }
        async move {
            for _ in 0..12 {
                let reference = Uuid::now_v7();
                match hold(sql, reference, Uuid::now_v7(), &uses(&order, 3)).await {
                    Ok(_) => settle(sql, "release", reference)
                        .await
                        .map(|_| ())
                        .expect("released"),
                    Err(code) => assert_eq!(code, "gone"),
                }
            }
        }
    }))
    .await;
    for id in &wanted {
        assert_eq!(used(&clients[0], *id).await, ((0, 0), (0, 0)));
    }
    reconciled(&clients[0], &wanted).await;
}
