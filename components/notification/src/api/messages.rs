//! `/v1/messages`: letters that left the house, or did not, for moderators.

use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Idempotency, Page, PageQuery, Path, Problem, Query, Role};
use stoa_kit::{Result, redis};
use uuid::Uuid;

use crate::domain::letters::Channel;
use crate::sending::LANE;
use crate::store::messages::{self as store, State};

/// A letter: neither where it went nor what was secret in it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Message {
    id: Uuid,
    /// Whom it concerns.
    account_id: Uuid,
    #[schema(inline)]
    channel: Channel,
    /// `verify`, `reset`, `password_changed` or `new_device`; more may come.
    #[schema(example = "verify")]
    template: String,
    /// The reader's language.
    #[schema(example = "vi")]
    locale: String,
    #[schema(inline)]
    state: State,
    /// Why it is dead: `expired`; `refused`, there is nobody at that address; `gave_up` after ten tries;
    /// `no_provider` is configured; `unreadable`, it was sealed for another key.
    #[schema(example = "refused")]
    reason: Option<String>,
    /// What the last try met with.
    #[schema(example = "422 validation_error")]
    error: Option<String>,
    tries: i32,
    /// Who took it, or refused it.
    #[schema(example = "resend")]
    provider: Option<String>,
    /// The provider's name for it.
    provider_ref: Option<String>,
    /// Whether it can be tried again.
    retriable: bool,
    created_at: chrono::DateTime<chrono::Utc>,
    /// When it is tried next.
    due_at: Option<chrono::DateTime<chrono::Utc>>,
    /// What has not gone by then never goes.
    expires_at: chrono::DateTime<chrono::Utc>,
    /// When it was sent, or died.
    ended_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// A page of letters.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct MessagePage {
    items: Vec<Message>,
    next_cursor: Option<String>,
}

/// Which letters to list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MessageFilter {
    /// Only those in this state.
    #[garde(skip)]
    #[param(inline)]
    state: Option<State>,
}

/// Lists letters by e-mail and SMS, newest first, for moderators.
#[utoipa::path(
    get,
    path = "/v1/messages",
    tag = "notification",
    operation_id = "list_messages",
    params(PageQuery, MessageFilter),
    responses(
        (status = 200, description = "A page of letters.", body = MessagePage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`: for moderators.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(
    caller: Caller,
    page: Page,
    Query(filter): Query<MessageFilter>,
) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    let items = store::page(filter.state, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Has a dead letter tried again, ten times more.
///
/// Not one whose secret has expired and is forgotten: whoever waits for it asks for another one.
#[utoipa::path(
    post,
    path = "/v1/messages/{id}/retry",
    tag = "notification",
    operation_id = "retry_message",
    params(
        ("id" = Uuid, Path, description = "The letter."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours get the same answer."),
    ),
    responses(
        (status = 200, description = "It is queued.", body = Message),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`: for moderators.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state`: it is not dead; `message_expired`; or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn retry(
    caller: Caller,
    idempotency: Idempotency,
    Path(id): Path<Uuid>,
) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    let answer = Answer::from_write(store::retry(caller.account_id, &idempotency, id).await?)?;
    redis::ring(LANE);
    Ok(answer)
}
