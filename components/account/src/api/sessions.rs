//! The caller's sessions.

use axum::Extension;
use stoa_kit::http::{Answer, Caller, Page, PageQuery, Path, Problem, RequestContext};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use crate::store::sessions;

/// A sign-in that is still good.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Session {
    id: Uuid,
    /// Whether this request came with a token of it.
    current: bool,
    /// What the client called itself at login; may be empty.
    user_agent: String,
    /// From where it was refreshed last.
    address: String,
    created_at: chrono::DateTime<chrono::Utc>,
    /// When it was refreshed last.
    seen_at: chrono::DateTime<chrono::Utc>,
    /// When it ends, unless refreshed before.
    expires_at: chrono::DateTime<chrono::Utc>,
}

/// A page of sessions.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct SessionPage {
    items: Vec<Session>,
    next_cursor: Option<String>,
}

/// Lists the caller's sessions, newest first.
#[utoipa::path(
    get,
    path = "/v1/sessions",
    operation_id = "list_sessions",
    tag = "account",
    params(PageQuery),
    responses(
        (status = 200, description = "A page of sessions.", body = SessionPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(caller: Caller, page: Page) -> Result<Answer> {
    caller.require_person()?;
    let items = sessions::page(caller.account_id, caller.session_id, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Ends one of the caller's sessions; `current` names the one of this request.
///
/// Its refresh token is void at once, its access tokens within 5 seconds. Ending a session that has
/// ended already succeeds.
#[utoipa::path(
    delete,
    path = "/v1/sessions/{id}",
    tag = "account",
    params(("id" = String, Path, description = "The session's id, or `current`.")),
    responses(
        (status = 204, description = "It has ended."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`, also for somebody else's.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn logout(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    Path(id): Path<String>,
) -> Result<Answer> {
    let session = if id == "current" {
        caller.session_id
    } else {
        Uuid::try_parse(&id).map_err(|_| Error::not_found())?
    };
    end(&caller, Some(session), context).await
}

/// Ends all of the caller's sessions, this one included.
#[utoipa::path(
    delete,
    path = "/v1/sessions",
    tag = "account",
    responses(
        (status = 204, description = "They have ended."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn logout_everywhere(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
) -> Result<Answer> {
    end(&caller, None, context).await
}

async fn end(caller: &Caller, session: Option<Uuid>, context: RequestContext) -> Result<Answer> {
    caller.require_person()?;
    sessions::logout(caller.account_id, session, context.traceparent).await?;
    announce_revocation().await;
    redis::ring_relay();
    Ok(Answer::no_content())
}

/// Lets the modules see a revocation a little sooner: they read the truth when Redis has no copy.
/// Without Redis the copy simply lapses.
pub(super) async fn announce_revocation() {
    let _ = redis::command("DEL", vec![redis::text("stoa:authority")]).await;
}
