//! The rule of the product cache: never older than 2 s after a write, never older than what that
//! reader saw.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::app::{App, shared};
use crate::support::goods::goods;
use crate::support::until;

/// Changes a price `changes` times while readers read, and holds every answer against the rule.
async fn storm(app: &'static App, changes: i64) {
    let seller = app.someone("Seller").await;
    let item = goods(app, &seller, "Ticker", 1, 0).await;
    let path = format!("/v1/products/{}", item.product);
    let first = seller.get(&path).await.expect(200)["version"]
        .as_i64()
        .expect("a version");
    let stop = Arc::new(AtomicBool::new(false));
    // When each version was acknowledged, so that readers can tell how old an answer is.
    let written: Arc<std::sync::Mutex<Vec<(i64, Instant)>>> = Arc::default();

    let readers: Vec<_> = (0..6)
        .map(|_| {
            let (reader, path, stop, written) = (
                app.stranger(),
                path.clone(),
                Arc::clone(&stop),
                Arc::clone(&written),
            );
            tokio::spawn(async move {
                let (mut seen, mut reads) = (0_i64, 0_u64);
                while !stop.load(Ordering::Relaxed) {
                    let asked = Instant::now();
                    let page = reader.get(&path).await.expect(200);
                    let version = page["version"].as_i64().expect("a version");
                    assert!(
                        version >= seen,
                        "a reader that saw {seen} was answered {version}"
                    );
                    seen = version;
                    let must = written
                        .lock()
                        .expect("the list")
                        .iter()
                        .rev()
                        .find(|(_, at)| {
                            asked.saturating_duration_since(*at) >= Duration::from_secs(2)
                        })
                        .map_or(0, |(version, _)| *version);
                    assert!(
                        version >= must,
                        "answered {version}, though {must} was written over 2 s before"
                    );
                    // The body belongs to the version.
                    let price = page["variants"][0]["price"]["amount"]
                        .as_i64()
                        .expect("a price");
                    assert!(
                        version == first || price == version,
                        "version {version} with price {price}"
                    );
                    reads += 1;
                }
                reads
            })
        })
        .collect();

    let variant = format!("{path}/variants/{}", item.variant);
    let mut version = first;
    for _ in 0..changes {
        let next = version + 1;
        let page = seller
            .patch(&variant, version, json!({"price": next}))
            .await
            .expect(200);
        version = page["version"].as_i64().expect("a version");
        assert_eq!(version, next);
        written
            .lock()
            .expect("the list")
            .push((version, Instant::now()));
        // The writer reads its own write.
        let own = seller.get(&path).await.expect(200)["version"]
            .as_i64()
            .expect("a version");
        assert!(
            own >= version,
            "the seller wrote {version} and was answered {own}"
        );
    }
    stop.store(true, Ordering::Relaxed);
    let mut reads = 0;
    for reader in readers {
        reads += reader.await.expect("the rule held");
    }
    println!("{changes} price changes, {reads} reads");
    assert!(reads > 100, "only {reads} reads");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_price_changes_keep_the_rule() {
    let app = shared();
    storm(app, 1000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rule_holds_with_the_relay_stopped_and_redis_flushed() {
    let app: &'static App = Box::leak(Box::new(App::own("cache", &[])));
    app.signal("worker", libc::SIGSTOP);
    let flushing = Arc::new(AtomicBool::new(true));
    let flusher = {
        let flushing = Arc::clone(&flushing);
        tokio::spawn(async move {
            let mut redis = app.redis().await;
            let mut flushes = 0;
            while flushing.load(Ordering::Relaxed) {
                let _: Result<(), _> = redis::cmd("FLUSHALL").query_async(&mut redis).await;
                flushes += 1;
                tokio::time::sleep(Duration::from_millis(130)).await;
            }
            flushes
        })
    };
    storm(app, 300).await;
    flushing.store(false, Ordering::Relaxed);
    assert!(flusher.await.expect("the flusher ends") > 3);
    app.signal("worker", libc::SIGCONT);
    app.answers().await;
}

#[tokio::test]
async fn a_page_is_cached_revalidated_and_bypassed() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let item = goods(app, &seller, "Cup", 5_000, 0).await;
    let path = format!("/v1/products/{}", item.product);
    let stranger = app.stranger();
    let first = stranger.get(&path).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"'), "{tag}");
    let again = crate::support::actor::send(
        stranger
            .request(reqwest::Method::GET, &path)
            .header("if-none-match", &tag),
    )
    .await;
    assert_eq!((again.status, again.raw.as_str()), (304, ""));
    let mut redis = app.redis().await;
    let cached = until("the page is cached", Duration::from_secs(5), || {
        let mut redis = redis.clone();
        let (stranger, path, key) = (
            stranger.clone(),
            path.clone(),
            format!("stoa:product:{}", item.product),
        );
        async move {
            stranger.get(&path).await;
            redis::cmd("GET")
                .arg(&key)
                .query_async::<Option<String>>(&mut redis)
                .await
                .ok()
                .flatten()
        }
    })
    .await;
    assert!(cached.contains(&item.variant), "{cached}");
    let ttl: i64 = redis::cmd("PTTL")
        .arg(format!("stoa:product:{}", item.product))
        .query_async(&mut redis)
        .await
        .expect("a ttl");
    assert!(ttl <= 1500, "{ttl}");
}
