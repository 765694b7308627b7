//! Who the caller is at other issuers.

use stoa_kit::Result;
use stoa_kit::http::{Answer, Caller, Path, Problem};
use uuid::Uuid;

use crate::store::identities;

/// Who an account is at an issuer.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Identity {
    id: Uuid,
    /// What the issuer is called here.
    #[schema(example = "google")]
    provider: String,
    /// The issuer's own name.
    #[schema(example = "https://accounts.google.com")]
    issuer: String,
    /// As the issuer told it last. It need not be the account's.
    email: Option<String>,
    created_at: chrono::DateTime<chrono::Utc>,
    /// When somebody signed in by it last.
    used_at: chrono::DateTime<chrono::Utc>,
}

/// Lists the issuers by whom the caller may sign in, newest first.
#[utoipa::path(
    get,
    path = "/v1/me/identities",
    operation_id = "list_identities",
    tag = "account",
    responses(
        (status = 200, description = "All of them; there are at most 10.", body = Vec<Identity>),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn list(caller: Caller) -> Result<Answer> {
    caller.require_person()?;
    Ok(Answer::json_text(
        identities::list(caller.account_id).await?,
    ))
}

/// Unlinks an issuer from the caller's account.
///
/// Not the last way in: where there is no password another issuer has to remain.
#[utoipa::path(
    delete,
    path = "/v1/me/identities/{id}",
    operation_id = "unlink_identity",
    tag = "account",
    params(("id" = Uuid, Path, description = "The identity.")),
    responses(
        (status = 204, description = "It is unlinked."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`last_way_in`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn unlink(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    caller.require_person()?;
    identities::unlink(caller.account_id, id).await?;
    Ok(Answer::no_content())
}
