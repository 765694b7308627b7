//! `/v1/notifications`

use axum::http::HeaderMap;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_kit::http::{Answer, Caller, Idempotency, Json, Page, PageQuery, Path, Problem, Query};
use stoa_kit::{Error, Result};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::domain::language::Language;
use crate::domain::marking::Selection;
use crate::domain::templates;
use crate::store::notifications as store;

/// What to list, and in which language.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// `true`: only what has not been read.
    #[garde(skip)]
    pub unread: Option<bool>,
    /// Language of `title` and `text`, such as `vi`; before `Accept-Language`. English when neither
    /// names a language that there is.
    #[garde(length(max = 35))]
    #[param(max_length = 35, example = "vi")]
    pub locale: Option<String>,
}

/// One notification.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notification {
    /// Its id.
    id: Uuid,
    /// `product.listed`, `order.placed`, `.confirmed`, `.declined`, `.cancelled`, `.shipped`,
    /// `.delivered` or `.completed`, `cart.abandoned` or `inventory.low`; more may come.
    #[schema(example = "order.placed")]
    kind: String,
    /// A few words, plain text in the language asked for.
    #[schema(example = "New order")]
    title: String,
    /// A sentence or two, plain text in the language asked for.
    #[schema(example = "Lan ordered Paper lamp × 2 for 240,000 VND. Confirm or decline it.")]
    text: String,
    /// Facts to program with, by kind; see the module's README.
    #[schema(value_type = Object)]
    data: Value,
    /// When it was made.
    #[schema(example = "2026-01-02T03:04:05.000Z")]
    created_at: String,
    /// When it was read; `null` as long as it was not.
    read_at: Option<String>,
    /// Path of the thing it is about.
    #[schema(example = "/v1/sales/0198c0de-0000-7000-8000-000000000000")]
    link: Option<String>,
}

/// A page of notifications.
#[derive(Debug, ToSchema)]
#[expect(
    dead_code,
    reason = "describes the answer that is composed by Answer::list"
)]
pub struct NotificationPage {
    /// Newest first.
    items: Vec<Notification>,
    /// Where the next page starts; `null` on the last one.
    next_cursor: Option<String>,
}

/// How many are unread.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnreadCount {
    /// Notifications that have not been read.
    #[schema(minimum = 0)]
    count: i64,
}

/// Which notifications to mark: `ids`, or `all` with perhaps `up_to`.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkRead {
    /// These. Ids that are not the caller's are passed over.
    #[garde(length(min = 1, max = 100))]
    #[schema(min_items = 1, max_items = 100)]
    ids: Option<Vec<Uuid>>,
    /// `true`: every one.
    #[garde(skip)]
    all: Option<bool>,
    /// With `all`: only this one and those before it, so that what came meanwhile stays unread.
    #[garde(skip)]
    up_to: Option<Uuid>,
}

/// How many were marked.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Marked {
    /// Notifications that had been unread until now.
    #[schema(minimum = 0)]
    marked: i64,
}

/// Lists the caller's notifications, newest first, in the caller's language.
#[utoipa::path(get, path = "/v1/notifications", tag = "notification",
    params(PageQuery, Filter),
    responses(
        (status = 200, body = NotificationPage, description = "A page of notifications."),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "Not signed in."),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "A parameter is not acceptable."),
    ),
    security(("bearer" = [])))]
pub async fn page(
    caller: Caller,
    page: Page,
    Query(filter): Query<Filter>,
    headers: HeaderMap,
) -> Result<Answer> {
    let accepted = headers.get("accept-language").and_then(|v| v.to_str().ok());
    let language = Language::choose(filter.locale.as_deref(), accepted);
    let unread = filter.unread.unwrap_or(false);
    let (found, next) = store::page(caller.account_id, &page, unread).await?;
    let items: Vec<Notification> = found.into_iter().map(|it| in_words(it, language)).collect();
    let items = serde_json::to_string(&items).map_err(|e| Error::internal(e.to_string()))?;
    Ok(Answer::list(&items, next.as_ref())
        .header("content-language", language.tag())
        .header("vary", "accept-language"))
}

fn in_words(stored: store::Notification, language: Language) -> Notification {
    let words = templates::render(&stored.kind, &stored.data, language);
    Notification {
        id: stored.id,
        kind: stored.kind,
        title: words.title,
        text: words.text,
        data: stored.data,
        created_at: stored.created_at,
        read_at: stored.read_at,
        link: words.link,
    }
}

/// Counts what the caller has not read.
#[utoipa::path(get, path = "/v1/notifications/unread-count", tag = "notification",
    responses(
        (status = 200, body = UnreadCount, description = "The count."),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "Not signed in."),
    ),
    security(("bearer" = [])))]
pub async fn unread_count(caller: Caller) -> Result<Answer> {
    let count = store::unread_count(caller.account_id).await?;
    Answer::json(&UnreadCount { count })
}

/// Marks one notification read. Doing it again changes nothing.
#[utoipa::path(post, path = "/v1/notifications/{id}/read", tag = "notification",
    params(("id" = Uuid, Path, description = "The notification.")),
    responses(
        (status = 204, description = "It is read."),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "Not signed in."),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "The caller has no such notification."),
    ),
    security(("bearer" = [])))]
pub async fn mark_read(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    store::mark_read(caller.account_id, id).await?;
    Ok(Answer::no_content())
}

/// Marks many notifications read: those named, or all up to a point.
#[utoipa::path(post, path = "/v1/notifications/read", tag = "notification",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours get the same answer.")),
    request_body = MarkRead,
    responses(
        (status = 200, body = Marked, description = "How many were marked."),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "Not signed in."),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "The first request with this key still runs."),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "The body is not acceptable, or the key was used with another one."),
    ),
    security(("bearer" = [])))]
pub async fn mark_many_read(
    caller: Caller,
    idempotency: Idempotency,
    Json(body): Json<MarkRead>,
) -> Result<Answer> {
    let selection = Selection::of(body.ids, body.all, body.up_to)?;
    Answer::from_write(store::mark_many_read(caller.account_id, &idempotency, selection).await?)
}
