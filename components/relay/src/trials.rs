//! Which deliveries are being tried alone. A relay that ends in the middle of a trial leaves its
//! record behind, and the next one knows what ended it.

use std::collections::HashSet;

use futures::future::LocalBoxFuture;
use stoa_kit::redis::{self, RedisParameter, RedisResult};

use crate::plan::on_record;

/// How long a record is kept: longer than the longest pause between two tries.
const KEEP_MS: i64 = 600_000;

/// The record of trials. Losing it costs tries, not events.
pub trait Trials {
    /// Which of the trials were begun and never ended.
    fn open(&self, keys: Vec<String>) -> LocalBoxFuture<'_, HashSet<String>>;
    /// A trial begins.
    fn begin(&self, key: String) -> LocalBoxFuture<'_, ()>;
    /// A trial has an outcome.
    fn end(&self, key: String) -> LocalBoxFuture<'_, ()>;
}

/// The record in Redis.
#[derive(Debug)]
pub struct InRedis;

impl Trials for InRedis {
    fn open(&self, keys: Vec<String>) -> LocalBoxFuture<'_, HashSet<String>> {
        Box::pin(async move {
            let names = keys.iter().map(redis::text).collect();
            let answers = redis::command("MGET", names).await.unwrap_or_default();
            let there: Vec<bool> = answers
                .iter()
                .map(|it| !matches!(it, RedisResult::Nil))
                .collect();
            on_record(&keys, &there)
        })
    }

    fn begin(&self, key: String) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            let arguments = vec![
                redis::text(key),
                redis::text("1"),
                redis::text("PX"),
                RedisParameter::Int64(KEEP_MS),
            ];
            let _ = redis::command("SET", arguments).await;
        })
    }

    fn end(&self, key: String) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            let _ = redis::command("DEL", vec![redis::text(key)]).await;
        })
    }
}
