//! Counting stock in, and correcting the count.

use axum::Extension;
use garde::Validate;
use serde::{Deserialize, Serialize};
use stoa_kit::error::FieldError;
use stoa_kit::http::{Answer, Caller, Idempotency, Json, Problem, RequestContext};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use super::balances::StockBalance;
use crate::domain::variants::repeated;
use crate::store::stock;

/// Goods that arrived.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockImport {
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
}

/// Balances after an import.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct ImportedStock {
    /// Of the imported variants.
    items: Vec<StockBalance>,
}

/// Puts units on the shelf of the caller's warehouse `main`.
///
/// The warehouse is made when there is none.
#[utoipa::path(
    post,
    path = "/v1/stock/imports",
    tag = "inventory",
    request_body = StockImport,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 200, description = "The balances now.", body = ImportedStock),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`stock_limit`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn import(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Json(body): Json<StockImport>,
) -> Result<Answer> {
    let repeated: Vec<FieldError> = repeated(body.lines.iter().map(|l| l.variant_id))
        .into_iter()
        .map(|position| FieldError {
            pointer: format!("/lines/{position}/variant_id"),
            code: "duplicate".into(),
            detail: "This variant stands in a line before.".into(),
        })
        .collect();
    if !repeated.is_empty() {
        return Err(Error::Invalid(repeated));
    }
    let lines = serde_json::to_vec(&body.lines).map_err(|e| Error::internal(e.to_string()))?;
    let row = stock::import(
        caller.account_id,
        &idempotency,
        context.traceparent,
        lines,
        body.reason,
    )
    .await?;
    redis::ring_relay();
    Answer::from_write(row)
}

/// A correction of the count.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockAdjustment {
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
/// Reserved units cannot be taken away. With several warehouses the first by priority that can bear
/// it is corrected.
#[utoipa::path(
    post,
    path = "/v1/stock/adjustments",
    tag = "inventory",
    request_body = StockAdjustment,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 200, description = "The balance now.", body = StockBalance),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: the caller never had stock of it.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`stock_in_use`, `stock_limit`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
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
    let row = stock::adjust(
        caller.account_id,
        &idempotency,
        context.traceparent,
        body.variant_id,
        body.delta,
        body.reason,
    )
    .await?;
    redis::ring_relay();
    Answer::from_write(row)
}
