//! What accounts may do beyond their own affairs.

use std::collections::BTreeSet;

use axum::Extension;
use garde::Validate;
use serde::{Deserialize, Serialize};
use stoa_kit::http::{Answer, Caller, Json, Path, Problem, RequestContext, Role};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use super::sessions::announce_revocation;
use crate::store::staff;

/// Of an account.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Roles {
    account_id: Uuid,
    /// `member`, and perhaps `moderator` and `admin`.
    #[schema(example = json!(["member", "moderator"]))]
    roles: Vec<RoleName>,
}

/// A role by its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// Every account.
    Member,
    /// Takes care of content and disputes.
    Moderator,
    /// Everything.
    Admin,
}

impl RoleName {
    fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }
}

/// Reads an account's roles. For administrators.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/roles",
    operation_id = "read_roles",
    tag = "account",
    params(("id" = Uuid, Path, description = "The account.")),
    responses(
        (status = 200, description = "Its roles.", body = Roles),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    caller.require(Role::Admin)?;
    let roles = staff::roles(id).await?.ok_or_else(Error::not_found)?;
    Ok(Answer::json_text(roles))
}

/// The roles that an account is to have.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoles {
    /// All of them; `member` is always one.
    #[garde(length(min = 1, max = 3))]
    #[schema(example = json!(["member", "moderator"]), min_items = 1, max_items = 3)]
    roles: BTreeSet<RoleName>,
}

/// Gives an account exactly these roles. For administrators.
///
/// A new role is in the account's next token. When one is taken away, its sessions end, since its tokens
/// would go on to say it. Nobody changes their own roles, so that there is always an administrator.
#[utoipa::path(
    put,
    path = "/v1/accounts/{id}/roles",
    operation_id = "replace_roles",
    tag = "account",
    params(("id" = Uuid, Path, description = "The account.")),
    request_body = NewRoles,
    responses(
        (status = 200, description = "Its roles now.", body = Roles),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `own_account`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn replace(
    caller: Caller,
    Path(id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<NewRoles>,
) -> Result<Answer> {
    caller.require(Role::Admin)?;
    if !body.roles.contains(&RoleName::Member) {
        return Err(Error::invalid(
            "/roles",
            "missing_member",
            "Every account is a member.",
        ));
    }
    let names = body.roles.iter().map(|role| role.name().to_owned());
    let roles =
        staff::set_roles(caller.account_id, id, names.collect(), context.traceparent).await?;
    announce_revocation().await;
    redis::ring_relay();
    Ok(Answer::json_text(roles))
}
