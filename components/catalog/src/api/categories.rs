//! Categories.

use axum::Extension;
use stoa_kit::Result;
use stoa_kit::http::{
    Answer, Caller, Idempotency, IfMatch, Json, Path, Problem, RequestContext, Role,
};
use uuid::Uuid;

use super::actor;
use super::requests::{CategoryPatch, NewCategory};
use super::shapes::{Category, CategoryList};
use crate::store::categories;

/// Every category, the whole tree: parents before their children, siblings by position.
#[utoipa::path(
    get,
    path = "/v1/categories",
    tag = "catalog",
    responses(
        (status = 200, body = CategoryList, description = "The tree, flat"),
    )
)]
pub async fn list_categories() -> Result<Answer> {
    let items = categories::list().await?;
    Ok(Answer::list::<Uuid>(&items, None))
}

/// Makes a category. For administrators.
#[utoipa::path(
    post,
    path = "/v1/categories",
    tag = "catalog",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "A new one for each intent, the same for repetitions"),
    ),
    request_body = NewCategory,
    responses(
        (status = 201, body = Category, description = "Made; ETag is its version"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The slug is taken (`slug_taken`), or the first request with the key still runs", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something in the request is not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn create_category(
    caller: Caller,
    idem: Idempotency,
    Extension(context): Extension<RequestContext>,
    Json(new): Json<NewCategory>,
) -> Result<Answer> {
    caller.require(Role::Admin)?;
    let actor = actor(&caller, &context);
    let made = categories::create(
        &actor,
        &idem,
        new.parent_id,
        &new.slug,
        &new.name,
        new.position,
    )
    .await?;
    Ok(made.version(1))
}

/// Changes a category's name or position. For administrators.
///
/// A new name is a new version of every listed product of the category, since it stands in their pages.
#[utoipa::path(
    patch,
    path = "/v1/categories/{id}",
    tag = "catalog",
    params(
        ("id" = Uuid, Path, description = "The category"),
        ("If-Match" = String, Header, description = "The ETag of the version that you are changing"),
    ),
    request_body = CategoryPatch,
    responses(
        (status = 200, body = Category, description = "As it is now; ETag is its version"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not an administrator", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such category", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something in the request is not acceptable", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn change_category(
    Path(id): Path<Uuid>,
    caller: Caller,
    IfMatch(version): IfMatch,
    Json(patch): Json<CategoryPatch>,
) -> Result<Answer> {
    caller.require(Role::Admin)?;
    let written = categories::change(id, version, patch.name.as_deref(), patch.position).await?;
    Ok(Answer::json_text(written.body).version(written.version))
}
