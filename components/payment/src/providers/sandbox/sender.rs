//! The sandbox's sending side: its webhooks are signed as an outsider would, and go in by the same door.

use http::{HeaderMap, HeaderValue};
use stoa_kit::time::unix_now;
use stoa_kit::{Result, redis};
use uuid::Uuid;

use super::webhook::SIGNATURE;
use super::{NAME, configured};
use crate::providers::sign::stamp;
use crate::providers::webhook::{Incoming, Reply, take};
use crate::store::sandbox::{self as store, Webhook};

/// How many are sent at a time.
const AT_A_TIME: i32 = 16;
/// When one that was not heard is due again; longer each time.
const AGAIN_MS: i32 = 5_000;

/// Sends what is due. Called by the module's lane at each wake; what fails is due again later.
pub async fn send_due() {
    if configured("sandbox_secret").await.is_none() {
        return;
    }
    let webhooks = match store::due(AT_A_TIME, AGAIN_MS).await {
        Ok(webhooks) if webhooks.is_empty() => return,
        Ok(webhooks) => webhooks,
        Err(error) => {
            eprintln!("sandbox: what is due: {error}");
            return;
        }
    };
    match deliver(&webhooks).await {
        // Losing a ring loses time, and no events.
        Ok(heard) if heard > 0 => drop(redis::ring_now("relay").await),
        Ok(_) => {}
        Err(error) => eprintln!("sandbox: {error}"),
    }
}

/// Sends webhooks one after another, and notes which were heard. How many that were.
///
/// # Errors
/// When the store is away.
pub async fn deliver(webhooks: &[Webhook]) -> Result<usize> {
    let secret = configured("sandbox_secret").await.unwrap_or_default();
    let mut heard: Vec<Uuid> = Vec::new();
    for webhook in webhooks {
        match post(&secret, webhook).await {
            Ok(_) => heard.push(webhook.id),
            Err(error) => eprintln!("sandbox: webhook {} was not heard: {error}", webhook.id),
        }
    }
    if !heard.is_empty() {
        store::sent(&heard).await?;
    }
    Ok(heard.len())
}

async fn post(secret: &str, webhook: &Webhook) -> Result<Reply> {
    let body = webhook.body.as_bytes();
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&stamp(secret, unix_now(), body)) {
        headers.insert(SIGNATURE, value);
    }
    take(
        NAME,
        Incoming {
            headers: &headers,
            query: "",
            body,
        },
    )
    .await
}
