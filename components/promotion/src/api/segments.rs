//! Segments: named sets of accounts, which moderators keep and promotions may be for.

use stoa_kit::http::{Answer, Caller, Page, PageQuery, Path, Problem, Role};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use crate::domain::validate::is_name;
use crate::store::segments;

/// An account in a segment.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct SegmentMember {
    account_id: Uuid,
    added_at: chrono::DateTime<chrono::Utc>,
}

/// A page of a segment's accounts.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct SegmentMemberPage {
    items: Vec<SegmentMember>,
    next_cursor: Option<String>,
}

/// Lists the accounts in a segment, by id. For moderators.
#[utoipa::path(
    get,
    path = "/v1/segments/{segment}/members",
    tag = "promotion",
    operation_id = "list_segment_members",
    params(("segment" = String, Path, description = "Its name."), PageQuery),
    responses(
        (status = 200, description = "A page of accounts.", body = SegmentMemberPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: nobody is in it.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn members(caller: Caller, Path(segment): Path<String>, page: Page) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    named(&segment)?;
    let (items, next) = segments::members(&segment, &page)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Answer::list(&items, next.as_ref()))
}

/// Puts an account into a segment, which begins to exist with its first. For moderators.
///
/// Any account's id may be put in; that it is one is not checked.
#[utoipa::path(
    put,
    path = "/v1/segments/{segment}/members/{account_id}",
    tag = "promotion",
    operation_id = "add_segment_member",
    params(
        ("segment" = String, Path, description = "Its name: 1 to 40 of a-z, 0-9, hyphen and underscore."),
        ("account_id" = Uuid, Path, description = "The account."),
    ),
    responses(
        (status = 204, description = "It is in."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no segment can have this name.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn add(caller: Caller, Path((segment, account)): Path<(String, Uuid)>) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    named(&segment)?;
    segments::add(&segment, account).await?;
    Ok(Answer::no_content())
}

/// Takes an account out of a segment. For moderators.
#[utoipa::path(
    delete,
    path = "/v1/segments/{segment}/members/{account_id}",
    tag = "promotion",
    operation_id = "remove_segment_member",
    params(
        ("segment" = String, Path, description = "Its name."),
        ("account_id" = Uuid, Path, description = "The account."),
    ),
    responses(
        (status = 204, description = "It is not in any more, or never was."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no segment can have this name.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn remove(
    caller: Caller,
    Path((segment, account)): Path<(String, Uuid)>,
) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    named(&segment)?;
    segments::remove(&segment, account).await?;
    Ok(Answer::no_content())
}

/// What is no name names nothing.
fn named(segment: &str) -> Result<()> {
    if is_name(segment) {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}
