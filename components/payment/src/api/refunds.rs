//! Refunds, as those see them who get them.

use stoa_kit::http::{Answer, Caller, Page, PageQuery, Path, Problem, Role};
use stoa_kit::money::Money;
use stoa_kit::{Error, Result};
use uuid::Uuid;

use crate::domain::states::LegMethod;
use crate::store::escrow_desk;
use crate::store::refunds::{Destination, RefundLegState, RefundState};

/// Money on its way back to a buyer.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Refund {
    id: Uuid,
    session_id: Uuid,
    /// Null of money that came too late for any order.
    order_id: Option<Uuid>,
    /// Who gets it.
    payer_id: Uuid,
    amount: Money,
    #[schema(inline)]
    destination: Destination,
    reason: String,
    #[schema(inline)]
    state: RefundState,
    /// In the order in which they go. None of cash, which goes to the wallet.
    legs: Vec<RefundPart>,
    requested_at: chrono::DateTime<chrono::Utc>,
    done_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// What goes back the way that a part of the money came.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct RefundPart {
    #[schema(inline)]
    method: LegMethod,
    provider: Option<String>,
    /// Minor units.
    amount: i64,
    #[schema(inline)]
    state: RefundLegState,
}

/// Refunds that were asked for together.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct RefundList {
    items: Vec<Refund>,
}

/// A page of refunds.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct RefundPage {
    items: Vec<Refund>,
    next_cursor: Option<String>,
}

/// Lists what the caller got back, newest first.
#[utoipa::path(
    get,
    path = "/v1/refunds",
    tag = "payment",
    operation_id = "list_refunds",
    params(PageQuery),
    responses(
        (status = 200, description = "A page of refunds.", body = RefundPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(caller: Caller, page: Page) -> Result<Answer> {
    let items = escrow_desk::refunds(caller.account_id, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Reads a refund that the caller gets; moderators read all.
#[utoipa::path(
    get,
    path = "/v1/refunds/{id}",
    tag = "payment",
    operation_id = "read_refund",
    params(("id" = Uuid, Path, description = "The refund.")),
    responses(
        (status = 200, description = "The refund.", body = Refund),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    let staff = caller.has(Role::Moderator);
    let refund = escrow_desk::refund(caller.account_id, staff, id).await?;
    refund.map(Answer::json_text).ok_or_else(Error::not_found)
}
