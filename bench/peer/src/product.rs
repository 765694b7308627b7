//! `GET /v1/products/{id}`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::Response;
use redis::AsyncCommands;
use uuid::Uuid;

use crate::shop::{Failure, Shop, json_text};

/// The page as Postgres builds it, or as Redis still has it.
pub async fn page(
    State(shop): State<Arc<Shop>>,
    Path(id): Path<Uuid>,
) -> Result<Response, Failure> {
    // The version stands before the page.
    let kept = if shop.product_cache_ms > 0 {
        from_redis(&shop, id).await?
    } else {
        None
    };
    let (version, page) = match kept {
        Some(kept) => kept,
        None => {
            let read = from_postgres(&shop, id).await?;
            if shop.product_cache_ms > 0 {
                keep(&shop, id, &read).await?;
            }
            read
        }
    };
    let mut response = json_text(StatusCode::OK, page);
    response
        .headers_mut()
        .insert(ETAG, HeaderValue::from_str(&format!("\"{version}\""))?);
    Ok(response)
}

async fn from_postgres(shop: &Shop, id: Uuid) -> Result<(i64, String), Failure> {
    let db = shop.db().await?;
    let statement = db
        .prepare_cached("SELECT * FROM catalog.product_page_v1($1, $2, $3)")
        .await?;
    let row = db
        .query_opt(&statement, &[&id, &None::<Uuid>, &false])
        .await?;
    let not_found = || Failure::new(StatusCode::NOT_FOUND, "no such product");
    let row = row.ok_or_else(not_found)?;
    let page: Option<String> = row.try_get(2)?;
    Ok((row.try_get(0)?, page.ok_or_else(not_found)?))
}

fn key(id: Uuid) -> String {
    format!("bench:peer:{id}")
}

async fn from_redis(shop: &Shop, id: Uuid) -> Result<Option<(i64, String)>, Failure> {
    let kept: Option<String> = shop.redis.clone().get(key(id)).await?;
    let Some((version, page)) = kept.as_deref().and_then(|kept| kept.split_once(' ')) else {
        return Ok(None);
    };
    Ok(Some((version.parse()?, page.to_owned())))
}

async fn keep(shop: &Shop, id: Uuid, (version, page): &(i64, String)) -> Result<(), Failure> {
    let kept = format!("{version} {page}");
    Ok(shop
        .redis
        .clone()
        .pset_ex(key(id), kept, shop.product_cache_ms)
        .await?)
}
