//! What the platform keeps of sales.

use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::params::{maybe_text, some, text, uuid};
use crate::DB;

/// All rules, as a JSON array.
pub async fn list() -> Result<String, DbError> {
    let row = DB
        .read_one("SELECT payment.commission_rules_v1()", Vec::new())
        .await?;
    some(row)?.get(0)
}

/// Sets the rule of a category, or the one for the rest; the rule as JSON.
pub async fn put(admin: Uuid, slug: Option<&str>, basis_points: i32) -> Result<String, DbError> {
    let row = DB
        .write_one(
            "SELECT payment.put_commission_rule_v1($1, $2, $3)",
            vec![
                uuid(admin),
                maybe_text(slug),
                ParameterValue::Int32(basis_points),
            ],
        )
        .await?;
    some(row)?.get(0)
}

/// Removes the rule of a category. Whether there was one.
pub async fn delete(slug: &str) -> Result<bool, DbError> {
    let row = DB
        .write_one(
            "SELECT payment.delete_commission_rule_v1($1)",
            vec![text(slug)],
        )
        .await?;
    some(row)?.get(0)
}
