//! The statement of a search.

use stoa_kit::Result;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::params::{maybe_text, maybe_uuid, text};
use crate::DB;
use crate::domain::search::{Position, Search};

/// A page of listed products.
#[derive(Debug)]
pub struct Found {
    /// A JSON array.
    pub items: String,
    /// Whether these match words near to those that were sent, because nothing matches them themselves.
    pub similar: bool,
    /// Where this page ends, when there is another one.
    pub next: Option<Position>,
}

/// The page of a search beyond a position.
pub async fn search(search: &Search, after: Option<&Position>, limit: i32) -> Result<Found> {
    let words = search
        .words
        .as_ref()
        .map_or(ParameterValue::DbNull, |words| {
            ParameterValue::ArrayStr(words.iter().cloned().map(Some).collect())
        });
    let params = vec![
        words,
        maybe_uuid(search.category),
        maybe_number(search.min_price),
        maybe_number(search.max_price),
        maybe_text(search.currency.as_deref()),
        maybe_uuid(search.seller),
        search
            .in_stock
            .map_or(ParameterValue::DbNull, ParameterValue::Boolean),
        text(search.order.as_str()),
        ParameterValue::Int32(limit),
        after.map_or(ParameterValue::DbNull, |p| ParameterValue::Int32(p.step)),
        maybe_number(after.map(|p| p.key)),
        maybe_uuid(after.map(|p| p.id)),
        after.map_or(ParameterValue::DbNull, |p| {
            ParameterValue::Boolean(p.similar)
        }),
    ];
    let row = DB
        .read_one(
            "SELECT * FROM catalog.search_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            params,
        )
        .await?;
    let row = row.ok_or_else(|| DbError::Shape("no row".into()))?;
    let similar = row.get(1)?;
    let next = match row.get::<Option<Uuid>>(4)? {
        None => None,
        Some(id) => Some(Position {
            search: search.fingerprint(),
            step: row.get(2)?,
            key: row.get(3)?,
            id,
            similar,
        }),
    };
    Ok(Found {
        items: row.get(0)?,
        similar,
        next,
    })
}

fn maybe_number(value: Option<i64>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, ParameterValue::Int64)
}
