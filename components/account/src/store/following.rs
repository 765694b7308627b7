//! Who follows whom.

use stoa_kit::http::Page;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::{Items, optional, optional_uuid, some, uuid};
use crate::DB;

/// Follows; `id` becomes the follow's when there never was one. Answers whether it is a change.
pub async fn follow(
    id: Uuid,
    follower: Uuid,
    seller: Uuid,
    trace: Option<String>,
) -> Result<bool, DbError> {
    let row = DB
        .write_one(
            "SELECT account.follow_v1($1, $2, $3, $4)",
            vec![uuid(id), uuid(follower), uuid(seller), optional(trace)],
        )
        .await?;
    some(row)?.get(0)
}

/// Ends a follow. Answers whether it is a change.
pub async fn unfollow(
    follower: Uuid,
    seller: Uuid,
    trace: Option<String>,
) -> Result<bool, DbError> {
    let row = DB
        .write_one(
            "SELECT account.unfollow_v1($1, $2, $3)",
            vec![uuid(follower), uuid(seller), optional(trace)],
        )
        .await?;
    some(row)?.get(0)
}

/// Whom an account follows.
pub async fn page(account: Uuid, page: &Page) -> Result<Items, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM account.following_page_v1($1, $2, $3)",
            vec![
                uuid(account),
                optional_uuid(page.after),
                ParameterValue::Int32(page.limit),
            ],
        )
        .await?;
    Items::from_row(row)
}
