//! Reading stock.

use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Page, PageQuery, Path, Problem, Query};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use crate::domain::variants::read_list;
use crate::store::stock::{self, LedgerPosition};

/// What a seller has of a variant.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct StockBalance {
    variant_id: Uuid,
    /// Units on all shelves.
    on_hand: u32,
    /// Of these, units that orders being placed hold.
    reserved: u32,
    /// Units that can be sold: `on_hand` less `reserved` in all active warehouses.
    available: u32,
    /// By warehouse, the one that is taken from first at the top.
    warehouses: Vec<WarehouseBalance>,
}

/// What lies in one warehouse.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WarehouseBalance {
    warehouse_id: Uuid,
    #[schema(example = "main")]
    name: String,
    /// Nothing is taken from an inactive one.
    active: bool,
    on_hand: u32,
    reserved: u32,
    /// 0 while it is inactive.
    available: u32,
    updated_at: chrono::DateTime<chrono::Utc>,
}

/// A page of balances.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct StockPage {
    items: Vec<StockBalance>,
    next_cursor: Option<String>,
}

/// Lists the caller's stock by variant, the variants made last first.
#[utoipa::path(
    get,
    path = "/v1/stock",
    tag = "inventory",
    operation_id = "list_stock",
    params(PageQuery),
    responses(
        (status = 200, description = "A page of balances.", body = StockPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(caller: Caller, page: Page) -> Result<Answer> {
    let items = stock::balances(caller.account_id, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Reads the caller's stock of a variant.
#[utoipa::path(
    get,
    path = "/v1/stock/{variant_id}",
    tag = "inventory",
    operation_id = "read_stock",
    params(("variant_id" = Uuid, Path, description = "The variant.")),
    responses(
        (status = 200, description = "The balance.", body = StockBalance),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: the caller never had stock of it.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(caller: Caller, Path(variant): Path<Uuid>) -> Result<Answer> {
    let balance = stock::balance(caller.account_id, variant).await?;
    balance.map(Answer::json_text).ok_or_else(Error::not_found)
}

/// One change of a stock row.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct StockMovement {
    /// Grows from one movement to the next, with gaps.
    sequence: i64,
    /// `import`, `reserve`, `release`, `expire`, `commit` (sold), `return`, `adjust` or `transfer`.
    #[schema(example = "import")]
    kind: String,
    warehouse_id: Uuid,
    /// Change of `on_hand`.
    on_hand_delta: i32,
    /// Change of `reserved`.
    reserved_delta: i32,
    /// The order that it was for.
    order_id: Option<Uuid>,
    /// The account that did it; null where the platform did.
    actor_id: Option<Uuid>,
    reason: Option<String>,
    at: chrono::DateTime<chrono::Utc>,
}

/// A page of the ledger.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct StockMovementPage {
    items: Vec<StockMovement>,
    next_cursor: Option<String>,
}

/// Lists every movement of the caller's stock of a variant, newest first.
#[utoipa::path(
    get,
    path = "/v1/stock/{variant_id}/movements",
    tag = "inventory",
    operation_id = "list_stock_movements",
    params(("variant_id" = Uuid, Path, description = "The variant."), PageQuery),
    responses(
        (status = 200, description = "A page of the ledger.", body = StockMovementPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: the caller never had stock of it.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn movements(
    caller: Caller,
    Path(variant): Path<Uuid>,
    page: Page<LedgerPosition>,
) -> Result<Answer> {
    let items = stock::movements(caller.account_id, variant, &page)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Which variants.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AvailabilityQuery {
    /// 1 to 100 ids, separated by commas.
    #[garde(custom(id_list))]
    variant_ids: String,
}

fn id_list(text: &str, (): &()) -> garde::Result {
    match read_list(text) {
        Some(_) => Ok(()),
        None => Err(garde::Error::new(
            "1 to 100 ids of variants, separated by commas",
        )),
    }
}

/// Units of a variant that a seller could sell now.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct VariantAvailability {
    variant_id: Uuid,
    /// Only the variant's own seller's stock serves its buyers.
    seller_id: Uuid,
    available: u32,
}

/// Availability of the variants asked for.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct AvailabilityList {
    /// By variant and seller. Variants that nobody ever stocked are left out.
    items: Vec<VariantAvailability>,
}

/// Says how many units of variants are left. Anybody may ask.
#[utoipa::path(
    get,
    path = "/v1/stock/availability",
    tag = "inventory",
    operation_id = "read_availability",
    params(AvailabilityQuery),
    responses(
        (status = 200, description = "What is left.", body = AvailabilityList),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn availability(Query(query): Query<AvailabilityQuery>) -> Result<Answer> {
    let variants = read_list(&query.variant_ids).unwrap_or_default();
    Ok(Answer::json_text(stock::availability(&variants).await?))
}
