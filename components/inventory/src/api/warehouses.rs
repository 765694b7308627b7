//! Warehouses.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Idempotency, IfMatch, Json, Path, Problem, RequestContext};
use stoa_kit::{Result, redis};
use uuid::Uuid;

use super::validators::label;
use crate::store::warehouses::{self, Change};

/// Where a seller keeps stock.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Warehouse {
    id: Uuid,
    #[schema(example = "main")]
    name: String,
    /// Lower is taken from first.
    priority: i32,
    /// Nothing is taken from an inactive one; what is reserved there is still sold.
    active: bool,
    /// Its ETag, for changing it.
    version: i64,
    created_at: chrono::DateTime<chrono::Utc>,
}

/// All warehouses of a seller.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WarehouseList {
    /// The one that is taken from first at the top; at most 50.
    items: Vec<Warehouse>,
    /// Always null: there is one page.
    next_cursor: Option<String>,
}

/// Lists the caller's warehouses, the one that is taken from first at the top.
///
/// At most 50, so that there is one page. The first import makes the one named `main`.
#[utoipa::path(
    get,
    path = "/v1/warehouses",
    tag = "inventory",
    operation_id = "list_warehouses",
    responses(
        (status = 200, description = "The warehouses, by priority, then id.", body = WarehouseList),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn list(caller: Caller) -> Result<Answer> {
    let items = warehouses::list(caller.account_id).await?;
    Ok(Answer::list::<Uuid>(&items, None))
}

/// A warehouse to be made.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWarehouse {
    /// Unique among the caller's.
    #[garde(length(chars, min = 1, max = 100), custom(label))]
    #[schema(min_length = 1, max_length = 100, example = "Da Nang")]
    name: String,
    /// Lower is taken from first.
    #[garde(range(min = 0, max = 1_000_000))]
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000, default = 0)]
    priority: i32,
}

/// Makes a warehouse of the caller. At most 50, one place of which is kept for `main`.
#[utoipa::path(
    post,
    path = "/v1/warehouses",
    tag = "inventory",
    operation_id = "create_warehouse",
    request_body = NewWarehouse,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 201, description = "The warehouse; its version is the ETag.", body = Warehouse),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`warehouse_name_taken`, `warehouse_limit`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn create(
    caller: Caller,
    idempotency: Idempotency,
    Json(body): Json<NewWarehouse>,
) -> Result<Answer> {
    let row =
        warehouses::create(caller.account_id, &idempotency, &body.name, body.priority).await?;
    Ok(Answer::from_write(row)?.version(1))
}

/// What to change of a warehouse; what is left out stays.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"active": false}))]
pub struct WarehousePatch {
    #[garde(length(chars, min = 1, max = 100), inner(custom(label)))]
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000)]
    priority: Option<i32>,
    #[garde(skip)]
    active: Option<bool>,
}

/// Changes a warehouse of the caller.
///
/// An inactive one keeps its stock and what is reserved there, but nothing more is taken from it and
/// nothing of it counts as available. One from which more than 10,000 variants could be had is not
/// switched on or off.
#[utoipa::path(
    patch,
    path = "/v1/warehouses/{id}",
    tag = "inventory",
    operation_id = "change_warehouse",
    request_body = WarehousePatch,
    params(
        ("id" = Uuid, Path, description = "The warehouse."),
        ("If-Match" = String, Header, description = "Its version: the ETag, or `version` in the list."),
    ),
    responses(
        (status = 200, description = "The warehouse now; its version is the ETag.", body = Warehouse),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`warehouse_name_taken`, `warehouse_limit`, or `warehouse_too_large`.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`stale_version`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "`precondition_required`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn change(
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<WarehousePatch>,
) -> Result<Answer> {
    let change = Change {
        name: body.name,
        priority: body.priority,
        active: body.active,
    };
    let changed =
        warehouses::change(caller.account_id, id, version, context.traceparent, change).await?;
    redis::ring_relay();
    Ok(Answer::json_text(changed.json).version(changed.version))
}
