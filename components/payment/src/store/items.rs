//! Pages of lists.

use stoa_kit::pg::{DbError, FromDb, ParameterValue};

use super::params::some;
use crate::DB;

/// A page of a list: a JSON array, and where the next page begins.
#[derive(Debug)]
pub struct Items<K> {
    /// A JSON array, as Postgres wrote it.
    pub json: String,
    /// `None` on the last page.
    pub next: Option<K>,
}

/// A read whose function answers a page: the array, and where the next one begins or NULL.
pub(crate) async fn items<K: FromDb>(
    sql: &'static str,
    params: Vec<ParameterValue>,
) -> Result<Items<K>, DbError> {
    let row = some(DB.read_one(sql, params).await?)?;
    Ok(Items {
        json: row.get(0)?,
        next: row.get(1)?,
    })
}
