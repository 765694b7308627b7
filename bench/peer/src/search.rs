//! `GET /v1/search`.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use crate::search_page::{End, LIMIT, STATEMENT, Search};
use crate::shop::{Failure, Shop, json_text, one};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    q: String,
    category_id: Option<Uuid>,
    currency: Option<String>,
    sort: Option<String>,
}

/// A page of products.
pub async fn page(
    State(shop): State<Arc<Shop>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let search = Search::new(&asked.q, asked.category_id, asked.currency, asked.sort);
    let db = shop.db().await?;
    let found = one(
        &db,
        STATEMENT,
        &[
            &search.words,
            &search.category,
            &search.min_price,
            &search.max_price,
            &search.currency,
            &search.seller,
            &search.in_stock,
            &search.order,
            &LIMIT,
            &None::<i32>,
            &None::<i64>,
            &None::<Uuid>,
            &None::<bool>,
        ],
    )
    .await?;
    let end = match found.try_get::<_, Option<Uuid>>(4)? {
        Some(id) => Some(End {
            step: found.try_get(2)?,
            key: found.try_get(3)?,
            id,
        }),
        None => None,
    };
    let page = search.page(found.try_get(0)?, found.try_get(1)?, end)?;
    Ok(json_text(StatusCode::OK, page))
}
