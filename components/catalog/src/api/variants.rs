//! The variants of a product.

use axum::Extension;
use stoa_kit::Result;
use stoa_kit::http::{Answer, Caller, Idempotency, IfMatch, Json, Path, Problem, RequestContext};
use uuid::Uuid;

use super::requests::{NewVariant, VariantPatch};
use super::shapes::ProductPage;
use super::{actor, changed, expected, posted};
use crate::store::variants;

/// Adds a variant to a product of yours.
#[utoipa::path(
    post,
    path = "/v1/products/{id}/variants",
    tag = "catalog",
    params(
        ("id" = Uuid, Path, description = "The product"),
        ("Idempotency-Key" = Option<String>, Header, description = "A new one for each intent, the same for repetitions"),
        ("If-Match" = Option<String>, Header, description = "Sent, the product must be at this version"),
    ),
    request_body = NewVariant,
    responses(
        (status = 201, body = ProductPage, description = "The product's page as it is now; ETag is its version"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such product, or not yours", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has the attributes of another (`variant_exists`), or there are 100 (`too_many_variants`)", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "If-Match was sent, and it changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something in the request is not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn add_variant(
    Path(id): Path<Uuid>,
    caller: Caller,
    idem: Idempotency,
    version: Result<IfMatch>,
    Extension(context): Extension<RequestContext>,
    Json(new): Json<NewVariant>,
) -> Result<Answer> {
    let added = variants::add(
        &actor(&caller, &context),
        &idem,
        id,
        expected(version)?,
        &new,
    )
    .await?;
    Ok(posted(added).await)
}

/// Changes a variant at the version of the product that `If-Match` names.
#[utoipa::path(
    patch,
    path = "/v1/products/{id}/variants/{variant_id}",
    tag = "catalog",
    params(
        ("id" = Uuid, Path, description = "The product"),
        ("variant_id" = Uuid, Path, description = "The variant"),
        ("If-Match" = String, Header, description = "The ETag of the version that you are changing"),
    ),
    request_body = VariantPatch,
    responses(
        (status = 200, body = ProductPage, description = "The page as it is now; ETag is its version"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such variant, or not yours", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has the attributes of another (`variant_exists`)", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something in the request is not acceptable", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn change_variant(
    Path((id, variant_id)): Path<(Uuid, Uuid)>,
    caller: Caller,
    IfMatch(version): IfMatch,
    Extension(context): Extension<RequestContext>,
    Json(patch): Json<VariantPatch>,
) -> Result<Answer> {
    let written =
        variants::change(&actor(&caller, &context), id, variant_id, version, &patch).await?;
    Ok(changed(id, written).await)
}

/// Deletes a variant at the version of the product that `If-Match` names.
#[utoipa::path(
    delete,
    path = "/v1/products/{id}/variants/{variant_id}",
    tag = "catalog",
    params(
        ("id" = Uuid, Path, description = "The product"),
        ("variant_id" = Uuid, Path, description = "The variant"),
        ("If-Match" = String, Header, description = "The ETag of the version that you are changing"),
    ),
    responses(
        (status = 200, body = ProductPage, description = "The page as it is now; ETag is its version"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such variant, or not yours", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is the last one (`last_variant`)", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn delete_variant(
    Path((id, variant_id)): Path<(Uuid, Uuid)>,
    caller: Caller,
    IfMatch(version): IfMatch,
    Extension(context): Extension<RequestContext>,
) -> Result<Answer> {
    let written = variants::delete(&actor(&caller, &context), id, variant_id, version).await?;
    Ok(changed(id, written).await)
}
