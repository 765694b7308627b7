//! Variants as other modules need them.

use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use crate::DB;

/// A variant with what a checkout has to know of its product.
#[derive(Debug)]
pub struct SkuRow {
    pub variant_id: Uuid,
    pub product_id: Uuid,
    pub seller_id: Uuid,
    pub product_name: String,
    pub attributes: String,
    pub code: String,
    pub price: i64,
    pub currency: String,
    pub status: String,
    pub enabled: bool,
    pub version: i64,
    pub min_per_order: i32,
    /// 0 is no maximum.
    pub max_per_order: i32,
    /// Slugs of the category and all above it, root first: `electronics/phones`.
    pub category_path: String,
}

/// The variants of these ids, all of them UUIDs, that there are.
pub async fn get_variants(ids: Vec<String>) -> Result<Vec<SkuRow>, DbError> {
    let ids = ParameterValue::ArrayStr(ids.into_iter().map(Some).collect());
    let rows = DB
        .read("SELECT * FROM catalog.get_variants_v1($1)", vec![ids])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(SkuRow {
                variant_id: row.get(0)?,
                product_id: row.get(1)?,
                seller_id: row.get(2)?,
                product_name: row.get(3)?,
                attributes: row.get(4)?,
                code: row.get(5)?,
                price: row.get(6)?,
                currency: row.get(7)?,
                status: row.get(8)?,
                enabled: row.get(9)?,
                version: row.get(10)?,
                min_per_order: row.get(11)?,
                max_per_order: row.get(12)?,
                category_path: row.get(13)?,
            })
        })
        .collect()
}
