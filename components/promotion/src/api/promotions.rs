//! Reading promotions as their owner.

use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Page, Path, Problem, Query, Role};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::changes::owner_of;
use super::documents::{Promotion, PromotionPage, PromotionUsage, list_with_times, with_times};
use super::requests::OwnerKind;
use super::validators;
use crate::store::promotions;

/// Which promotions to list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PromotionFilter {
    /// Whose: the caller's own when left out; the platform's are for its staff.
    #[garde(skip)]
    #[param(inline)]
    owner: Option<OwnerKind>,
    /// The one with this code, in any case.
    #[garde(inner(custom(validators::code)))]
    code: Option<String>,
    /// How many items, 1 to 100; 20 when left out.
    #[garde(skip)]
    #[param(minimum = 1, maximum = 100, default = 20)]
    #[expect(
        dead_code,
        reason = "read by Page; named here because unknown parameters are refused"
    )]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[garde(skip)]
    #[expect(
        dead_code,
        reason = "read by Page; named here because unknown parameters are refused"
    )]
    cursor: Option<String>,
}

/// Lists the caller's own promotions, or the platform's, newest first.
#[utoipa::path(
    get,
    path = "/v1/promotions",
    tag = "promotion",
    operation_id = "list_promotions",
    params(PromotionFilter),
    responses(
        (status = 200, description = "A page of promotions.", body = PromotionPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`: the platform's are for its staff.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn list(
    caller: Caller,
    Query(filter): Query<PromotionFilter>,
    page: Page,
) -> Result<Answer> {
    let owner = match filter.owner.unwrap_or_default() {
        OwnerKind::Seller => Some(caller.account_id),
        OwnerKind::Platform => {
            caller.require(Role::Moderator)?;
            None
        }
    };
    let code = filter.code.map(|code| code.to_ascii_uppercase());
    let items = promotions::page(owner, code.as_deref(), &page).await?;
    let promotions = list_with_times(&items.seen)?;
    let json = serde_json::to_string(&promotions).map_err(|e| Error::internal(e.to_string()))?;
    Ok(Answer::list(&json, items.next.as_ref()))
}

/// Reads a promotion of the caller, or one of the platform as its staff.
#[utoipa::path(
    get,
    path = "/v1/promotions/{id}",
    tag = "promotion",
    operation_id = "read_promotion",
    params(("id" = Uuid, Path, description = "The promotion.")),
    responses(
        (status = 200, description = "The promotion; its version is the ETag.", body = Promotion),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such promotion, or not yours.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    let found = promotions::read(&owner_of(&caller, None), id)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Answer::json_text(with_times(&found.seen)?).version(found.version))
}

/// Says how much of a promotion is held by checkouts under way, how much is spent and what is left.
#[utoipa::path(
    get,
    path = "/v1/promotions/{id}/usage",
    tag = "promotion",
    operation_id = "read_promotion_usage",
    params(("id" = Uuid, Path, description = "The promotion.")),
    responses(
        (status = 200, description = "Its use.", body = PromotionUsage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such promotion, or not yours.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn usage(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    let usage = promotions::usage(&owner_of(&caller, None), id).await?;
    usage.map(Answer::json_text).ok_or_else(Error::not_found)
}
