//! Products: reading, creating, changing.

use axum::Extension;
use http::{HeaderMap, header};
use stoa_kit::http::{
    Answer, Caller, Idempotency, IfMatch, IfNoneMatch, Json, MaybeCaller, Page, Path, Problem,
    Query, RequestContext, Role,
};
use stoa_kit::{Error, Result, ids};
use uuid::Uuid;

use super::requests::{NewProduct, ProductFilter, ProductPatch};
use super::shapes::{ProductList, ProductPage};
use super::{actor, announce, changed, posted};
use crate::domain::cached_page::Reader;
use crate::domain::status::ProductStatus;
use crate::domain::{limits, slug};
use crate::store::{page_cache, products};

/// A product's page.
///
/// Everybody sees listed products; others are for their seller and for moderators. With `If-None-Match`
/// a listed product that has not changed is answered by 304 alone. An answer is at most two seconds
/// older than the last change and never older than what you saw before; `Cache-Control: no-cache`
/// asks for the very latest.
#[utoipa::path(
    get,
    path = "/v1/products/{id}",
    tag = "catalog",
    params(
        ("id" = Uuid, Path, description = "The product"),
        ("If-None-Match" = Option<String>, Header, description = "The ETag of the page that you have"),
        ("Cache-Control" = Option<String>, Header, description = "`no-cache` for the very latest"),
    ),
    responses(
        (status = 200, body = ProductPage, description = "The page; ETag is its version"),
        (status = 304, description = "You have it already"),
        (status = 401, description = "A token was sent, and it is not valid", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such product, or not yours to see", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn product_page(
    Path(id): Path<Uuid>,
    MaybeCaller(caller): MaybeCaller,
    IfNoneMatch(seen): IfNoneMatch,
    headers: HeaderMap,
) -> Result<Answer> {
    let reader = Reader {
        account: caller.as_ref().map(|c| c.account_id),
        moderator: caller.as_ref().is_some_and(|c| c.has(Role::Moderator)),
        seen,
        fresh: asks_for_the_latest(&headers),
    };
    let page = page_cache::page(id, &reader)
        .await?
        .ok_or_else(Error::not_found)?;
    // Names of the seller and the category change without a new version of what is not listed.
    let known = page.public && seen == Some(page.version);
    // Clients may keep it, and have to ask before they use it again.
    let keep = if page.public {
        "public, no-cache"
    } else {
        "private, no-cache"
    };
    Ok(Answer::json_text(page.body)
        .unless_at_hand(known)
        .version(page.version)
        .header("cache-control", keep)
        .header("vary", "authorization"))
}

/// Products, newest first.
///
/// Everybody sees listed ones. A seller who lists their own (`seller_id`) sees all states, or those
/// asked for by `status`; so do moderators.
#[utoipa::path(
    get,
    path = "/v1/products",
    tag = "catalog",
    params(
        ProductFilter,
    ),
    responses(
        (status = 200, body = ProductList, description = "A page of products"),
        (status = 401, description = "A token was sent, and it is not valid", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Another seller's products in a state that is not public", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn list_products(
    MaybeCaller(caller): MaybeCaller,
    Query(filter): Query<ProductFilter>,
    page: Page,
) -> Result<Answer> {
    let sees_all = filter.seller_id.is_some_and(|seller| {
        caller
            .as_ref()
            .is_some_and(|c| c.account_id == seller || c.has(Role::Moderator))
    });
    let status = match filter.status {
        status if sees_all => status,
        None | Some(ProductStatus::Active) => Some(ProductStatus::Active),
        Some(_) => return Err(Error::problem("forbidden")),
    };
    let filter = products::Filter {
        seller: filter.seller_id,
        category: filter.category_id,
        status,
    };
    let (items, next) = products::list(&filter, page.after, page.limit).await?;
    Ok(Answer::list(&items, next.as_ref()))
}

/// Creates a product with its variants, as a draft, or listed at once with `publish`.
#[utoipa::path(
    post,
    path = "/v1/products",
    tag = "catalog",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "A new one for each intent, the same for repetitions"),
    ),
    request_body = NewProduct,
    responses(
        (status = 201, body = ProductPage, description = "Created: Location says where; ETag is its version"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "No address of your account is verified (`address_unverified`)", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The slug is taken (`slug_taken`), two variants are the same (`variant_exists`), or the first request with the key still runs", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something in the request is not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn create_product(
    caller: Caller,
    idem: Idempotency,
    Extension(context): Extension<RequestContext>,
    Json(mut new): Json<NewProduct>,
) -> Result<Answer> {
    caller.require_verified()?;
    if new.max_per_order.is_some_and(|max| max < new.min_per_order) {
        return Err(Error::invalid(
            "/max_per_order",
            "out_of_range",
            "The maximum is below the minimum.",
        ));
    }
    if let Some(index) = limits::repeated(new.variants.iter().map(|v| &v.attributes)) {
        return Err(Error::problem_with(
            "variant_exists",
            serde_json::json!({"errors": [{
                "pointer": format!("/variants/{index}/attributes"),
                "code": "variant_exists",
                "detail": "A variant before this one has the same attributes.",
            }]}),
        ));
    }
    let id = idem.reference();
    if new.slug.is_none() {
        new.slug = Some(slug::product_slug(&new.name, id));
    }
    for variant in &mut new.variants {
        variant.id = Some(ids::new_id());
    }
    let created = products::create(&actor(&caller, &context), &idem, &new).await?;
    // Of a repeated request it is the id that the first one made.
    let location = format!("/v1/products/{}", created.product);
    Ok(posted(created).await.location(&location))
}

/// Changes a product of yours at the version that `If-Match` names.
#[utoipa::path(
    patch,
    path = "/v1/products/{id}",
    tag = "catalog",
    params(
        ("id" = Uuid, Path, description = "The product"),
        ("If-Match" = String, Header, description = "The ETag of the version that you are changing"),
    ),
    request_body = ProductPatch,
    responses(
        (status = 200, body = ProductPage, description = "The page as it is now; ETag is its version"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such product, or not yours", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something in the request is not acceptable", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn change_product(
    Path(id): Path<Uuid>,
    caller: Caller,
    IfMatch(version): IfMatch,
    Extension(context): Extension<RequestContext>,
    Json(patch): Json<ProductPatch>,
) -> Result<Answer> {
    let written = products::change(&actor(&caller, &context), id, version, &patch).await?;
    Ok(changed(id, written).await)
}

/// Deletes a product of yours at the version that `If-Match` names. Orders keep what they have of it.
#[utoipa::path(
    delete,
    path = "/v1/products/{id}",
    tag = "catalog",
    params(
        ("id" = Uuid, Path, description = "The product"),
        ("If-Match" = String, Header, description = "The ETag of the version that you are changing"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 401, description = "No valid access token", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such product, or not yours", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "If-Match is missing", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn delete_product(
    Path(id): Path<Uuid>,
    caller: Caller,
    IfMatch(version): IfMatch,
    Extension(context): Extension<RequestContext>,
) -> Result<Answer> {
    let version = products::delete(&actor(&caller, &context), id, version).await?;
    announce(id, version).await;
    Ok(Answer::no_content())
}

fn asks_for_the_latest(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .any(|directive| directive.trim().eq_ignore_ascii_case("no-cache"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn no_cache_is_found_among_other_directives() {
        let asks = |value| {
            asks_for_the_latest(&HeaderMap::from_iter([(
                header::CACHE_CONTROL,
                HeaderValue::from_static(value),
            )]))
        };
        assert!(asks("no-cache") && asks("max-age=0, No-Cache"));
        assert!(!asks("max-age=0") && !asks_for_the_latest(&HeaderMap::new()));
    }
}
