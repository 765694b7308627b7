//! Which accounts are in which segments.

use stoa_kit::http::Page;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::params::{text, uuid};
use crate::DB;

/// Puts an account into a segment.
pub async fn add(segment: &str, account: Uuid) -> Result<(), DbError> {
    DB.write(
        "SELECT promotion.add_member_v1($1, $2)",
        vec![text(segment), uuid(account)],
    )
    .await?;
    Ok(())
}

/// Takes an account out of a segment.
pub async fn remove(segment: &str, account: Uuid) -> Result<(), DbError> {
    DB.write(
        "SELECT promotion.remove_member_v1($1, $2)",
        vec![text(segment), uuid(account)],
    )
    .await?;
    Ok(())
}

/// A page of a segment's accounts as a JSON array, and where the next begins. None when nobody is in
/// it.
pub async fn members(
    segment: &str,
    page: &Page,
) -> Result<Option<(String, Option<Uuid>)>, DbError> {
    DB.read_one(
        "SELECT * FROM promotion.members_page_v1($1, $2, $3)",
        vec![
            text(segment),
            page.after.map_or(ParameterValue::DbNull, uuid),
            ParameterValue::Int32(page.limit),
        ],
    )
    .await?
    .map(|row| Ok((row.get(0)?, row.get(1)?)))
    .transpose()
}
