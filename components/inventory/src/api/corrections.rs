//! Counting stock in, and correcting the count.

use axum::Extension;
use garde::Validate;
use serde::{Deserialize, Serialize};
use stoa_kit::http::{Answer, Caller, Idempotency, Json, Problem, RequestContext};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use super::balances::StockBalance;
use super::lines::{self, LineFacts};
use super::validators::serial;
use crate::store::params::Posted;
use crate::store::stock;

/// Goods that arrived.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lines": [{"variant_id": "0198f0a0-0000-7000-8000-000000000001", "quantity": 20}],
    "reason": "delivery note 17"
}))]
pub struct StockImport {
    /// One of the caller's; `main` when left out.
    #[garde(skip)]
    warehouse_id: Option<Uuid>,
    /// Each variant at most once.
    #[garde(length(min = 1, max = 100), dive)]
    #[schema(min_items = 1, max_items = 100)]
    lines: Vec<StockImportLine>,
    /// For the ledger, such as a delivery note's number.
    #[garde(inner(length(chars, min = 1, max = 500)))]
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

/// Units of one variant.
#[derive(Debug, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockImportLine {
    /// Any variant; stock counts for sales of the account that imports it.
    #[garde(skip)]
    variant_id: Uuid,
    /// How many units to add.
    #[garde(range(min = 1, max = 1_000_000))]
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: i32,
    /// Of a variant that is tracked: the serial number of every unit. An import or transfer moves at
    /// most 10,000 of them.
    #[garde(length(max = 10_000), inner(custom(serial)))]
    #[serde(default)]
    #[schema(max_items = 10_000)]
    serials: Vec<String>,
    /// Of a variant that is tracked: makes serial numbers instead; the answer lists them.
    #[garde(skip)]
    #[serde(default)]
    generate_serials: bool,
}

/// Balances after goods were put somewhere.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct MovedStock {
    /// Of the variants that moved.
    items: Vec<StockBalance>,
    /// Which pieces moved of those that are tracked.
    pieces: Vec<MovedPieces>,
}

/// Pieces of one variant.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct MovedPieces {
    variant_id: Uuid,
    serials: Vec<String>,
}

/// Puts units on the shelf of a warehouse of the caller.
///
/// Without one, on that of `main`, which is made when there is none. Goods may arrive in an inactive
/// warehouse, and are not sold from there.
#[utoipa::path(
    post,
    path = "/v1/stock/imports",
    tag = "inventory",
    operation_id = "import_stock",
    request_body = StockImport,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 200, description = "The balances now.", body = MovedStock),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`serial_taken`, `stock_limit`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, also when a tracked variant comes without serial numbers, or another one with; or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn import(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Json(body): Json<StockImport>,
) -> Result<Answer> {
    let facts: Vec<LineFacts> = body
        .lines
        .iter()
        .map(|line| LineFacts {
            variant: line.variant_id,
            quantity: line.quantity,
            serials: &line.serials,
            generate: line.generate_serials,
        })
        .collect();
    lines::check(&facts)?;
    let lines = serde_json::to_vec(&body.lines).map_err(|e| Error::internal(e.to_string()))?;
    let posted = Posted {
        seller: caller.account_id,
        idempotency: &idempotency,
        context: &context,
    };
    let row = stock::import(&posted, body.warehouse_id, lines, body.reason).await?;
    redis::ring_relay();
    Answer::from_write(row)
}

/// A correction of the count.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "variant_id": "0198f0a0-0000-7000-8000-000000000001", "delta": -2, "reason": "broken"
}))]
pub struct StockAdjustment {
    /// One of the caller's. Left out, the first that can bear it is corrected: active ones before
    /// others, by priority.
    #[garde(skip)]
    warehouse_id: Option<Uuid>,
    /// A variant that the caller has stock of.
    #[garde(skip)]
    variant_id: Uuid,
    /// Units to add, or to take away when negative. Not 0.
    #[garde(range(min = -1_000_000, max = 1_000_000), custom(not_zero))]
    #[schema(minimum = -1_000_000, maximum = 1_000_000, example = -2)]
    delta: i32,
    /// For the ledger, such as `broken`.
    #[garde(length(chars, min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500, example = "broken")]
    reason: String,
}

fn not_zero(delta: &i32, (): &()) -> garde::Result {
    if *delta == 0 {
        Err(garde::Error::new("not 0"))
    } else {
        Ok(())
    }
}

/// Corrects the count of a variant.
///
/// Reserved units cannot be taken away. Of a variant that is tracked by serial number the pieces are
/// changed instead, one by one.
#[utoipa::path(
    post,
    path = "/v1/stock/adjustments",
    tag = "inventory",
    operation_id = "adjust_stock",
    request_body = StockAdjustment,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 200, description = "The balance now.", body = StockBalance),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: the caller never had stock of it.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`stock_in_use`, `stock_limit`, `serial_tracked`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn adjust(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Json(body): Json<StockAdjustment>,
) -> Result<Answer> {
    let posted = Posted {
        seller: caller.account_id,
        idempotency: &idempotency,
        context: &context,
    };
    let row = stock::adjust(
        &posted,
        body.warehouse_id,
        body.variant_id,
        body.delta,
        &body.reason,
    )
    .await?;
    redis::ring_relay();
    Answer::from_write(row)
}
