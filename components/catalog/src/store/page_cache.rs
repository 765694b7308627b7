//! Public product pages in Redis. The rule it keeps: no answer is older than 2 s after a write, or
//! older than what the same reader saw. How, and why so: `docs/decisions/0003-product-cache.md`.

use std::future::pending;
use std::time::Duration;

use stoa_kit::redis::{Away, as_text, eval, number, text};
use stoa_kit::time::within;
use stoa_kit::{Result, ids, local, variables};
use uuid::Uuid;

use super::products::{self, PageRow};
use crate::domain::cached_page::{CachedPage, Look, Reader, stored};

const LOOK: &str = include_str!("page_look.lua");
const FILL: &str = include_str!("page_fill.lua");
const OBSERVE: &str = include_str!("page_observe.lua");

const EPOCH: &str = "stoa:product:epoch";
/// Outlives every page and every read that may still fill one.
const FLOOR_MS: i64 = 10_000;
/// A page from a read that took longer is not worth its little remaining life.
const SLOW_MS: i64 = 500;
/// Whatever is configured, a page is gone before it is 2 s old, with time left to answer it.
const LONGEST_MS: i64 = 1_750;

/// A product's page, from the cache or from Postgres.
#[derive(Debug)]
pub struct Page {
    pub version: i64,
    /// Whether anybody may see it, so that its version alone tells all about it.
    pub public: bool,
    pub body: String,
}

/// A product's page for a reader; `None` when there is none that the reader may see.
pub async fn page(id: Uuid, reader: &Reader) -> Result<Option<Page>> {
    let life = life_ms().await?;
    if life <= 0 {
        return Ok(products::page(id, reader).await?.and_then(seen));
    }
    let look = look(id).await.ok();
    if let Some(CachedPage { version, body }) = look.as_ref().and_then(|l| l.hit(reader)) {
        return Ok(Some(Page {
            version,
            public: true,
            body,
        }));
    }
    let Some(row) = products::page(id, reader).await? else {
        return Ok(None);
    };
    // Also when the reader may not see it: they learn that what they saw before is gone.
    let told = fill(id, &row, look.as_ref(), life).await;
    if told.is_err() && row.recent && reader.may_be_answered_from_cache(row.seller) {
        // Another instance may still find an older page in the cache, and answer this reader with it
        // next time. By the end of a page's life none can.
        local(within(
            Duration::from_millis(life.unsigned_abs()),
            pending::<()>(),
        ))
        .await;
    }
    Ok(seen(row))
}

/// To be called after a write has committed. Should Redis not hear of it, the life of a page bounds
/// how long anybody reads an older one; those who write never do.
pub async fn observe(id: Uuid, version: i64) {
    if life_ms().await.is_ok_and(|life| life > 0) {
        let [page, floor] = keys(id);
        let _ = eval(OBSERVE, [page, floor], [number(version), number(FLOOR_MS)]).await;
    }
}

fn seen(row: PageRow) -> Option<Page> {
    row.body.map(|body| Page {
        version: row.version,
        public: row.public,
        body,
    })
}

/// How long a page may be kept; 0 or less turns the cache off.
async fn life_ms() -> Result<i64> {
    let life = variables::get("product_cache_ms").await?;
    life.trim()
        .parse()
        .map(|ms: i64| ms.min(LONGEST_MS))
        .map_err(|_| stoa_kit::Error::internal(format!("product_cache_ms is no number: {life}")))
}

async fn look(id: Uuid) -> Result<Look, Away> {
    let [page, floor] = keys(id);
    let keys = [page.as_str(), floor.as_str(), EPOCH];
    let found = eval(LOOK, keys, [text(ids::new_id().to_string())]).await?;
    let part = |index| found.get(index).and_then(as_text).filter(|t| !t.is_empty());
    Ok(Look {
        page: part(0),
        floor: part(1).and_then(|t| t.parse().ok()),
        epoch: part(2).unwrap_or_default(),
        at_ms: part(3).and_then(|t| t.parse().ok()).unwrap_or_default(),
    })
}

/// Says which version is about to be answered, and keeps the page where it is public.
async fn fill(id: Uuid, row: &PageRow, look: Option<&Look>, life: i64) -> Result<(), Away> {
    let [page, floor] = keys(id);
    let (epoch, at_ms) = look.map_or(("", 0), |l| (l.epoch.as_str(), l.at_ms));
    let kept = match (&row.body, look) {
        (Some(body), Some(_)) if row.public => stored(row.version, epoch, row.seller, body),
        _ => String::new(),
    };
    let arguments = [
        number(row.version),
        number(FLOOR_MS),
        text(kept),
        text(epoch),
        number(at_ms),
        number(life),
        number(SLOW_MS),
    ];
    eval(FILL, [page.as_str(), floor.as_str(), EPOCH], arguments)
        .await
        .map(|_| ())
}

fn keys(id: Uuid) -> [String; 2] {
    [
        format!("stoa:product:{id}"),
        format!("stoa:product:{id}:floor"),
    ]
}
