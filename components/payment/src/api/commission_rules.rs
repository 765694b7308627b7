//! What the platform keeps of sales.

use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Json, Path, Problem, Role};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::fields::{self, Slug};
use crate::store::commission_rules;

/// A part that the platform keeps of goods.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct CommissionRule {
    /// Goods of this category and of those below it that have no rule of their own; null: all the rest.
    #[schema(example = "electronics")]
    category_slug: Option<String>,
    /// Hundredths of a percent of what the buyer pays for the goods.
    #[schema(example = 500)]
    basis_points: u32,
    updated_by: Option<Uuid>,
    updated_at: chrono::DateTime<chrono::Utc>,
}

/// All rules.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct CommissionRuleList {
    /// The one for the rest, then by category; at most 1,000.
    items: Vec<CommissionRule>,
    /// Always null: there is one page.
    next_cursor: Option<String>,
}

/// Lists what the platform keeps of which categories. For administrators.
#[utoipa::path(
    get,
    path = "/v1/commission-rules",
    tag = "payment",
    operation_id = "list_commission_rules",
    responses(
        (status = 200, description = "The rules.", body = CommissionRuleList),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn list(caller: Caller) -> Result<Answer> {
    caller.require(Role::Admin)?;
    let items = commission_rules::list().await?;
    Ok(Answer::list::<Uuid>(&items, None))
}

/// A rule to be set.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"category_slug": "collectors-stamps", "basis_points": 500}))]
pub struct NewCommissionRule {
    /// Left out: for all the rest.
    #[garde(length(chars, min = 1, max = 100), inner(custom(fields::slug)))]
    #[schema(min_length = 1, max_length = 100)]
    category_slug: Option<String>,
    /// Hundredths of a percent.
    #[garde(range(min = 0, max = 10_000))]
    #[schema(minimum = 0, maximum = 10_000)]
    basis_points: i32,
}

/// Sets what the platform keeps of a category, or of the rest. For administrators.
///
/// Checkouts that are under way keep what counted when their payment began.
#[utoipa::path(
    put,
    path = "/v1/commission-rules",
    tag = "payment",
    operation_id = "put_commission_rule",
    request_body = NewCommissionRule,
    responses(
        (status = 200, description = "The rule.", body = CommissionRule),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`commission_rule_limit`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn put(caller: Caller, Json(body): Json<NewCommissionRule>) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Admin)?;
    let rule = commission_rules::put(
        caller.account_id,
        body.category_slug.as_deref(),
        body.basis_points,
    )
    .await?;
    Ok(Answer::json_text(rule))
}

/// Removes the rule of a category; the next one above counts from now on. For administrators.
#[utoipa::path(
    delete,
    path = "/v1/commission-rules/{category_slug}",
    tag = "payment",
    operation_id = "delete_commission_rule",
    params(("category_slug" = String, Path, description = "The category.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn delete(caller: Caller, Path(slug): Path<Slug>) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Admin)?;
    if commission_rules::delete(&slug.0).await? {
        Ok(Answer::no_content())
    } else {
        Err(Error::not_found())
    }
}
