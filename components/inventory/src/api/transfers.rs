//! Moving stock between warehouses.

use axum::Extension;
use garde::Validate;
use serde::{Deserialize, Serialize};
use stoa_kit::http::{Answer, Caller, Idempotency, Json, Problem, RequestContext};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use super::corrections::MovedStock;
use super::lines::{self, LineFacts};
use super::validators::serial;
use crate::store::params::Posted;
use crate::store::stock;

/// Goods that go from one warehouse of the caller to another.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from_warehouse_id": "0198f0a0-0000-7000-8000-000000000002",
    "to_warehouse_id": "0198f0a0-0000-7000-8000-000000000003",
    "lines": [{"variant_id": "0198f0a0-0000-7000-8000-000000000001", "quantity": 5}]
}))]
pub struct StockTransfer {
    #[garde(skip)]
    from_warehouse_id: Uuid,
    #[garde(skip)]
    to_warehouse_id: Uuid,
    /// Each variant at most once.
    #[garde(length(min = 1, max = 100), dive)]
    #[schema(min_items = 1, max_items = 100)]
    lines: Vec<StockTransferLine>,
    /// For the ledger.
    #[garde(inner(length(chars, min = 1, max = 500)))]
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// Units of one variant.
#[derive(Debug, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockTransferLine {
    #[garde(skip)]
    variant_id: Uuid,
    /// How many available units to move.
    #[garde(range(min = 1, max = 1_000_000))]
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: i32,
    /// Of a variant that is tracked: which pieces. Left out, the lowest serial numbers move.
    #[garde(length(max = 10_000), inner(custom(serial)))]
    #[serde(default)]
    #[schema(max_items = 10_000)]
    serials: Vec<String>,
}

/// Moves available units from one warehouse of the caller to another.
///
/// All lines or none. Reserved units stay where they are. Both warehouses may be inactive.
#[utoipa::path(
    post,
    path = "/v1/stock/transfers",
    tag = "inventory",
    operation_id = "transfer_stock",
    request_body = StockTransfer,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 200, description = "The balances now.", body = MovedStock),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`stock_short` with `shortages`, `wrong_pieces` with `pieces`, `stock_limit`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn transfer(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Json(body): Json<StockTransfer>,
) -> Result<Answer> {
    if body.from_warehouse_id == body.to_warehouse_id {
        return Err(Error::invalid(
            "/to_warehouse_id",
            "same_warehouse",
            "The goods are there already.",
        ));
    }
    let facts: Vec<LineFacts> = body
        .lines
        .iter()
        .map(|line| LineFacts {
            variant: line.variant_id,
            quantity: line.quantity,
            serials: &line.serials,
            generate: false,
        })
        .collect();
    lines::check(&facts)?;
    let lines = serde_json::to_vec(&body.lines).map_err(|e| Error::internal(e.to_string()))?;
    let posted = Posted {
        seller: caller.account_id,
        idempotency: &idempotency,
        context: &context,
    };
    let row = stock::transfer(
        &posted,
        body.from_warehouse_id,
        body.to_warehouse_id,
        lines,
        body.reason,
    )
    .await?;
    redis::ring_relay();
    Answer::from_write(row)
}
