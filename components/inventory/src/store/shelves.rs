//! What buyers could get.

use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use crate::DB;

/// What could be sold of a variant at a seller.
#[derive(Debug)]
pub struct Shelf {
    pub variant: Uuid,
    pub seller: Uuid,
    pub available: i64,
}

/// Looks up variants at sellers. Those that never had stock are left out.
pub async fn look(shelves: &[(Uuid, Uuid)]) -> Result<Vec<Shelf>, DbError> {
    let column = |of: fn(&(Uuid, Uuid)) -> Uuid| {
        let ids = shelves.iter().map(|shelf| Some(of(shelf).to_string()));
        ParameterValue::ArrayStr(ids.collect())
    };
    let rows = DB
        .read(
            "SELECT * FROM inventory.look_v1($1::text[]::uuid[], $2::text[]::uuid[])",
            vec![column(|shelf| shelf.0), column(|shelf| shelf.1)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Shelf {
                variant: row.get(0)?,
                seller: row.get(1)?,
                available: row.get(2)?,
            })
        })
        .collect()
}
