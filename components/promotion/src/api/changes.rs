//! Making, changing and deleting promotions.

use axum::Extension;
use garde::Validate;
use http::StatusCode;
use stoa_kit::http::{
    Answer, Caller, Idempotency, IfMatch, Json, Path, Problem, RequestContext, Role,
};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use super::documents::{Promotion, with_times};
use super::requests::{NewPromotion, OwnerKind, PromotionPatch};
use crate::store::promotions::{self, Owner};

/// Makes a promotion of the caller, which works on their own products alone.
///
/// Moderators may make one of the platform. With a code, buyers type it; without one it applies by
/// itself, and an owner may have 50 such that are enabled and not over (the platform 200).
#[utoipa::path(
    post,
    path = "/v1/promotions",
    tag = "promotion",
    operation_id = "create_promotion",
    request_body = NewPromotion,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 201, description = "The promotion; Location says where, its version is the ETag.", body = Promotion),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`: the platform's are for its staff.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`code_taken`, `automatic_limit`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn create(
    caller: Caller,
    idempotency: Idempotency,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<NewPromotion>,
) -> Result<Answer> {
    let owner = match body.owner {
        OwnerKind::Seller => Some(caller.account_id),
        OwnerKind::Platform => {
            caller.require(Role::Moderator)?;
            None
        }
    };
    let by = owner_of(&caller, Some(&context));
    let created = promotions::create(&by, &idempotency, owner, &body.into_row()?).await?;
    redis::ring_relay();
    let status = u16::try_from(created.status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or_else(|| Error::internal(format!("the write returned status {}", created.status)))?;
    let text = with_times(&created.seen)?;
    // Of a repeated request it is the id that the first one made.
    let location = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|promotion| Some(format!("/v1/promotions/{}", promotion.get("id")?.as_str()?)))
        .unwrap_or_default();
    let answer = Answer::json_text(text)
        .status(status)
        .version(1)
        .location(&location);
    Ok(if created.replayed {
        answer.header("idempotency-replayed", "true")
    } else {
        answer
    })
}

/// Changes a promotion of yours at the version that `If-Match` names.
///
/// What is left out stays. Checkouts that were priced by the version before are priced again unless
/// they hold it already. No limit can be set below what is used.
#[utoipa::path(
    patch,
    path = "/v1/promotions/{id}",
    tag = "promotion",
    operation_id = "change_promotion",
    request_body = PromotionPatch,
    params(
        ("id" = Uuid, Path, description = "The promotion."),
        ("If-Match" = String, Header, description = "The ETag of the version that you are changing."),
    ),
    responses(
        (status = 200, description = "The promotion now; its version is the ETag.", body = Promotion),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such promotion, or not yours.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`code_taken`, `automatic_limit`, or `limit_used`.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`stale_version`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "`precondition_required`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn change(
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Extension(context): Extension<RequestContext>,
    Json(patch): Json<PromotionPatch>,
) -> Result<Answer> {
    let by = owner_of(&caller, Some(&context));
    // What a rule or a time may be depends on what else the promotion says. So it is read, judged as
    // a whole, and written if it is still at the version that was read.
    let current = promotions::read(&by, id)
        .await?
        .ok_or_else(Error::not_found)?;
    if current.version != version {
        return Err(Error::problem("stale_version"));
    }
    let whole = patch.over(&current.seen.json)?;
    whole
        .validate()
        .map_err(|e| Error::internal(e.to_string()))?;
    let changed = promotions::change(&by, id, version, &whole.into_row()?).await?;
    redis::ring_relay();
    Ok(Answer::json_text(with_times(&changed.seen)?).version(changed.version))
}

/// Deletes a promotion of yours at the version that `If-Match` names.
///
/// Checkouts that hold it keep it. Its code may be given to another one.
#[utoipa::path(
    delete,
    path = "/v1/promotions/{id}",
    tag = "promotion",
    operation_id = "delete_promotion",
    params(
        ("id" = Uuid, Path, description = "The promotion."),
        ("If-Match" = String, Header, description = "The ETag of the version that you are deleting."),
    ),
    responses(
        (status = 204, description = "Deleted."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such promotion, or not yours.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`stale_version`", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "`precondition_required`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn delete(
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Extension(context): Extension<RequestContext>,
) -> Result<Answer> {
    promotions::delete(&owner_of(&caller, Some(&context)), id, version).await?;
    redis::ring_relay();
    Ok(Answer::no_content())
}

/// The caller, as the store knows owners.
pub(super) fn owner_of(caller: &Caller, context: Option<&RequestContext>) -> Owner {
    Owner {
        account: caller.account_id,
        staff: caller.has(Role::Moderator),
        traceparent: context.and_then(|c| c.traceparent.clone()),
    }
}
