//! The audit log.

use garde::Validate;
use serde::Deserialize;
use serde_json::Value;
use stoa_kit::Result;
use stoa_kit::http::{Answer, Caller, Page, PageQuery, Problem, Query, Role};
use uuid::Uuid;

use super::validators;
use crate::store::audit::{self, Position};

/// Which entries to list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditFilter {
    /// Only those about this account.
    #[garde(skip)]
    account_id: Option<Uuid>,
    /// Only this action, such as `login_locked`.
    #[garde(inner(custom(validators::action)))]
    #[param(min_length = 1, max_length = 40)]
    action: Option<String>,
}

/// Something that happened.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct AuditEntry {
    /// Grows.
    #[schema(example = "4711")]
    id: String,
    at: chrono::DateTime<chrono::Utc>,
    /// Who did it: null for the operator, and for strangers.
    actor_id: Option<Uuid>,
    /// Whom it is about.
    account_id: Option<Uuid>,
    /// What it was.
    #[schema(example = "password_changed")]
    action: String,
    /// By action.
    #[schema(value_type = Object)]
    facts: Value,
}

/// A page of the audit log.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct AuditPage {
    items: Vec<AuditEntry>,
    next_cursor: Option<String>,
}

/// Lists what happened to accounts, newest first. For administrators.
///
/// Reading it is noted in it. It holds no secrets, and of personal data the addresses of clients only.
#[utoipa::path(
    get,
    path = "/v1/audit",
    operation_id = "list_audit",
    tag = "account",
    params(PageQuery, AuditFilter),
    responses(
        (status = 200, description = "A page of entries.", body = AuditPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(
    caller: Caller,
    page: Page<Position>,
    Query(filter): Query<AuditFilter>,
) -> Result<Answer> {
    caller.require(Role::Admin)?;
    let entries = audit::page(caller.account_id, filter.account_id, filter.action, &page).await?;
    Ok(Answer::list(&entries.json, entries.next.as_ref()))
}
