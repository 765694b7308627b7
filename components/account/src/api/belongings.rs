//! Favorites, devices, and what the caller wants to be told.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Json, Page, PageQuery, Path, Problem, RequestContext};
use stoa_kit::{Error, Result, ids, redis};
use uuid::Uuid;

use super::validators;
use crate::domain::preferences::Preferences;
use crate::domain::profile;
use crate::store::belongings::{self, NewDevice};

/// A product that is liked.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Favorite {
    product_id: Uuid,
    favorited_at: chrono::DateTime<chrono::Utc>,
}

/// A page of favorites.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct FavoritePage {
    items: Vec<Favorite>,
    next_cursor: Option<String>,
}

/// Lists the caller's favorites, newest first.
#[utoipa::path(
    get,
    path = "/v1/me/favorites",
    operation_id = "list_favorites",
    tag = "account",
    params(PageQuery),
    responses(
        (status = 200, description = "A page of products.", body = FavoritePage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn favorites(caller: Caller, page: Page) -> Result<Answer> {
    let items = belongings::favorites(caller.account_id, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Keeps a product among the caller's favorites. Keeping it already is no mistake.
///
/// Whether there is such a product is not asked.
#[utoipa::path(
    put,
    path = "/v1/me/favorites/{product_id}",
    operation_id = "add_favorite",
    tag = "account",
    params(("product_id" = Uuid, Path, description = "The product.")),
    responses(
        (status = 204, description = "It is a favorite."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`too_many_favorites`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn favor(caller: Caller, Path(product_id): Path<Uuid>) -> Result<Answer> {
    belongings::favor(caller.account_id, product_id, ids::new_id()).await?;
    Ok(Answer::no_content())
}

/// Takes a product out of the caller's favorites. That it was none is no mistake.
#[utoipa::path(
    delete,
    path = "/v1/me/favorites/{product_id}",
    operation_id = "remove_favorite",
    tag = "account",
    params(("product_id" = Uuid, Path, description = "The product.")),
    responses(
        (status = 204, description = "It is none."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn unfavor(caller: Caller, Path(product_id): Path<Uuid>) -> Result<Answer> {
    belongings::unfavor(caller.account_id, product_id).await?;
    Ok(Answer::no_content())
}

/// What a device runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    Android,
    Ios,
    Web,
}

/// Where pushes go.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceToken {
    /// As the platform's push service gave it to the app.
    #[garde(length(min = 1, max = 1024), custom(validators::line))]
    #[schema(
        example = "fcm:APA91bHun4MxP5egoKMwt2KZFBaFUH",
        min_length = 1,
        max_length = 1024
    )]
    token: String,
    #[garde(skip)]
    platform: Platform,
    /// What its owner calls it.
    #[garde(custom(validators::name))]
    #[schema(example = "Lan's phone", min_length = 1, max_length = 100)]
    name: String,
}

/// A device, without its token.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PushDevice {
    id: Uuid,
    platform: Platform,
    name: String,
    created_at: chrono::DateTime<chrono::Utc>,
    /// When its app said last where it is.
    seen_at: chrono::DateTime<chrono::Utc>,
}

/// Says where pushes to the caller go. Apps do at each start.
///
/// A token that another account had is the caller's from then on. An account has at most 20 devices: one more
/// takes the place of the one that was not seen for longest.
#[utoipa::path(
    put,
    path = "/v1/me/devices",
    operation_id = "put_device",
    tag = "account",
    request_body = DeviceToken,
    responses(
        (status = 200, description = "The device.", body = PushDevice),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn put_device(caller: Caller, Json(body): Json<DeviceToken>) -> Result<Answer> {
    caller.require_person()?;
    let device = NewDevice {
        token: body.token,
        platform: match body.platform {
            Platform::Android => "android",
            Platform::Ios => "ios",
            Platform::Web => "web",
        },
        name: profile::name(&body.name).unwrap_or_default(),
    };
    let device = belongings::put_device(caller.account_id, ids::new_id(), device).await?;
    Ok(Answer::json_text(device))
}

/// Lists the caller's devices, those seen last first.
#[utoipa::path(
    get,
    path = "/v1/me/devices",
    operation_id = "list_devices",
    tag = "account",
    responses(
        (status = 200, description = "All of them; there are at most 20.", body = Vec<PushDevice>),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn devices(caller: Caller) -> Result<Answer> {
    Ok(Answer::json_text(
        belongings::devices(caller.account_id).await?,
    ))
}

/// Forgets one of the caller's devices. That there is none of that id is no mistake.
#[utoipa::path(
    delete,
    path = "/v1/me/devices/{id}",
    operation_id = "delete_device",
    tag = "account",
    params(("id" = Uuid, Path, description = "The device.")),
    responses(
        (status = 204, description = "It is forgotten."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn delete_device(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    caller.require_person()?;
    belongings::delete_device(caller.account_id, id).await?;
    Ok(Answer::no_content())
}

/// Reads what the caller wants to be told, and by which ways.
#[utoipa::path(
    get,
    path = "/v1/me/notification-preferences",
    operation_id = "read_notification_preferences",
    tag = "account",
    responses(
        (status = 200, description = "All of it.", body = Preferences),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn preferences(caller: Caller) -> Result<Answer> {
    let off = belongings::preferences(caller.account_id)
        .await?
        .ok_or_else(Error::not_found)?;
    Answer::json(&Preferences::of(&off))
}

/// Says what the caller wants to be told, and by which ways: all of it at once.
///
/// It counts as soon as notification has heard of it. Letters about security come all the same.
#[utoipa::path(
    put,
    path = "/v1/me/notification-preferences",
    operation_id = "put_notification_preferences",
    tag = "account",
    request_body = Preferences,
    responses(
        (status = 200, description = "All of it.", body = Preferences),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn put_preferences(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<Preferences>,
) -> Result<Answer> {
    caller.require_person()?;
    let off = body.clone().switched_off();
    if belongings::put_preferences(caller.account_id, off, context.traceparent).await? {
        redis::ring_relay();
    }
    Answer::json(&body)
}
