//! The routes.

pub mod categories;
pub mod products;
pub mod requests;
pub mod search;
pub mod shapes;
pub mod states;
pub mod variants;

use stoa_kit::http::{Answer, Caller, IfMatch, RequestContext};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use crate::store::page_cache;
use crate::store::params::{Actor, Posted, Written};

fn actor(caller: &Caller, context: &RequestContext) -> Actor {
    Actor {
        account: caller.account_id,
        traceparent: context.traceparent.clone(),
    }
}

/// The version of `If-Match` where the header is optional: sent, it has to hold.
fn expected(version: Result<IfMatch>) -> Result<Option<i64>> {
    match version {
        Ok(IfMatch(version)) => Ok(Some(version)),
        Err(Error::Problem { code, .. }) if code == "precondition_required" => Ok(None),
        Err(error) => Err(error),
    }
}

/// What follows every write of a product: the cache and the relay hear of it.
async fn announce(id: Uuid, version: i64) {
    stoa_kit::redis::ring_relay();
    page_cache::observe(id, version).await;
}

/// The owner's page after a change, with its new ETag.
async fn changed(id: Uuid, written: Written) -> Answer {
    announce(id, written.version).await;
    Answer::json_text(written.body).version(written.version)
}

async fn posted(posted: Posted) -> Answer {
    announce(posted.product, posted.version).await;
    posted.answer
}
