//! Whom the caller follows.

use axum::Extension;
use stoa_kit::http::{Answer, Caller, Page, PageQuery, Path, Problem, RequestContext};
use stoa_kit::{Result, ids, redis};
use uuid::Uuid;

use crate::store::following;

/// An account that is followed.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Followed {
    id: Uuid,
    username: Option<String>,
    name: String,
    followed_at: chrono::DateTime<chrono::Utc>,
}

/// A page of followed accounts.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct FollowingPage {
    items: Vec<Followed>,
    next_cursor: Option<String>,
}

/// Lists the accounts that the caller follows, those made last first.
#[utoipa::path(
    get,
    path = "/v1/me/following",
    operation_id = "list_following",
    tag = "account",
    params(PageQuery),
    responses(
        (status = 200, description = "A page of accounts.", body = FollowingPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(caller: Caller, page: Page) -> Result<Answer> {
    let items = following::page(caller.account_id, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Follows an account. Following it already is no mistake.
#[utoipa::path(
    put,
    path = "/v1/me/following/{account_id}",
    tag = "account",
    params(("account_id" = Uuid, Path, description = "The account to follow.")),
    responses(
        (status = 204, description = "The caller follows it."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`own_account`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn follow(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    Path(account_id): Path<Uuid>,
) -> Result<Answer> {
    let changed = following::follow(
        ids::new_id(),
        caller.account_id,
        account_id,
        context.traceparent,
    )
    .await?;
    Ok(done(changed))
}

/// Stops following an account. Not following it is no mistake.
#[utoipa::path(
    delete,
    path = "/v1/me/following/{account_id}",
    tag = "account",
    params(("account_id" = Uuid, Path, description = "The account.")),
    responses(
        (status = 204, description = "The caller does not follow it."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`own_account`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn unfollow(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    Path(account_id): Path<Uuid>,
) -> Result<Answer> {
    let changed = following::unfollow(caller.account_id, account_id, context.traceparent).await?;
    Ok(done(changed))
}

fn done(changed: bool) -> Answer {
    if changed {
        redis::ring_relay();
    }
    Answer::no_content()
}
