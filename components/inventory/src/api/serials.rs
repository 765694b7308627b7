//! Pieces of variants that are tracked by serial number.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::error::FieldError;
use stoa_kit::http::{
    Answer, Caller, Idempotency, Json, Page, PageQuery, Path, Problem, Query, RequestContext,
};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use super::balances::StockBalance;
use super::lines::DUPLICATE;
use super::validators::serial;
use crate::domain::piece::{PieceState, PieceTarget, repeated};
use crate::store::params::Posted;
use crate::store::serials::{self, SerialPosition};

/// One piece.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Piece {
    #[schema(example = "SN-0001")]
    serial: String,
    #[schema(inline)]
    state: PieceState,
    /// Where it lies; of a sold one, where it was taken from.
    warehouse_id: Uuid,
    /// The order that got it; kept while it is `sold`, `returned` or `damaged`.
    order_id: Option<Uuid>,
    changed_at: chrono::DateTime<chrono::Utc>,
}

/// A page of pieces.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PiecePage {
    items: Vec<Piece>,
    next_cursor: Option<String>,
}

/// Which pieces to list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PieceFilter {
    /// Only those in this state.
    #[garde(skip)]
    #[param(inline)]
    state: Option<PieceState>,
    /// Only those that this order got.
    #[garde(skip)]
    order_id: Option<Uuid>,
}

/// Lists the pieces of the caller's variant by serial number.
#[utoipa::path(
    get,
    path = "/v1/stock/{variant_id}/serials",
    tag = "inventory",
    operation_id = "list_serials",
    params(("variant_id" = Uuid, Path, description = "The variant."), PieceFilter, PageQuery),
    responses(
        (status = 200, description = "A page of pieces.", body = PiecePage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: the caller never had stock of it.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(
    caller: Caller,
    Path(variant): Path<Uuid>,
    page: Page<SerialPosition>,
    Query(filter): Query<PieceFilter>,
) -> Result<Answer> {
    let items = serials::page(
        caller.account_id,
        variant,
        filter.state,
        filter.order_id,
        &page,
    )
    .await?
    .ok_or_else(Error::not_found)?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Pieces, and what to make of them.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"serials": ["SN-0001"], "to": "damaged", "reason": "fell down"}))]
pub struct PieceChange {
    /// Each at most once.
    #[garde(length(min = 1, max = 200), inner(custom(serial)))]
    #[schema(min_items = 1, max_items = 200)]
    serials: Vec<String>,
    #[garde(skip)]
    #[schema(inline)]
    to: PieceTarget,
    /// For the ledger.
    #[garde(inner(length(chars, min = 1, max = 500)))]
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// The pieces after a change.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct ChangedPieces {
    balance: StockBalance,
    items: Vec<Piece>,
}

/// Brings pieces of the caller's variant to another state, all or none.
///
/// A piece is one of the units on hand while it is `available`; the count follows the pieces and never
/// falls below what orders being placed hold. A piece that was sold comes back as `returned` first, and
/// is then made available or anything else. Those that are in the state already stay as they are.
#[utoipa::path(
    post,
    path = "/v1/stock/{variant_id}/serials/state",
    tag = "inventory",
    operation_id = "change_serials",
    request_body = PieceChange,
    params(
        ("variant_id" = Uuid, Path, description = "The variant."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "The pieces and the balance now.", body = ChangedPieces),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: the caller never had stock of it.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_pieces` with `pieces`, `stock_in_use`, `serials_not_tracked`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, also for unknown serial numbers, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn change(
    caller: Caller,
    Path(variant): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Json(body): Json<PieceChange>,
) -> Result<Answer> {
    let faults: Vec<FieldError> = repeated(&body.serials)
        .into_iter()
        .map(|position| FieldError {
            pointer: format!("/serials/{position}"),
            code: DUPLICATE.0.into(),
            detail: DUPLICATE.1.into(),
        })
        .collect();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let posted = Posted {
        seller: caller.account_id,
        idempotency: &idempotency,
        context: &context,
    };
    let row = serials::change(&posted, variant, body.serials, body.to, body.reason).await?;
    redis::ring_relay();
    Answer::from_write(row)
}
